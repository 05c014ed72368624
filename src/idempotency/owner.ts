// What the owner of a claim does with it: resolve what an earlier owner left, execute, and store what is known.

import { effectOf } from '../errors/join.ts';
import {
  AuthenticationRequiredError,
  LeaseLostError,
  OutcomeUnknownError,
  PaymentError,
  PaymentPendingError,
} from '../errors/payment-error.ts';
import { serialiseError } from '../errors/serialise.ts';
import type { Call, Operation } from '../resilience/operation.ts';
import type { IdempotencySettings } from './options.ts';
import type { Ownership } from './ownership.ts';
import { dedupFor, resolve } from './resolve.ts';
import { gatewayKey, merchantReference } from './slot.ts';
import type { IdempotencyRecord, Owned, Suspension, WriteAnswer } from './store.ts';
import { encodeResult, verdictOf } from './verdict.ts';

/** A claimed call on its way to an answer. */
export interface Claimed<Request, Result> {
  readonly settings: IdempotencySettings<Request, Result>;
  readonly owner: Ownership;
  readonly next: Operation<Request, Result>;
  readonly request: Request;
  readonly call: Call;
  /** Told when the answer is the record's and not this owner's, with the code of the stored failure or `ok`. */
  readonly replayed: (code: string) => void;
}

/**
 * Brings a claimed operation to an answer and stores it. Every write is conditional on the owner's token; where
 * one is refused, the record's verdict is answered, never the own.
 */
export async function conclude<Request, Result>(claimed: Claimed<Request, Result>): Promise<Result> {
  const { owner } = claimed;
  try {
    if (owner.record.unresolved && claimed.settings.onUnknown === 'resolve')
      return await resolveFirst(claimed);
    return await execute(claimed);
  } finally {
    owner.close();
  }
}

async function resolveFirst<Request, Result>(claimed: Claimed<Request, Result>): Promise<Result> {
  const { settings, owner } = claimed;
  let resolution: Awaited<ReturnType<typeof resolve<Request, Result>>>;
  try {
    resolution = await resolve(settings, owner);
  } catch (cause) {
    const unknown = new OutcomeUnknownError('the gateway could not be asked what became of the payment', {
      cause,
    });
    return suspend(claimed, unknown, { state: stateOf(owner), sent: false, sealed: false });
  }
  switch (resolution.kind) {
    case 'succeeded':
      return succeed(claimed, resolution.result);
    case 'failed':
      return failFinally(claimed, resolution.error as PaymentError);
    case 'pending': {
      const { gatewayId } = resolution;
      const pending = new PaymentPendingError('the payment waits for the payer or the gateway', {
        gatewayId,
      });
      return suspend(claimed, pending, { state: 'PENDING', sent: false, sealed: false, gatewayId });
    }
    case 'wait': {
      const unknown = new OutcomeUnknownError('the outcome is not known yet; ask again with the same key');
      return suspend(claimed, unknown, { state: 'UNKNOWN', sent: false, sealed: resolution.sealed });
    }
    case 'advance': {
      const answer = await attempted(settings.store.advance(ownedBy(owner)));
      if (answer === 'no-answer')
        throw new OutcomeUnknownError('the store did not answer; ask again with the same key');
      if (!answer.written) return recordedVerdict(claimed, answer.record);
      owner.record = answer.record;
      return execute(claimed);
    }
    case 'send':
      return execute(claimed);
  }
}

function stateOf(owner: Ownership): 'UNKNOWN' | 'PENDING' {
  return owner.record.gatewayId === undefined ? 'UNKNOWN' : 'PENDING';
}

async function execute<Request, Result>(claimed: Claimed<Request, Result>): Promise<Result> {
  const { settings, owner, next, request, call } = claimed;
  const { record } = owner;
  const dedup = dedupFor(settings, record, owner.claimedAtMs);
  let result: Result;
  try {
    result = await next(request, {
      ...call,
      idempotencyKey: gatewayKey(record, settings.operation),
      merchantReference: merchantReference(record, settings.operation),
      mayResend: dedup === 'every-answer',
      fence: owner.fence,
    });
  } catch (error) {
    owner.close();
    return failed(claimed, error, dedup === 'every-answer');
  }
  owner.close();
  return succeed(claimed, result);
}

