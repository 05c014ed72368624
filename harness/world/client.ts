// Whoever asks the service something from outside: clients, operators, and the gateway that delivers its webhooks. Each
// request is a crossing of its own, and what the asker hears of it may be an answer, a broken connection, or nothing until
// its patience ends.

import { decide, type Enactment, type Striking, undisturbed, type WireFailure } from '../faults/decide.ts';
import type { Answer, ChargeIntent, Crossing, Outcome } from '../history/history.ts';
import type {
  DeliveryIntent,
  OrderIntent,
  Reconciled,
  ReconcileIntent,
  RefundIntent,
} from '../history/shop.ts';
import { type Actor, actAs, actor } from './actor.ts';
import { latencyTo } from './crossing.ts';
import type { QueuedEvent } from './event-queue.ts';
import type { SimulatedProcess } from './process.ts';
import { seenError } from './seen-error.ts';
import type { World } from './world.ts';

/** How long a client waits for an answer, milliseconds. */
export const patienceMs = 60_000;

/** A program that can be asked; it refuses what it has no method for. */
export interface AskedProgram {
  charge?(intent: ChargeIntent): Promise<Answer>;
  checkout?(intent: OrderIntent): Promise<Answer>;
  refund?(intent: RefundIntent): Promise<Answer>;
  reconcile?(intent: ReconcileIntent): Promise<Reconciled>;
  webhook?(
    rawBody: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number }>;
}

/** What can be asked, and where the asking is recorded. */
export type Asking =
  | { readonly site: 'client.charge'; readonly intent: ChargeIntent }
  | { readonly site: 'client.checkout'; readonly intent: OrderIntent }
  | { readonly site: 'client.refund'; readonly intent: RefundIntent }
  | { readonly site: 'client.reconcile'; readonly intent: ReconcileIntent }
  | { readonly site: 'webhook.deliver'; readonly intent: DeliveryIntent };

/** One request to send. */
export interface Sending {
  readonly who: Actor;
  readonly process: SimulatedProcess<AskedProgram>;
  readonly asking: Asking;
  /** How long the asker waits, milliseconds; by default as long as a client. */
  readonly patienceMs?: number;
  /** What strikes it, where that was settled before; by default what the world says. */
  readonly faults?: readonly Striking[];
  /** Whether the network made it out of another request. */
  readonly isCopy?: boolean;
  /** Called once, with what the asker saw, or without anything when its patience ended. */
  readonly ended: (reply: Outcome | undefined) => void;
}

/** The clients of one world. */
export interface Clients {
  send(sending: Sending): void;
  /** Actors whose request a living process took up and never finished. */
  unfinished(): readonly string[];
  /** What reached a service, in the order in which it did. */
  arrived(): readonly Asking[];
}

const refused = broken('connection refused');
const lost = broken('connection lost');

function broken(message: string): Outcome {
  return { ok: false, error: { name: 'ClientError', code: 'disconnected', message } };
}

interface Exchange extends Sending {
  readonly record: Crossing;
  readonly plan: Enactment;
  /** The event at which the client stops waiting. */
  readonly patience: QueuedEvent;
  over: boolean;
}

const methods = {
  'client.charge': 'charge',
  'client.checkout': 'checkout',
  'client.refund': 'refund',
  'client.reconcile': 'reconcile',
  'webhook.deliver': 'webhook',
} as const satisfies Readonly<Record<Asking['site'], keyof AskedProgram>>;

/** The answer to come; undefined where the program has no method for what is asked. */
function ask(program: AskedProgram, { site, intent }: Asking): Promise<unknown> | undefined {
  switch (site) {
    case 'client.charge':
      return program.charge?.(intent);
    case 'client.checkout':
      return program.checkout?.(intent);
    case 'client.refund':
      return program.refund?.(intent);
    case 'client.reconcile':
      return program.reconcile?.(intent);
    case 'webhook.deliver':
      return program.webhook?.(new TextEncoder().encode(intent.body), { ...intent.headers });
  }
}

function travelMs({ asking }: Exchange): number {
  return latencyTo(asking.site);
}

/** Builds the clients of `world`. */
export function clientsOf(world: World): Clients {
  const open = new Map<Exchange, () => boolean>();
  const arrivals: Asking[] = [];

  const end = (exchange: Exchange, reply: Outcome | undefined): void => {
    if (exchange.over) return;
    exchange.over = true;
    exchange.patience.act = undefined;
    if (reply !== undefined) world.history.replied(exchange.record, world.nowMs(), reply);
    exchange.ended(reply);
  };
  const breakOff = (exchange: Exchange, failure: WireFailure): void => {
    world.after(travelMs(exchange), () => end(exchange, failure === 'refused' ? refused : lost));
  };

  const serve = (exchange: Exchange): void => {
    const { process, who, asking, plan, record } = exchange;
    const program = process.program();
    if (program?.[methods[asking.site]] === undefined) return breakOff(exchange, 'refused');
    world.history.applied(record, world.nowMs(), undefined);
    arrivals.push(asking);
    const life = process.life();
    open.set(exchange, () => life.alive);
    process.onCrash(() => open.delete(exchange) && breakOff(exchange, 'reset'));
    const finish = (effect: Outcome): void => {
      if (!open.delete(exchange)) return;
      world.history.effected(record, effect);
      if (plan.reply !== 'deliver') return breakOff(exchange, plan.reply === 'refused' ? 'refused' : 'reset');
      world.after(travelMs(exchange) + plan.replyHoldMs, () => end(exchange, effect));
    };
    actAs(who, () => ask(program, asking))?.then(
      (answer) => finish({ ok: true, value: answer }),
      (error: unknown) => finish({ ok: false, error: seenError(error) }),
    );
  };

  const send = (sending: Sending): void => {
    const { who, process, asking, isCopy = false } = sending;
    const { site, intent } = asking;
    const nth = who.next(site);
    // A copy is of a message that has met its faults; were it to be copied again, it would never end.
    const faults = isCopy ? [] : (sending.faults ?? world.faultsOn(who, site, nth));
    const plan = faults.length === 0 ? undisturbed : decide(faults);
    const record = world.history.called(
      {
        actor: who.id,
        process: process.name,
        incarnation: process.life().incarnation,
        site,
        nth,
        request: intent,
        faults: faults.map(({ kind }) => kind),
      },
      world.nowMs(),
    );
    const patience = world.schedule(sending.patienceMs ?? patienceMs, () => end(exchange, undefined));
    const exchange: Exchange = { ...sending, record, plan, patience, over: false };
    if (plan.apply === 'never') {
      world.after(travelMs(exchange) + plan.holdMs, () =>
        breakOff(exchange, plan.reply === 'refused' ? 'refused' : 'reset'),
      );
      return;
    }
    world.after(travelMs(exchange) + plan.holdMs, () => process.whenAwake(() => serve(exchange)));
    if (plan.apply === 'twice') {
      const again: Sending = { ...sending, who: actor(`${who.id}/dup`), isCopy: true, ended: () => {} };
      world.after(plan.againAfterMs, () => send(again));
    }
  };

  return {
    send,
    unfinished() {
      const ids: string[] = [];
      for (const [{ who }, alive] of open) if (alive()) ids.push(who.id);
      return ids;
    },
    arrived: () => arrivals,
  };
}
