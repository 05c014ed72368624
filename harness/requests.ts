// The requests of a case on their way: each step asks one process of the target, and asks again as its retries say.

import { type Fault, type RequestStep, type Retry, retriesOf, usualScope } from './cases/case.ts';
import { paymentTokenOf, type Stage } from './stage.ts';
import { actor } from './world/actor.ts';
import type { Asking } from './world/client.ts';
import { startOfTimeMs } from './world/world.ts';

/** Sends what `step` asks for, and sends it again after each attempt that has a retry behind it. */
export function request({ world, clients, processes }: Stage, step: RequestStep): void {
  const attempts: readonly Attempt[] = [{ afterMs: 0, faults: step.faults }, ...retriesOf(step)];
  const send = (index: number): void => {
    const attempt = attempts[index];
    const process = processes[attempt?.process ?? step.process] ?? processes[0];
    if (attempt === undefined || process === undefined) return;
    const who = actor(index === 0 ? step.id : `${step.id}/${index}`, attempt.faults);
    const next = attempts[index + 1];
    const ended = (): void => {
      if (next !== undefined) world.after(next.afterMs, () => send(index + 1));
    };
    const asking = askingOf(step, { amountMinor: attempt.amountMinor, nowMs: world.nowMs() });
    clients.send({ who, process, asking, ended });
  };
  send(0);
}

type Attempt = Pick<Retry, 'afterMs' | 'amountMinor' | 'process'> & {
  readonly faults?: readonly Fault[] | undefined;
};

/** The purchase that a step of the same scope knows by `key`. */
export function tokenOf(
  { scope = usualScope }: { readonly scope?: string | undefined },
  key: string,
): string {
  return paymentTokenOf(scope, key);
}

/** The day of an instant of a run, in UTC. */
export function dayOf(nowMs: number): string {
  return new Date(startOfTimeMs + nowMs).toISOString().slice(0, 10);
}

interface Sent {
  /** A changed body under the same key. */
  readonly amountMinor: number | undefined;
  readonly nowMs: number;
}

function askingOf(step: RequestStep, { amountMinor: changedMinor, nowMs }: Sent): Asking {
  if (step.do === 'reconcile') return { site: 'client.reconcile', intent: { day: step.day ?? dayOf(nowMs) } };
  const { scope = usualScope, key, currency } = step;
  const amountMinor = changedMinor ?? step.amountMinor;
  switch (step.do) {
    case 'charge': {
      const paymentToken = paymentTokenOf(scope, key);
      return { site: 'client.charge', intent: { paymentToken, scope, key, amountMinor, currency } };
    }
    case 'checkout': {
      const { risk = 'none', note } = step;
      const paymentToken = paymentTokenOf(scope, key);
      const order = { paymentToken, scope, key, amountMinor, currency, risk };
      return { site: 'client.checkout', intent: note === undefined ? order : { ...order, note } };
    }
    case 'refund': {
      const { order } = step;
      const paymentToken = paymentTokenOf(scope, order);
      return { site: 'client.refund', intent: { paymentToken, scope, order, key, amountMinor, currency } };
    }
  }
}