async function failed<Request, Result>(
  claimed: Claimed<Request, Result>,
  error: unknown,
  finalsSettle: boolean,
): Promise<Result> {
  const { settings, owner } = claimed;
  const { unresolved } = owner.record;
  if (error instanceof AuthenticationRequiredError || error instanceof PaymentPendingError) {
    const { gatewayId } = error;
    const named = gatewayId === undefined ? {} : { gatewayId };
    return suspend(claimed, error, { state: 'PENDING', sent: true, sealed: false, ...named });
  }
  const lapsed = error instanceof LeaseLostError;
  const effect = lapsed ? 'unknown' : effectOf(error);
  if (effect === 'final' && (finalsSettle || !unresolved)) return failFinally(claimed, error as PaymentError);
  if (effect === 'none' && !unresolved) return release(claimed, error);
  if (effect === 'unknown' && settings.onUnknown === 'clear') return release(claimed, error);
  const sealed = error instanceof PaymentError && error.sealed;
  const why = lapsed ? 'the lease ran out before the request was sent' : 'an earlier attempt is unresolved';
  const speaks = effect === 'unknown' && !lapsed;
  const told = speaks
    ? error
    : new OutcomeUnknownError(`${why}; ask again with the same key`, { cause: error });
  return suspend(claimed, told, { state: 'UNKNOWN', sent: effect !== 'none', sealed });
}

async function succeed<Request, Result>(claimed: Claimed<Request, Result>, result: Result): Promise<Result> {
  const { settings, owner } = claimed;
  const store = async (): Promise<WriteAnswer> =>
    settings.store.complete({ ...ownedBy(owner), result: encodeResult(result), ttlMs: settings.ttlMs });
  const answer = await attempted(store());
  return answer === 'no-answer' || answer.written ? result : recordedVerdict(claimed, answer.record);
}

async function failFinally<Request, Result>(
  claimed: Claimed<Request, Result>,
  error: PaymentError,
): Promise<Result> {
  const { settings, owner } = claimed;
  const write = { ...ownedBy(owner), failure: serialiseError(error), ttlMs: settings.ttlMs };
  return told(claimed, error, await attempted(settings.store.fail(write)));
}

async function release<Request, Result>(claimed: Claimed<Request, Result>, error: unknown): Promise<Result> {
  return told(claimed, error, await attempted(claimed.settings.store.release(ownedBy(claimed.owner))));
}

async function suspend<Request, Result>(
  claimed: Claimed<Request, Result>,
  error: unknown,
  how: Omit<Suspension, 'key' | 'token'>,
): Promise<Result> {
  claimed.owner.close();
  const write = { ...ownedBy(claimed.owner), ...how };
  return told(claimed, error, await attempted(claimed.settings.store.suspend(write)));
}

function told<Request, Result>(
  claimed: Claimed<Request, Result>,
  error: unknown,
  answer: WriteAnswer | 'no-answer',
): Result {
  if (answer === 'no-answer' || answer.written) throw error;
  return recordedVerdict(claimed, answer.record);
}

/** The verdict of the record that stood in the way of a write, unless the slot has gone to another purchase since. */
function recordedVerdict<Request, Result>(
  { owner, replayed }: Claimed<Request, Result>,
  record: IdempotencyRecord | null,
): Result {
  const { epoch, fingerprint } = owner.record;
  const isOurs = record?.epoch === epoch && record.fingerprint === fingerprint;
  return verdictOf<Result>(isOurs ? record : null, replayed);
}

/**
 * A write that may fail, or whose reply may be lost. The caller is told the truth all the same, and the record is left to its
 * lease: whoever takes it over resolves it.
 */
async function attempted(write: Promise<WriteAnswer>): Promise<WriteAnswer | 'no-answer'> {
  try {
    return await write;
  } catch {
    return 'no-answer';
  }
}

function ownedBy({ record }: Ownership): Owned {
  return { key: record.key, token: record.token };
}
