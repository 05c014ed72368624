// Convinces by disagreement: random lives of one payment (captures, voids, refunds that end in every way, disputes,
// lapsing, waiting) are played to the twin and to a reference that only keeps sums. Every answer must agree, and in the
// end four accounts of the same money: the reference, the books, the settlement rows and the last events.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../faults/kinds.ts';
import type { BookedCharge } from '../history/history.ts';
import { Slow } from '../world/boundary.ts';
import type { Timed } from './answer.ts';
import type { ProviderEvent } from './events.ts';
import { aCharge, injection, rig, severalCaptures } from './twin-rig.ts';

const authorizedMinor = 100;
const dayMs = 86_400_000;

type Act =
  | { readonly do: 'capture'; readonly amountMinor: number }
  | { readonly do: 'void' }
  | { readonly do: 'refund'; readonly amountMinor: number; readonly end: RefundEnd; readonly ms: number }
  | { readonly do: 'dispute'; readonly amountMinor: number | undefined }
  | { readonly do: 'close'; readonly outcome: 'won' | 'lost' }
  | { readonly do: 'wait'; readonly ms: number };

type RefundEnd = 'pending' | 'refund-fails-later' | 'refund-bounces' | undefined;

interface Life {
  readonly several: boolean;
  readonly enforceLimits: boolean;
  readonly capture: 'automatic' | 'manual';
  readonly lapsesAfterMs: number | undefined;
  readonly acts: readonly Act[];
}

interface Sum {
  readonly amountMinor: number;
  counts: boolean;
  status: string;
}

/** The reference: sums, and what is still to happen to them. */
function reference({ several, enforceLimits, capture, lapsesAfterMs }: Life) {
  let openMinor = capture === 'manual' ? authorizedMinor : 0;
  let capturedMinor = capture === 'manual' ? 0 : authorizedMinor;
  let status = capture === 'manual' ? 'authorized' : 'captured';
  const refunds: Sum[] = [];
  const disputes: Sum[] = [];
  let due: { readonly atMs: number; readonly act: () => void }[] = [];
  let nowMs = 0;
  const counted = (sums: readonly Sum[]): number =>
    sums.reduce((sum, { amountMinor, counts }) => sum + (counts ? amountMinor : 0), 0);
  const letGo = (): void => {
    openMinor = 0;
    if (capturedMinor === 0) status = 'voided';
  };
  if (lapsesAfterMs !== undefined && capture === 'manual') due.push({ atMs: lapsesAfterMs, act: letGo });

  return {
    play(act: Act): number {
      switch (act.do) {
        case 'capture': {
          const inParts = several && status === 'captured' && (openMinor > 0 || !enforceLimits);
          if (status !== 'authorized' && !inParts) return 400;
          if (enforceLimits && act.amountMinor > openMinor) return 400;
          openMinor = several ? Math.max(0, openMinor - act.amountMinor) : 0;
          capturedMinor += act.amountMinor;
          status = 'captured';
          return 200;
        }
        case 'void':
          if (openMinor === 0) return 400;
          letGo();
          return 200;
        case 'refund': {
          const leftMinor = capturedMinor - counted(refunds) - counted(disputes);
          if (status !== 'captured' || (enforceLimits && act.amountMinor > leftMinor)) return 400;
          const waits = act.end === 'pending' || act.end === 'refund-fails-later';
          const refund = {
            amountMinor: act.amountMinor,
            counts: true,
            status: waits ? 'pending' : 'succeeded',
          };
          refunds.push(refund);
          const fails = act.end !== 'pending';
          const settle = (): void => {
            refund.counts = !fails;
            refund.status = fails ? 'failed' : 'succeeded';
          };
          if (act.end !== undefined) due.push({ atMs: nowMs + act.ms, act: settle });
          return 200;
        }
        case 'dispute': {
          const mostMinor = capturedMinor - counted(disputes);
          if (mostMinor <= 0) return 0;
          const done = refunds.filter((refund) => refund.status === 'succeeded');
          const leftMinor = mostMinor - counted(done);
          const amountMinor = Math.min(act.amountMinor ?? (leftMinor > 0 ? leftMinor : mostMinor), mostMinor);
          disputes.push({ amountMinor, counts: true, status: 'open' });
          return 0;
        }
        case 'close': {
          const oldest = disputes.find((dispute) => dispute.status === 'open');
          if (oldest !== undefined)
            Object.assign(oldest, { status: act.outcome, counts: act.outcome !== 'won' });
          return 0;
        }
        case 'wait': {
          nowMs += act.ms;
          // Sorting is stable: what falls due together happens in the order in which it was begun.
          const now = due.filter(({ atMs }) => atMs <= nowMs).toSorted((a, b) => a.atMs - b.atMs);
          due = due.filter(({ atMs }) => atMs > nowMs);
          for (const { act: happen } of now) happen();
          return 0;
        }
      }
    },
    outcome: () => ({
      status,
      capturedMinor,
      openMinor: status === 'captured' ? openMinor : 0,
      refunds: refunds.map(({ amountMinor, status: is }) => [amountMinor, is]),
      disputes: disputes.map(({ amountMinor, status: is }) => [amountMinor, is]),
      netMinor:
        capturedMinor -
        counted(refunds.filter((refund) => refund.status === 'succeeded')) -
        counted(disputes),
    }),
  };
}

