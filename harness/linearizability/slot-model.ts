// One slot of an idempotency store, written down a second time and without its table: what a driver answered is judged by
// the contract, not by the code that other drivers are compared with.

import { isDeepStrictEqual } from 'node:util';
import type {
  ClaimAnswer,
  ClaimRequest,
  IdempotencyRecord,
  Owned,
  WriteAnswer,
} from '../../src/idempotency/store.ts';
import type { ObservedOperation, SequentialModel } from './history.ts';

/** What a slot holds, without its times. */
export type Slot = Pick<
  IdempotencyRecord,
  'state' | 'fingerprint' | 'token' | 'attemptId' | 'epoch' | 'generation' | 'unresolved' | 'result'
>;

/**
 * An idempotency store's operations on one key (`claim`, `complete`, `fail`, `release`, `renew`, `suspend`, `advance`,
 * `read`), with request and reply as `IdempotencyStore` has them. Only for histories in which no lease and no record ran out.
 */
export const slotModel: SequentialModel<Slot | null> = {
  initial: () => null,
  step(slot, operation) {
    if (operation.name === 'read') return fits(operation, slot, recordOf) ? slot : undefined;
    if (operation.name === 'claim') {
      const { owned, slot: next } = claimed(slot, operation.request as ClaimRequest);
      return fits(operation, { owned, slot: next }, (reply) => {
        const { owned: isOwned, record } = reply as ClaimAnswer;
        return { owned: isOwned, slot: slotOf(record) };
      })
        ? next
        : undefined;
    }
    const written = writes(slot, operation);
    const reply = { written: written !== undefined, slot: written ?? slot };
    return fits(operation, reply, writeOf) ? (written ?? slot) : undefined;
  },
  isQuiet({ name, returned }) {
    if (name === 'read' || name === 'renew') return true;
    const reply = returned?.reply;
    return name === 'claim' ? !(reply as ClaimAnswer).owned : !(reply as WriteAnswer).written;
  },
  identity: (slot) => JSON.stringify(slot),
};

function fits(
  { returned }: ObservedOperation,
  expected: unknown,
  read: (reply: unknown) => unknown,
): boolean {
  return returned === undefined || isDeepStrictEqual(read(returned.reply), expected);
}

function recordOf(reply: unknown): Slot | null {
  return reply === null ? null : slotOf(reply as IdempotencyRecord);
}

function writeOf(reply: unknown): unknown {
  const { written, record } = reply as WriteAnswer;
  return { written, slot: recordOf(record) };
}

function claimed(slot: Slot | null, request: ClaimRequest): { readonly owned: boolean; readonly slot: Slot } {
  const { fingerprint, attemptId } = request;
  const anew = { state: 'IN_FLIGHT', fingerprint, attemptId, unresolved: false } as const;
  if (slot === null) return { owned: true, slot: { ...anew, token: 1, epoch: 0, generation: 0 } };
  const { token, epoch, generation } = slot;
  if (slot.state === 'RELEASED')
    return { owned: true, slot: { ...anew, token: token + 1, epoch, generation } };
  if (slot.fingerprint !== fingerprint) return { owned: false, slot };
  if (slot.state === 'UNKNOWN' || slot.state === 'PENDING') {
    return {
      owned: true,
      slot: { ...slot, state: 'IN_FLIGHT', attemptId, token: token + 1, unresolved: true },
    };
  }
  return { owned: slot.state === 'IN_FLIGHT' && slot.attemptId === attemptId, slot };
}

/** The slot as the write leaves it; undefined when it is refused. */
function writes(slot: Slot | null, { name, request }: ObservedOperation): Slot | undefined {
  const change = changes[name];
  if (change === undefined) throw new TypeError(`a slot has no operation ${name}`);
  if (slot?.state !== 'IN_FLIGHT' || slot.token !== (request as Owned).token) return undefined;
  return change(slot, request as Asked);
}

interface Asked {
  readonly result?: string;
  readonly state?: 'UNKNOWN' | 'PENDING';
}

const changes: Readonly<Record<string, (slot: Slot, asked: Asked) => Slot>> = {
  complete: (slot, { result = '' }) => ({ ...slot, state: 'COMPLETED', unresolved: false, result }),
  fail: (slot) => ({ ...slot, state: 'FAILED', unresolved: false }),
  release: (slot) => ({ ...slot, state: 'RELEASED', unresolved: false }),
  renew: (slot) => slot,
  suspend: (slot, { state = 'UNKNOWN' }) => ({ ...slot, state, unresolved: true }),
  advance: (slot) => ({ ...slot, generation: slot.generation + 1, unresolved: false }),
};

function slotOf({
  state,
  fingerprint,
  token,
  attemptId,
  epoch,
  generation,
  unresolved,
  result,
}: IdempotencyRecord): Slot {
  const slot = { state, fingerprint, token, attemptId, epoch, generation, unresolved };
  return result === undefined ? slot : { ...slot, result };
}
