// Asking for an earlier payment. What is answered is true as of some instant, and that instant may lie back by
// as much as the gateway says it may.

import type { GatewayCapabilities, LookupRequest } from '../../src/gateway/port.ts';
import type { Injection } from '../faults/decide.ts';
import type { FarSide } from '../world/boundary.ts';
import { decline, type LookupAnswer, refusal, type WireAnswer } from './answer.ts';
import type { Ledger } from './books.ts';
import type { KeyLedger } from './keys.ts';
import { chargeOf, type Payment } from './payment.ts';

/** What look-ups read. */
export interface LookupParts {
  readonly books: Ledger;
  readonly keys: KeyLedger;
  readonly far: FarSide;
  readonly capabilities: GatewayCapabilities;
}

/** The look-up over one book and one ledger of keys. */
export function lookups(parts: LookupParts) {
  const { books, keys, far, capabilities } = parts;
  const { by, consistentAfterMs } = capabilities.lookup;

  // Several payments share a reference when an operation was charged twice or tried again after it failed: the
  // one that stands speaks for them, the earliest if there are more.
  function byReference(reference: string, asOfMs: number): LookupAnswer {
    let best: LookupAnswer = { kind: 'absent' };
    for (const payment of books.byReference(reference)) {
      const seen = shown(payment, asOfMs, books);
      if (weight(seen) > weight(best)) best = seen;
    }
    return best;
  }

  function byKey(key: string, asOfMs: number): LookupAnswer {
    const stored = keys.stored(key, asOfMs);
    if (stored === undefined) return { kind: 'absent' };
    const id = stored.charge?.id ?? stored.refund?.chargeId ?? stored.paymentId;
    const payment = id === undefined ? undefined : books.byId(id);
    return payment === undefined ? { kind: 'answered', answer: stored } : shown(payment, asOfMs, books);
  }

  return (request: LookupRequest, inject: Injection | undefined): LookupAnswer => {
    if (inject?.kind === 'rate-limited') return { kind: 'refused', answer: rateLimited(inject) };
    if (!by.includes(request.by)) return { kind: 'refused', answer: refusal(400, 'parameter_invalid') };
    const asOfMs = far.nowMs() - (inject?.kind === 'stale' ? consistentAfterMs : 0);
    if (request.by === 'key') return byKey(request.idempotencyKey, asOfMs);
    return byReference(request.merchantReference, asOfMs);
  };
}

/** Turned away at the front door: nothing was looked at. */
export function rateLimited(inject: Injection): WireAnswer {
  const answer = refusal(429, 'rate_limit');
  return inject.retryAfter === undefined ? answer : { ...answer, retryAfter: inject.retryAfter };
}

function shown(payment: Payment, asOfMs: number, books: Ledger): LookupAnswer {
  const version = books.versionAt(payment, asOfMs);
  if (version === undefined) return { kind: 'absent' };
  if (version.status === 'pending')
    return { kind: 'pending', paymentId: payment.id, waitsFor: payment.waitsFor };
  const charge = chargeOf(payment, version);
  if (charge !== undefined) return { kind: 'found', charge };
  // The payment is over, because the payer did not authenticate or for another reason, and so is the request that
  // opened it.
  return { kind: 'answered', answer: { ...decline(payment.declineCode), replayed: true } };
}

function weight(answer: LookupAnswer): number {
  if (answer.kind === 'found') return answer.charge.status === 'voided' ? 2 : 4;
  if (answer.kind === 'pending') return 3;
  return answer.kind === 'answered' ? 1 : 0;
}
