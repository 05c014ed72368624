// Convinces by each case in which an event may find its object: ahead, behind, equal, in doubt, in conflict; and by whether
// the gateway was asked, since it must be exactly where versions do not settle it.

import { describe, expect, it } from 'vitest';
import { GatewayServerError, NetworkError } from '../errors/payment-error.ts';
import type { ObjectPosition, ObjectState } from './inbox-store.ts';
import { type Movement, movementOf } from './ordering.ts';
import { paymentLattice } from './state-lattice.ts';
import { eventOf, inboxRig } from './testing.ts';

const never = new AbortController().signal;

/** What becomes of an event `[status, version]` at a position, where the gateway says `fetched`; and whether it was asked. */
async function placed(
  [status, version]: readonly [string, number?],
  position: readonly [string, number?] | null,
  fetched: ObjectState | null | 'not asked' = 'not asked',
): Promise<Movement | 'unknown'> {
  const event = eventOf('e', version === undefined ? { status } : { status, version });
  let asked = false;
  const movement = await movementOf(
    { event, position: position === null ? null : positionOf(position), signal: never },
    {
      lattice: paymentLattice,
      fetch: async (object, _, announcement) => {
        expect(object).toEqual(event.object);
        expect(announcement).toBe(event);
        asked = true;
        if (fetched === 'not asked') throw new NetworkError('asked', { effect: 'none' });
        return fetched;
      },
    },
  );
  expect(asked).toBe(fetched !== 'not asked');
  return movement;
}

function positionOf([status, version]: readonly [string, number?]): ObjectPosition {
  return version === undefined ? { status, revision: 1 } : { status, version, revision: 1 };
}

const moves = (from: string | null, status: string, version?: number) => ({
  kind: 'moves',
  from,
  to: version === undefined ? { status } : { status, version },
});
const stays = (at: string) => ({ kind: 'stays', at });

describe('an event of a known version', () => {
  it('moves its object on when it is newer and further, without asking', async () => {
    expect(await placed(['captured', 2], ['authorized', 1])).toEqual(moves('authorized', 'captured', 2));
    expect(await placed(['refunded', 9], ['authorized', 1])).toEqual(moves('authorized', 'refunded', 9));
  });

  it('leaves its object where it is when it is older and behind, without asking', async () => {
    expect(await placed(['authorized', 1], ['captured', 2])).toEqual(stays('captured'));
    expect(await placed(['captured', 1], ['captured', 2])).toEqual(stays('captured'));
  });

  it('is in doubt when versions are equal, or contradict the lattice', async () => {
    expect(await placed(['captured', 1], ['authorized', 1], { status: 'captured', version: 1 })).toEqual(
      moves('authorized', 'captured', 1),
    );
    expect(await placed(['captured', 1], ['captured', 1], { status: 'captured', version: 1 })).toEqual(
      stays('captured'),
    );
    expect(await placed(['authorized', 3], ['captured', 2], { status: 'captured', version: 3 })).toEqual(
      stays('captured'),
    );
  });

  it('never moves its object back to an older version, even where the lattice has a place for it', async () => {
    expect(await placed(['refunded', 1], ['captured', 2], { status: 'captured', version: 2 })).toEqual(
      stays('captured'),
    );
    expect(await placed(['failed', 1], ['authorized', 2], { status: 'authorized' })).toEqual(
      stays('authorized'),
    );
    expect(await placed(['failed', 1], ['authorized', 2], { status: 'failed', version: 1 })).toEqual(
      stays('authorized'),
    );
    expect(await placed(['failed', 1], ['authorized', 2], { status: 'captured', version: 3 })).toEqual(
      moves('authorized', 'captured', 3),
    );
  });
});

describe('an event in doubt', () => {
  it('is settled by the gateway, for the first of its object and where a version is missing', async () => {
    expect(await placed(['authorized', 1], null, { status: 'captured', version: 2 })).toEqual(
      moves(null, 'captured', 2),
    );
    expect(await placed(['captured'], ['authorized', 1], { status: 'refunded' })).toEqual(
      moves('authorized', 'refunded'),
    );
    expect(await placed(['authorized', 2], ['captured'], { status: 'captured' })).toEqual(stays('captured'));
  });

  it('is believed where the gateway lags behind it', async () => {
    expect(await placed(['captured'], null, { status: 'authorized' })).toEqual(moves(null, 'captured'));
    expect(await placed(['captured'], ['authorized'], { status: 'authorized' })).toEqual(
      moves('authorized', 'captured'),
    );
  });

  it('never moves an object back, whatever the gateway says', async () => {
    expect(await placed(['authorized'], ['refunded'], { status: 'captured' })).toEqual(stays('refunded'));
    expect(await placed(['voided'], ['captured'], { status: 'captured' })).toEqual(stays('captured'));
    await expect(placed(['voided'], ['captured'], { status: 'voided' })).rejects.toThrow(GatewayServerError);
    await expect(placed(['voided'], ['captured'], { status: 'authorized' })).rejects.toThrow(
      GatewayServerError,
    );
    await expect(placed(['captured'], null, { status: 'lost' })).rejects.toThrow(GatewayServerError);
  });

  it('waits while the gateway does not know its object', async () => {
    expect(await placed(['captured', 1], null, null)).toBe('unknown');
  });
});

describe('an inbox that orders', () => {
  it('parks what the gateway does not know, without calling the handler, and retries what it could not ask', async () => {
    const answers: (ObjectState | null | Error)[] = [
      null,
      new NetworkError('refused', { effect: 'none' }),
      { status: 'captured' },
    ];
    const seen: unknown[] = [];
    const { inbox, receive, runtime } = inboxRig({
      ordering: {
        lattice: paymentLattice,
        fetch: async () => {
          const answer = answers.shift() ?? null;
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
      handle: async (_, { movement }) => {
        seen.push(movement);
        return { kind: 'done' };
      },
    });
    await receive(eventOf('e', { status: 'authorized' }));
    expect(await inbox.work()).toMatchObject({ parked: 1 });
    await runtime.advance(1_000);
    expect(await inbox.work()).toMatchObject({ failed: 1 });
    await runtime.advance(1_000);
    expect(await inbox.work()).toMatchObject({ done: 1 });
    expect(seen).toEqual([moves(null, 'captured')]);
  });

  it('handles late events all the same, and those without a status unordered', async () => {
    const seen: unknown[] = [];
    const { inbox, receive } = inboxRig({
      ordering: { lattice: paymentLattice, fetch: async () => ({ status: 'captured', version: 2 }) },
      handle: async ({ id }, { movement }) => {
        seen.push([id, movement.kind]);
        return { kind: 'done' };
      },
    });
    await receive(eventOf('second', { status: 'captured', version: 2 }));
    await receive(eventOf('first', { status: 'authorized', version: 1, transition: 'authorized' }));
    await receive(eventOf('other'));
    await inbox.work();
    expect(seen).toEqual([
      ['second', 'moves'],
      ['first', 'stays'],
      ['other', 'unordered'],
    ]);
  });
});
