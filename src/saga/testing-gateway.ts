// A gateway with strict books for the tests of the saga: it says what is true, and things may happen to its calls.

import { GatewayRejectedError, GatewayTimeoutError } from '../errors/payment-error.ts';
import type {
  CaptureRequest,
  ChargeRequest,
  ChargeResult,
  GatewayCapabilities,
  PaymentGateway,
  RefundRequest,
  RefundResult,
  VoidRequest,
} from '../gateway/port.ts';
import type { Timers } from '../kernel/runtime.ts';

/** What happens to one call: an error instead of it, its effect without its reply, or an effect that comes late. */
export type Mishap = Error | 'reply lost' | { readonly lateMs: number };

/** One charge as the gateway's books have it. */
export interface BookedCharge extends ChargeResult {
  readonly refunds: readonly (RefundResult & { readonly merchantReference: string })[];
}

/** A gateway under test. */
export interface FakeGateway {
  readonly port: PaymentGateway;
  readonly charges: () => readonly BookedCharge[];
  /** Every mutation that arrived, as `<operation> <key>`. */
  readonly sent: readonly string[];
  /** What happens to the next calls of an operation; `null` is nothing. */
  mishaps(operation: keyof PaymentGateway, ...next: readonly (Mishap | null)[]): void;
  /** The status that the next refunds are answered with. */
  refundsAre(...next: readonly RefundResult['status'][]): void;
  /** Settles every pending refund. */
  settleRefunds(status: 'succeeded' | 'failed'): void;
}

const capabilities: GatewayCapabilities = {
  dedup: 'every-answer',
  lookup: { by: ['reference'], consistentAfterMs: 2_000 },
  keyRetentionMs: 86_400_000,
  maxEffectDelayMs: 30_000,
  cancelByKey: false,
  captureModes: ['automatic', 'manual'],
};

/**
 * A gateway whose state machine is strict. Under `every-answer` it replays the first answer to a key, refusals
 * included, otherwise it acts again; it never limits refunds, so that a double one shows in its books.
 */
export function fakeGateway(
  timers: Pick<Timers, 'after'>,
  promised: Partial<GatewayCapabilities> = {},
): FakeGateway {
  const declared = { ...capabilities, ...promised };
  const answers = new Map<string, () => unknown>();
  const mishaps = new Map<string, (Mishap | null)[]>();
  const sent: string[] = [];
  const books = booksOf(declared);

  const once = (key: string, act: () => unknown): unknown => {
    sent.push(key);
    const stored = answers.get(key);
    const answer = stored !== undefined && declared.dedup === 'every-answer' ? stored : answerOf(act);
    answers.set(key, answer);
    return answer();
  };
  const meet = async <Reply>(operation: string, apply: () => unknown): Promise<Reply> => {
    const mishap = mishaps.get(operation)?.shift() ?? null;
    if (mishap instanceof Error) throw mishap;
    if (mishap === null) return apply() as Reply;
    const unheard = (): void => void answerOf(apply);
    if (mishap === 'reply lost') unheard();
    else timers.after(mishap.lateMs, unheard);
    throw new GatewayTimeoutError(`${operation}: no answer`);
  };
  const mutation =
    <Request extends { readonly idempotencyKey: string }, Reply>(
      operation: keyof PaymentGateway,
      act: (request: Request) => Reply,
    ) =>
    (request: Request): Promise<Reply> =>
      meet(operation, () => once(`${operation} ${request.idempotencyKey}`, () => act(request)));

  return {
    port: {
      capabilities: declared,
      authorize: mutation('authorize', books.authorize),
      capture: mutation('capture', books.capture),
      void: mutation('void', books.void),
      refund: mutation('refund', books.refund),
      lookup: (request) =>
        meet('lookup', () => {
          const wanted = request.by === 'reference' ? request.merchantReference : request.idempotencyKey;
          const found = books.charges().find(({ merchantReference }) => merchantReference === wanted);
          if (found === undefined) return { kind: 'absent' };
          const { refunds: _, ...charge } = found;
          return { kind: 'found', charge };
        }),
      lookupRefund: ({ chargeId, merchantReference: wanted }) =>
        meet('lookupRefund', () => {
          const charge = books.charges().find(({ id }) => id === chargeId);
          const found = charge?.refunds.find(({ merchantReference }) => merchantReference === wanted);
          if (found === undefined) return { kind: 'absent' };
          const { merchantReference: _, ...refund } = found;
          return { kind: 'found', refund };
        }),
    },
    charges: books.charges,
    sent,
    mishaps: (operation, ...next) => void mishaps.set(operation, [...next]),
    refundsAre: books.refundsAre,
    settleRefunds: books.settleRefunds,
  };
}

