// The idempotent layer: one effect per key, whatever is lost, repeated, delayed or killed around it.

import { IdempotencyConflictError, StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import { type AuditRecord, codeOf, writeAudit } from '../resilience/audit.ts';
import { layer } from '../resilience/layer.ts';
import type { Call, Layer, Operation } from '../resilience/operation.ts';
import { type HashPayloadOptions, hashPayload, sameFingerprint } from './fingerprint.ts';
import { type IdempotencyOptions, type IdempotencySettings, settingsOf } from './options.ts';
import { conclude } from './owner.ts';
import { takeUp } from './ownership.ts';
import { checkedKey, scopedKey } from './slot.ts';
import type { ClaimAnswer, ClaimRequest } from './store.ts';
import { refusalOf, verdictOf } from './verdict.ts';

/**
 * Makes an operation idempotent by the client's key.
 *
 * The operation resolves with the first result, however often it is called, and rejects with
 * - `ValidationError`: missing or malformed key; nothing is stored;
 * - `IdempotencyConflictError`: the key was used with another payload, in any state;
 * - `IdempotencyInProgressError`: the same request is still running here;
 * - `StoreUnavailableError`: no claim could be made, so nothing was sent;
 * - `OutcomeUnknownError`, or the unknown failure itself: ask again with the same key;
 * - the stored final failure, same class, code and message;
 * - whatever the operation below threw without effect: the slot is free again.
 *
 * Each replay, each conflict and each call that ends before it holds a claim leaves one audit record.
 */
export function idempotent<Request, Result>(
  options: IdempotencyOptions<Request, Result>,
): Layer<Request, Result, 'idempotent'> {
  const settings = settingsOf(options);
  return layer(
    'idempotent',
    (next: Operation<Request, Result>): Operation<Request, Result> =>
      async (request, call: Call = {}) => {
        const { claim, askedAtMs, asked } = await asking(settings, request, call);
        const replayed = (code: string): void => {
          audit(settings, { audit: 'replay', code, idempotencyKey: asked.key });
          call.onReplay?.();
        };
        if (claim.owned) {
          const owner = takeUp(settings, claim, askedAtMs);
          return conclude({ settings, owner, next, request, call, replayed });
        }
        const refusal = refusalOf(claim.record, asked.fingerprint);
        if (refusal === undefined) return verdictOf<Result>(claim.record, replayed);
        const kind = refusal instanceof IdempotencyConflictError ? 'conflict' : 'rejected';
        audit(settings, { audit: kind, code: refusal.code, idempotencyKey: asked.key });
        throw refusal;
      },
  );
}

/** A claim that the store has answered. */
interface Claimed {
  readonly claim: ClaimAnswer;
  /** Own monotonic clock before the claim was sent. */
  readonly askedAtMs: number;
  readonly asked: ClaimRequest;
}

/**
 * Claims the slot, and waits for a concurrent duplicate for as long as the settings say. Whatever ends the call before
 * it has an answer to its claim is a local rejection.
 */
async function asking<Request, Result>(
  settings: IdempotencySettings<Request, Result>,
  request: Request,
  call: Call,
): Promise<Claimed> {
  const { runtime, store, waitMs, pollMs } = settings;
  let asked: ClaimRequest | undefined;
  try {
    asked = claimFor(settings, request);
    const giveUpAtMs = runtime.monotonicMs() + waitMs;
    for (;;) {
      const askedAtMs = runtime.monotonicMs();
      let claim: ClaimAnswer;
      try {
        claim = await store.claim(asked);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        // A claim whose reply was lost is recognised by its attempt id. The lease counts from the first.
        claim = await store.claim(asked);
      }
      const { owned, record } = claim;
      if (record.fingerprint === asked.fingerprint) {
        const waits = !owned && record.state === 'IN_FLIGHT';
        if (!waits || runtime.monotonicMs() + pollMs > giveUpAtMs) return { claim, askedAtMs, asked };
        await runtime.sleep(pollMs, call.signal);
      } else if (wasRotated(settings, request, record.fingerprint)) {
        asked = { ...asked, fingerprint: record.fingerprint };
      } else return { claim, askedAtMs, asked };
    }
  } catch (error) {
    const named = asked === undefined ? {} : { idempotencyKey: asked.key };
    audit(settings, { audit: 'rejected', code: codeOf(error), ...named });
    throw error;
  }
}

function audit<Request, Result>(
  { runtime, operation }: IdempotencySettings<Request, Result>,
  record: Omit<AuditRecord, 'operation'>,
): void {
  writeAudit(runtime, { ...record, operation });
}

function claimFor<Request, Result>(
  settings: IdempotencySettings<Request, Result>,
  request: Request,
): ClaimRequest {
  return {
    key: scopedKey(settings.scope(request), checkedKey(settings.key(request))),
    fingerprint: hashPayload(settings.payload(request), keyOf(settings)),
    request: requestText(request),
    attemptId: settings.runtime.id('attempt'),
    leaseMs: settings.leaseMs,
  };
}

/** What the sweep reads back; a request that JSON cannot hold is refused before anything is claimed. */
function requestText(request: unknown): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(request);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return text;
  throw new ValidationError('idempotent: the request has no JSON form; pass plain data', { cause });
}

function keyOf<Request, Result>({ keyring }: IdempotencySettings<Request, Result>): HashPayloadOptions {
  const [hmac] = keyring;
  return hmac === undefined ? {} : { hmac };
}

/** Whether `stored` is this very payload under another key: rotating the key must not make a retry a conflict. */
function wasRotated<Request, Result>(
  settings: IdempotencySettings<Request, Result>,
  request: Request,
  stored: string,
): boolean {
  const { keyring, payload } = settings;
  if (keyring.length === 0) return false;
  return sameFingerprint(stored, payload(request), keyring) === 'same';
}
