// The gateway's own books: every payment that it ever created, each with its whole past, so that a look-up can
// be answered as of an earlier instant. What stands here is the truth that targets are judged by.

import type { CaptureRequest, ChargeRequest } from '../../src/gateway/port.ts';
import type { Books } from '../history/history.ts';
import type { FarSide } from '../world/boundary.ts';
import type { WaitsFor } from './answer.ts';
import { bookedCharge, type Payment, type PaymentStatus, type Version } from './payment.ts';
import { type SequelChange, type Sequels, sequelOf, sequels } from './sequels.ts';

/** What {@link Ledger.open} needs to know. */
export interface Opening {
  readonly request: ChargeRequest;
  readonly status: 'pending' | 'authorized' | 'captured' | 'failed';
  readonly authorizedMinor: number;
  /** For a pending payment: who decides it. Default: the gateway. */
  readonly waitsFor?: WaitsFor;
  /** For one that fails: why. Default: the payer did not authenticate. */
  readonly declineCode?: string;
}

/** Something that changed in the books. `released` says that the rest of a captured payment was let go. */
export type Change =
  | { readonly object: 'payment'; readonly payment: Payment; readonly released: boolean }
  | SequelChange;

/** The book of payments. Amounts are not checked here. */
export interface Ledger extends Sequels {
  /** Books a new payment. */
  open(opening: Opening): Payment;
  /** Moves a payment to another state, now; all of one that is authorised is open, and nothing of any other. */
  move(payment: Payment, status: PaymentStatus, capturedMinor: number): void;
  /** Books a capture of an authorised payment, which leaves `openMinor` to be captured or released later. */
  capture(payment: Payment, request: CaptureRequest, openMinor: number): void;
  /** Lets go what is open of a payment. */
  release(payment: Payment): void;
  /** Sets another time at which what is open lapses, and lets it lapse then. */
  expire(payment: Payment, afterMs: number): void;
  /** By id, or undefined. */
  byId(id: string): Payment | undefined;
  /** All payments of a merchant reference, in the order in which they were booked. */
  byReference(reference: string): readonly Payment[];
  /** All payments in the order in which they were booked. */
  payments(): readonly Payment[];
  /** How a payment stood at `asOfMs`; undefined when it did not exist yet. */
  versionAt(payment: Payment, asOfMs: number): Version | undefined;
  /** From now on `observer` is told of every change, after it was booked. */
  observe(observer: (change: Change) => void): void;
  /** Everything, as it stands now, in the order in which it was booked. */
  books(): Books;
}

/** An empty book. Authorisations that nobody captures lapse after `authorizationLifetimeMs`. */
export function ledger(rules: { readonly authorizationLifetimeMs: number }, far: FarSide): Ledger {
  const payments: Payment[] = [];
  const ids = new Map<string, Payment>();
  const references = new Map<string, Payment[]>();
  const observers: ((change: Change) => void)[] = [];
  const tell = (change: Change): void => {
    for (const observer of observers) observer(change);
  };

  function versionAt(payment: Payment, asOfMs: number): Version | undefined {
    const version = payment.versions.findLast(({ sinceMs }) => sinceMs <= asOfMs);
    if (version === undefined || version.openMinor === 0 || asOfMs < payment.lapsesAtMs) return version;
    return released(version, payment.lapsesAtMs);
  }

  function push(payment: Payment, version: Version, letGo: boolean): void {
    payment.versions.push(version);
    if (version.status === 'authorized') payment.lapsesAtMs = version.sinceMs + rules.authorizationLifetimeMs;
    tell({ object: 'payment', payment, released: letGo });
  }

  function release(payment: Payment): void {
    const version = payment.versions.at(-1);
    if (version === undefined || version.openMinor === 0) return;
    push(payment, released(version, far.nowMs()), version.capturedMinor > 0);
  }

  return {
    ...sequels(far, tell),
    versionAt,
    open({ request, status, authorizedMinor, waitsFor = 'gateway', declineCode = 'authentication_failed' }) {
      const at = far.instant();
      const capturedMinor = status === 'captured' ? authorizedMinor : 0;
      const openMinor = status === 'authorized' ? authorizedMinor : 0;
      const payment: Payment = {
        id: `ch_${payments.length + 1}`,
        request,
        authorizedMinor,
        at,
        waitsFor,
        declineCode,
        versions: [],
        lapsesAtMs: Number.POSITIVE_INFINITY,
        refundedMinor: 0,
        reservedMinor: 0,
        sequel: undefined,
      };
      payments.push(payment);
      ids.set(payment.id, payment);
      const siblings = references.get(request.merchantReference);
      if (siblings === undefined) references.set(request.merchantReference, [payment]);
      else siblings.push(payment);
      push(payment, { sinceMs: at.atMs, status, capturedMinor, openMinor }, false);
      return payment;
    },
    move(payment, status, capturedMinor) {
      const openMinor = status === 'authorized' ? payment.authorizedMinor : 0;
      push(payment, { sinceMs: far.nowMs(), status, capturedMinor, openMinor }, false);
    },
    capture(payment, request, openMinor) {
      const sinceMs = far.nowMs();
      const capturedMinor = (versionAt(payment, sinceMs)?.capturedMinor ?? 0) + request.amountMinor;
      sequelOf(payment).captures.push({ request, at: far.instant() });
      push(payment, { sinceMs, status: 'captured', capturedMinor, openMinor }, false);
    },
    release,
    expire(payment, afterMs) {
      payment.lapsesAtMs = far.nowMs() + afterMs;
      far.after(afterMs, () => release(payment));
    },
    byId: (id) => ids.get(id),
    byReference: (reference) => references.get(reference) ?? [],
    payments: () => payments,
    observe: (observer) => void observers.push(observer),
    books: () => ({
      charges: payments.map((payment) => bookedCharge(payment, versionAt(payment, far.nowMs()))),
    }),
  };
}

/** The state in which nothing is open any more. */
function released({ capturedMinor }: Version, sinceMs: number): Version {
  return { sinceMs, status: capturedMinor > 0 ? 'captured' : 'voided', capturedMinor, openMinor: 0 };
}