function subject({ several, enforceLimits, capture, lapsesAfterMs }: Life) {
  const { twin, far } = rig('stripe', several ? severalCaptures : {}, enforceLimits);
  const events: ProviderEvent[] = [];
  twin.events.listen((event) => events.push(event));
  const lapse = lapsesAfterMs === undefined ? undefined : injection('authorization-expires', lapsesAfterMs);
  twin.authorize(aCharge({ amountMinor: authorizedMinor, capture }), lapse);
  let uses = 0;
  const base = () => {
    uses += 1;
    return { idempotencyKey: `m${uses}`, merchantReference: `r${uses}`, chargeId: 'ch_1' };
  };
  const status = (timed: Timed): number => {
    if (timed instanceof Slow) throw new Error('nothing here is slow');
    return timed.status;
  };
  return {
    twin,
    events,
    play(act: Act): number {
      switch (act.do) {
        case 'capture':
          return status(twin.capture({ ...base(), amountMinor: act.amountMinor }));
        case 'void':
          return status(twin.void(base()));
        case 'refund': {
          const inject = act.end === undefined ? undefined : injection(act.end as FaultKind, act.ms);
          return status(twin.refund({ ...base(), amountMinor: act.amountMinor }, inject));
        }
        case 'dispute':
          twin.dispute('tok', { kind: 'opened', amountMinor: act.amountMinor });
          return 0;
        case 'close':
          twin.dispute('tok', { kind: act.outcome });
          return 0;
        case 'wait':
          far.advance(act.ms);
          return 0;
      }
    },
  };
}

function outcomeIn(charge: BookedCharge | undefined) {
  const { status, capturedMinor = 0, openMinor = 0, refundedMinor = 0 } = charge ?? {};
  const disputes = charge?.disputes ?? [];
  const withdrawn = disputes.filter((dispute) => dispute.status !== 'won');
  return {
    status,
    capturedMinor,
    openMinor,
    refunds: (charge?.refunds ?? []).map(({ amountMinor, status: is }) => [amountMinor, is]),
    disputes: disputes.map(({ amountMinor, status: is }) => [amountMinor, is]),
    netMinor:
      capturedMinor - refundedMinor - withdrawn.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
  };
}

const amountMinor = fc.integer({ min: 1, max: 120 });
const ms = fc.constantFrom(1, 10, 1_000, dayMs);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant('capture'), amountMinor }),
  fc.record({ do: fc.constant('void') }),
  fc.record({
    do: fc.constant('refund'),
    amountMinor,
    end: fc.constantFrom<RefundEnd[]>(undefined, 'pending', 'refund-fails-later', 'refund-bounces'),
    ms,
  }),
  fc.record({ do: fc.constant('dispute'), amountMinor: fc.option(amountMinor, { nil: undefined }) }),
  fc.record({ do: fc.constant('close'), outcome: fc.constantFrom('won', 'lost') }),
  fc.record({ do: fc.constant('wait'), ms }),
);
const lives: fc.Arbitrary<Life> = fc.record({
  several: fc.boolean(),
  enforceLimits: fc.boolean(),
  capture: fc.constantFrom('automatic', 'manual'),
  lapsesAfterMs: fc.option(fc.constantFrom(5, 1_000, dayMs), { nil: undefined, freq: 2 }),
  acts: fc.array(act, { maxLength: 25 }),
});

describe('the money of one payment', () => {
  test('is what the reference says, in every account of it', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.property(lives, (life) => {
        const model = reference(life);
        const { twin, events, play } = subject(life);
        for (const one of life.acts) {
          const expected = model.play(one);
          expect(play(one), JSON.stringify(one)).toBe(expected);
          if (expected !== 0) seen.add(`${one.do} ${expected}`);
        }
        const outcome = outcomeIn(twin.books().charges[0]);
        expect(outcome).toEqual(model.outcome());
        seen.add(outcome.status ?? '');
        for (const [, status] of [...outcome.refunds, ...outcome.disputes]) seen.add(String(status));
        settledAs(twin, outcome.netMinor);
        announcedAs(events, outcome);
      }),
      { numRuns: 1_500 },
    );
    // The comparison is worth something only if it went everywhere.
    expect([...seen].sort()).toEqual([
      'authorized',
      'capture 200',
      'capture 400',
      'captured',
      'failed',
      'lost',
      'open',
      'pending',
      'refund 200',
      'refund 400',
      'succeeded',
      'void 200',
      'void 400',
      'voided',
      'won',
    ]);
  });
});

/** The reports of all days add up to what the merchant keeps, and every row to what is paid out of it. */
function settledAs({ settlement }: ReturnType<typeof rig>['twin'], netMinor: number): void {
  let grossMinor = 0;
  const ids = new Set<string>();
  for (let day = 0; day <= 26; day++) {
    const label = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
    for (const row of settlement(label)) {
      expect(row.netMinor).toBe(row.grossMinor - row.feeMinor);
      grossMinor += row.grossMinor;
      expect(ids.has(row.id), row.id).toBe(false);
      ids.add(row.id);
    }
  }
  expect(grossMinor).toBe(netMinor);
}

/** The last that was heard of every object is how it stands, and its versions count up without a gap. */
function announcedAs(events: readonly ProviderEvent[], outcome: ReturnType<typeof outcomeIn>): void {
  const latest = new Map<string, ProviderEvent['object']>();
  for (const { object } of events) {
    expect(object.version).toBe((latest.get(object.id)?.version ?? 0) + 1);
    latest.set(object.id, object);
  }
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => `evt_${index + 1}`));
  const shown = [...latest.values()];
  const amounts = (kind: 'refund' | 'dispute') =>
    shown.filter(({ object }) => object === kind).map(({ amountMinor: amount, status }) => [amount, status]);
  expect(shown.find(({ object }) => object === 'payment')).toMatchObject({
    status: outcome.status,
    capturedMinor: outcome.capturedMinor,
    openMinor: outcome.status === 'authorized' ? authorizedMinor : outcome.openMinor,
  });
  expect(amounts('refund')).toEqual(outcome.refunds);
  expect(amounts('dispute')).toEqual(outcome.disputes);
}
