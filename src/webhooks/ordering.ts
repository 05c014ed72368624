// Where an event leaves its object. What is signed did happen, but not necessarily last: deliveries overtake each other, and
// versions are missing, equal, or only seconds. So unless versions and lattice agree, the gateway is asked.

import { GatewayServerError } from '../errors/payment-error.ts';
import type { EventObject, WebhookEvent } from './event.ts';
import type { ObjectPosition, ObjectState } from './inbox-store.ts';
import type { StateLattice } from './state-lattice.ts';

/** How the states of objects are kept in order. */
export interface Ordering {
  /** Such as `paymentLattice`. */
  readonly lattice: StateLattice;
  /**
   * Asks the gateway for the object as it is now; null when it knows none. May be stale. Rejects when the gateway could not
   * be asked; then the event is tried again later. `event` is what announced it: its data may hold the names by which the
   * gateway can be asked.
   */
  readonly fetch: (
    object: EventObject,
    signal: AbortSignal,
    event: WebhookEvent,
  ) => Promise<ObjectState | null>;
}

/**
 * What an event does to the state of its object.
 *
 * - `moves`: it goes on `to` a later state, or to its first one;
 * - `stays`: it is at that state or beyond already, for the event came late, or another one announced the same;
 * - `unordered`: the event says nothing about it, or the inbox keeps no order.
 */
export type Movement =
  | { readonly kind: 'moves'; readonly from: string | null; readonly to: ObjectState }
  | { readonly kind: 'stays'; readonly at: string }
  | { readonly kind: 'unordered' };

/** An event with what else decides about its object. */
export interface Placing {
  readonly event: WebhookEvent;
  readonly position: ObjectPosition | null;
  readonly signal: AbortSignal;
}

/**
 * Decides what the event does, or answers `unknown` when the gateway knows no such object (yet).
 *
 * The gateway is asked unless both versions are known and differ, and the lattice says the same as they do; an older version never
 * moves the object, whatever the lattice says. The object's first
 * event is in doubt as well: it may be late already, and the object further on in the API's answers.
 *
 * @throws GatewayServerError when the gateway's answer is not in the lattice, or neither follows nor precedes the object's state.
 */
export async function movementOf(placing: Placing, ordering: Ordering): Promise<Movement | 'unknown'> {
  const { event, position, signal } = placing;
  const { lattice, fetch } = ordering;
  if (event.status === undefined) return { kind: 'unordered' };
  const announced = stateOf(event.status, event.version);
  const settled = position === null ? undefined : withoutAsking(announced, position, lattice);
  if (settled !== undefined) return settled;
  const fetched = await fetch(event.object, signal, event);
  if (fetched === null) return 'unknown';
  if (!lattice.knows(fetched.status)) {
    throw new GatewayServerError(
      `webhook: the gateway says ${fetched.status}, which the lattice has no place for`,
    );
  }
  // A stale answer can lag behind what was signed.
  const latest = lattice.mayMove(fetched.status, announced.status)
    ? announced
    : stateOf(fetched.status, fetched.version);
  if (position !== null && isOlder(latest, position)) return { kind: 'stays', at: position.status };
  if (position === null || lattice.mayMove(position.status, latest.status)) {
    return { kind: 'moves', from: position?.status ?? null, to: latest };
  }
  if (isBehind(latest, position, lattice)) return { kind: 'stays', at: position.status };
  throw new GatewayServerError(
    `webhook: the gateway says ${latest.status} of an object that was ${position.status}, and neither follows the other; compare both there`,
  );
}

function withoutAsking(
  announced: ObjectState,
  position: ObjectPosition,
  lattice: StateLattice,
): Movement | undefined {
  if (announced.version === undefined || position.version === undefined) return undefined;
  if (announced.version > position.version && lattice.mayMove(position.status, announced.status)) {
    return { kind: 'moves', from: position.status, to: announced };
  }
  if (announced.version < position.version && isBehind(announced, position, lattice)) {
    return { kind: 'stays', at: position.status };
  }
  return undefined;
}

/** Versions only grow, so an older one is no news, even where the lattice has a place for it (a payment after its decline). */
function isOlder({ version }: ObjectState, position: ObjectPosition): boolean {
  return version !== undefined && position.version !== undefined && version < position.version;
}

function isBehind({ status }: ObjectState, position: ObjectPosition, lattice: StateLattice): boolean {
  return status === position.status || lattice.mayMove(status, position.status);
}

function stateOf(status: string, version: number | undefined): ObjectState {
  return version === undefined ? { status } : { status, version };
}
