// A history as checkers want it: who asked for what, who sent what under which claim, what happened to each
// record. Built by view-of.ts; checkers only read it.

import type { ChargeRequest } from '../../src/gateway/port.ts';
import type { ClaimAnswer, IdempotencyRecord, WriteAnswer } from '../../src/idempotency/store.ts';
import type { BookedCharge, Crossing, History, LogEntry, Passage } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';

/** One `gateway.authorize` crossing, with what its sender held. */
export interface Send {
  readonly crossing: Crossing;
  readonly request: ChargeRequest;
  /** The sender's latest owned claim whose answer it had seen before it sent; undefined when it had none. */
  readonly claim: Crossing | undefined;
  /** The send before this one in the same owner call: same actor, same claim, same generation. */
  readonly before: Send | undefined;
  /** Place within the owner call, from 1. */
  readonly attempt: number;
}

/** Everything about one intended purchase. Lists are in the order of the calls. */
export interface IntentView {
  readonly token: string;
  /** `client.charge` crossings, the final asking included. */
  readonly requests: Crossing[];
  readonly sends: Send[];
  readonly lookups: Crossing[];
  readonly charges: BookedCharge[];
  /** The store's records that its requests claimed: one, unless the target mixes keys up. */
  readonly slots: SlotView[];
  /** Whether its requests differ in amount or currency. */
  severalPayloads: boolean;
}

/** Everything about one record of the store. */
export interface SlotView {
  readonly key: string;
  /** Operations on it that the store carried out, in the order in which it did. */
  readonly operations: Crossing[];
  /** Operations that never reached the store, in the order of the calls. */
  readonly lost: Crossing[];
  /** The intent whose request claimed it first; undefined when only background actors touched it. */
  intent: IntentView | undefined;
  /** Whether requests of several intents claimed it. */
  shared: boolean;
  /** The first epoch that the record was seen in. */
  epoch: number | undefined;
  /**
   * The purchases that the record served one after the other, numbered from 0, by the epochs that it gave them.
   * Undefined while it served one: the record's own word for its age is not taken, and sooner than the declared
   * time to live a new epoch is the same purchase.
   */
  purchases: ReadonlyMap<number, number> | undefined;
}

/** Everything about one actor. */
export interface ActorView {
  readonly id: string;
  /** The intent that it asks for; undefined for background actors. */
  intent: IntentView | undefined;
  readonly claims: Crossing[];
  /** The record that it claimed last. */
  slot: SlotView | undefined;
  readonly sleeps: Crossing[];
  readonly sends: Send[];
  /** Its calls through watched guards, in the order of their arrival. */
  readonly passages: Passage[];
  /** What was logged on its behalf. */
  readonly logs: LogEntry[];
  lastSend: Send | undefined;
  /** Its own `client.charge` crossing; undefined for background actors. */
  request: Crossing | undefined;
  /** Order of its latest written `store.advance`; -1 when there was none. */
  advancedOrder: number;
  /** Order of its latest call of anything but a renewal, which is made while something else is awaited. */
  activeOrder: number;
}

/** One life of one process: breakers and limiters live as long. */
export interface LifeView {
  readonly process: string;
  /** How often the process had been started, from 1. */
  readonly incarnation: number;
  /** In the order of the calls. */
  readonly sends: Send[];
  /** In the order of their arrival. */
  readonly passages: Passage[];
}

/** A history, sorted by what checkers ask for. */
export interface View {
  readonly history: History;
  /** In the order of their first crossing or charge. */
  readonly intents: readonly IntentView[];
  readonly slots: readonly SlotView[];
  readonly actors: ReadonlyMap<string, ActorView>;
  /** Lives in which something was sent or guarded, in the order of the first of it. */
  readonly lives: readonly LifeView[];
  /** Captures, voids and refunds. */
  readonly movements: readonly Crossing[];
  /** When the world was settled; undefined when the run did not come that far. */
  readonly settledAt: Instant | undefined;
}

/** The record that a store operation left or found; undefined when there was none or the operation failed. */
export function recordAfter(operation: Crossing): IdempotencyRecord | undefined {
  const { effect, site } = operation;
  if (effect?.ok !== true) return undefined;
  if (site === 'store.read') return (effect.value as IdempotencyRecord | null) ?? undefined;
  return (effect.value as ClaimAnswer | WriteAnswer).record ?? undefined;
}

/** Whether a claim was granted, by the answer that its caller saw. */
export function sawOwned(claim: Crossing): boolean {
  return claim.reply?.ok === true && (claim.reply.value as ClaimAnswer).owned;
}

/** Whether a store operation is a conditional write that was carried out, whatever its caller saw. */
export function wasWritten({ effect }: Crossing): boolean {
  // A read may answer null, and neither reads nor claims say `written`.
  return effect?.ok === true && (effect.value as Partial<WriteAnswer> | null)?.written === true;
}
