// The life of one run: build the world, let the steps fire and the faults strike, heal, settle, and ask every
// client's question once more.

import { tracePaymentErrors } from '../src/errors/payment-error.ts';
import { askAgain, payAnew, settle } from './aftermath.ts';
import type { Case, ChargeStep, Step } from './cases/case.ts';
import type { ChargeIntent, History } from './history/history.ts';
import { paymentTokenOf, runToRest, type Stage, setUp, sweep, unfinishedSweeps } from './stage.ts';
import type { Target } from './targets/target.ts';
import { captureGlobals } from './tiers/capture-globals.ts';
import { actor } from './world/actor.ts';
import type { Drive } from './world/pump.ts';

/** Runs a case to its settled end and returns its history. See `runCase`; benches try other ways to drive the world. */
export async function storm(subject: Case, target: Target, drive?: Drive): Promise<History> {
  const traced = tracePaymentErrors(false);
  const releaseGlobals = subject.tier === 'msw' ? captureGlobals() : () => {};
  try {
    return await stormed(setUp(subject, target, drive), subject);
  } finally {
    releaseGlobals();
    tracePaymentErrors(traced);
  }
}

async function stormed(stage: Stage, subject: Case): Promise<History> {
  const { world, clients } = stage;
  for (const process of stage.processes) process.start();
  scheduleSteps(stage, subject);
  scheduleSweeps(stage, subject);
  await runToRest(stage);

  world.heal();
  for (const process of stage.processes) process.start();
  await settle(stage);
  askAgain(stage);
  await runToRest(stage);
  payAnew(stage);
  await runToRest(stage);
  world.releaseLate();
  await runToRest(stage);
  world.history.incident({ kind: 'settled' }, world.nowMs());
  const deadlocked = [...clients.unfinished(), ...unfinishedSweeps(stage)];
  return world.history.close({ terms: stage.terms, books: stage.books(), deadlocked });
}

function scheduleSteps(stage: Stage, subject: Case): void {
  for (const step of subject.steps) {
    stage.world.after(step.at, () => take(stage, step));
  }
}

function take(stage: Stage, step: Step): void {
  switch (step.do) {
    case 'charge':
      return charge(stage, step);
    case 'clock':
      return stage.processes[step.process]?.jumpClock(step.jumpMs);
    case 'step-up': {
      const paymentToken = paymentTokenOf(step.scope ?? 'shop', step.key);
      const { outcome } = step;
      stage.world.history.incident({ kind: 'stepped-up', paymentToken, outcome }, stage.world.nowMs());
      return stage.stepUp(paymentToken, outcome);
    }
  }
}

function charge({ world, clients, processes }: Stage, step: ChargeStep): void {
  const scope = step.scope ?? 'shop';
  const { key, currency } = step;
  const attempts = [
    { afterMs: 0, faults: step.faults, amountMinor: undefined, process: undefined },
    ...(step.retries ?? []),
  ];
  const send = (index: number): void => {
    const attempt = attempts[index];
    const process = processes[attempt?.process ?? step.process] ?? processes[0];
    if (attempt === undefined || process === undefined) return;
    const amountMinor = attempt.amountMinor ?? step.amountMinor;
    const intent: ChargeIntent = {
      paymentToken: paymentTokenOf(scope, key),
      scope,
      key,
      amountMinor,
      currency,
    };
    const who = actor(index === 0 ? step.id : `${step.id}/${index}`, attempt.faults);
    const next = attempts[index + 1];
    const ended = (): void => {
      if (next !== undefined) world.after(next.afterMs, () => send(index + 1));
    };
    clients.send({ who, process, intent, ended });
  };
  send(0);
}

function scheduleSweeps(stage: Stage, { config, background }: Case): void {
  const everyMs = config?.sweepEveryMs;
  if (everyMs === undefined) return;
  for (let index = 1; index <= (config?.sweeps ?? 1); index++) {
    const process = stage.processes[(index - 1) % stage.processes.length];
    const name = `sweep:${index}`;
    stage.world.after(index * everyMs, () => sweep(stage, process, { id: name, faults: background?.[name] }));
  }
}
