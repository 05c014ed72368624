// The clients of the service: each request is a crossing of its own, made from outside every process, and what
// the client hears of it may be an answer, a broken connection, or nothing until its patience ends.

import { decide, type Enactment, undisturbed, type WireFailure } from '../faults/decide.ts';
import type { Answer, ChargeIntent, Crossing, Outcome } from '../history/history.ts';
import { type Actor, actAs, actor } from './actor.ts';
import { latencyTo } from './crossing.ts';
import type { QueuedEvent } from './event-queue.ts';
import type { SimulatedProcess } from './process.ts';
import { seenError } from './seen-error.ts';
import type { World } from './world.ts';

/** How long a client waits for an answer, milliseconds. */
export const patienceMs = 60_000;

/** A program that can take payments. */
export interface ChargeProgram {
  charge?(intent: ChargeIntent): Promise<Answer>;
}

/** One request to send. */
export interface Sending {
  readonly who: Actor;
  readonly process: SimulatedProcess<ChargeProgram>;
  readonly intent: ChargeIntent;
  /** Whether the network made it out of another request. */
  readonly isCopy?: boolean;
  /** Called once, when the client has an answer or knows that it won't get one. */
  readonly ended: () => void;
}

/** The clients of one world. */
export interface Clients {
  send(sending: Sending): void;
  /** Actors whose request a living process took up and never finished. */
  unfinished(): readonly string[];
  /** The intents that reached a service, in the order in which they did. */
  arrived(): readonly ChargeIntent[];
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

/** Builds the clients of `world`. */
export function clientsOf(world: World): Clients {
  const open = new Map<Exchange, () => boolean>();
  const arrivals: ChargeIntent[] = [];
  const travelMs = latencyTo('client.charge');

  const end = (exchange: Exchange, reply: Outcome | undefined): void => {
    if (exchange.over) return;
    exchange.over = true;
    exchange.patience.act = undefined;
    if (reply !== undefined) world.history.replied(exchange.record, world.nowMs(), reply);
    exchange.ended();
  };
  const breakOff = (exchange: Exchange, failure: WireFailure): void => {
    world.after(travelMs, () => end(exchange, failure === 'refused' ? refused : lost));
  };

  const serve = (exchange: Exchange): void => {
    const { process, who, intent, plan, record } = exchange;
    const program = process.program();
    if (program?.charge === undefined) return breakOff(exchange, 'refused');
    world.history.applied(record, world.nowMs(), undefined);
    arrivals.push(intent);
    const life = process.life();
    open.set(exchange, () => life.alive);
    process.onCrash(() => open.delete(exchange) && breakOff(exchange, 'reset'));
    const finish = (effect: Outcome): void => {
      if (!open.delete(exchange)) return;
      world.history.effected(record, effect);
      if (plan.reply !== 'deliver') return breakOff(exchange, plan.reply === 'refused' ? 'refused' : 'reset');
      world.after(travelMs + plan.replyHoldMs, () => end(exchange, effect));
    };
    const { charge } = program;
    actAs(who, () => charge.call(program, intent)).then(
      (answer) => finish({ ok: true, value: answer }),
      (error: unknown) => finish({ ok: false, error: seenError(error) }),
    );
  };

  const send = (sending: Sending): void => {
    const { who, process, intent, isCopy = false } = sending;
    const nth = who.next('client.charge');
    // A copy is of a message that has met its faults; were it to be copied again, it would never end.
    const faults = isCopy ? [] : world.faultsOn(who, 'client.charge', nth);
    const plan = faults.length === 0 ? undisturbed : decide(faults);
    const record = world.history.called(
      {
        actor: who.id,
        process: process.name,
        incarnation: process.life().incarnation,
        site: 'client.charge',
        nth,
        request: intent,
        faults: faults.map(({ kind }) => kind),
      },
      world.nowMs(),
    );
    const patience = world.schedule(patienceMs, () => end(exchange, undefined));
    const exchange: Exchange = { ...sending, record, plan, patience, over: false };
    if (plan.apply === 'never') {
      world.after(travelMs + plan.holdMs, () =>
        breakOff(exchange, plan.reply === 'refused' ? 'refused' : 'reset'),
      );
      return;
    }
    world.after(travelMs + plan.holdMs, () => process.whenAwake(() => serve(exchange)));
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