function booksOf({ captureModes }: GatewayCapabilities) {
  const charges = new Map<string, BookedCharge>();
  const statuses: RefundResult['status'][] = [];
  const book = (charge: BookedCharge): ChargeResult => {
    charges.set(charge.id, charge);
    const { refunds: _, ...result } = charge;
    return result;
  };
  const at = (id: string, isFit: (charge: BookedCharge) => boolean): BookedCharge => {
    const charge = charges.get(id);
    if (charge !== undefined && isFit(charge)) return charge;
    throw new GatewayRejectedError(`${id}: unexpected state`);
  };
  return {
    charges: (): readonly BookedCharge[] => [...charges.values()],
    refundsAre: (...next: readonly RefundResult['status'][]): void => void statuses.push(...next),
    settleRefunds(status: 'succeeded' | 'failed'): void {
      for (const charge of charges.values()) {
        const settled = charge.refunds.map((refund) =>
          refund.status === 'pending' ? { ...refund, status } : refund,
        );
        book({ ...charge, refunds: settled });
      }
    },
    authorize({ amountMinor, currency, merchantReference, capture }: ChargeRequest): ChargeResult {
      const isCaptured = capture === 'automatic';
      const status = isCaptured ? 'captured' : 'authorized';
      const capturedMinor = isCaptured ? amountMinor : 0;
      const id = `ch_${charges.size + 1}`;
      return book({ id, status, amountMinor, capturedMinor, currency, merchantReference, refunds: [] });
    },
    capture({ chargeId, amountMinor }: CaptureRequest): ChargeResult {
      const several = captureModes.includes('multiple');
      const { openMinor: _, ...charge } = at(
        chargeId,
        ({ status }) => status === 'authorized' || (several && status === 'captured'),
      );
      const capturedMinor = charge.capturedMinor + amountMinor;
      const openMinor = charge.amountMinor - capturedMinor;
      if (openMinor < 0) throw new GatewayRejectedError('amount too large');
      return book({ ...charge, status: 'captured', capturedMinor, ...(openMinor > 0 ? { openMinor } : {}) });
    },
    void({ chargeId }: VoidRequest): ChargeResult {
      const isOpen = ({ status, openMinor }: BookedCharge) =>
        status === 'authorized' || openMinor !== undefined;
      const { openMinor: _, ...charge } = at(chargeId, isOpen);
      return book(charge.status === 'authorized' ? { ...charge, status: 'voided' } : charge);
    },
    refund({ chargeId, amountMinor, merchantReference }: RefundRequest): RefundResult {
      const charge = at(chargeId, ({ status }) => status === 'captured');
      const id = `re_${charge.refunds.length + 1}`;
      const refund = { id, chargeId, amountMinor, status: statuses.shift() ?? 'succeeded' };
      book({ ...charge, refunds: [...charge.refunds, { ...refund, merchantReference }] });
      return refund;
    },
  };
}

function answerOf(act: () => unknown): () => unknown {
  try {
    const value = act();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** What a charge took for good, captured less what was given back, and what it still holds. */
export function balanceOf({ status, capturedMinor, amountMinor, openMinor, refunds }: BookedCharge): {
  readonly netMinor: number;
  readonly heldMinor: number;
} {
  const back = refunds.reduce(
    (sum, refund) => sum + (refund.status === 'failed' ? 0 : refund.amountMinor),
    0,
  );
  return {
    netMinor: capturedMinor - back,
    heldMinor: status === 'authorized' ? amountMinor : (openMinor ?? 0),
  };
}
