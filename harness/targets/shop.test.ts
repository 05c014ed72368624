// Convinces by running the shop against the strict gateway twin of every profile, which announces by signed webhooks and
// reports what it settled, and by comparing the ledger with the twin's own books afterwards.

import { describe, expect, it } from 'vitest';
import type { DaySpan } from '../../src/checkout/reconciliation.ts';
import { manualRuntime } from '../../src/kernel/testing.ts';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import { fakeService } from '../../src/saga/testing.ts';
import { memoryIdempotencyStore } from '../../src/stores/memory-idempotency-store.ts';
import { memoryInboxStore } from '../../src/stores/memory-inbox-store.ts';
import { memoryLedgerStore } from '../../src/stores/memory-ledger-store.ts';
import { memorySagaJournal } from '../../src/stores/memory-saga-journal.ts';
import { memoryTicketStore } from '../../src/stores/memory-ticket-store.ts';
import { memoryVelocityStore } from '../../src/stores/memory-velocity-store.ts';
import { memoryVerdictLog } from '../../src/stores/memory-verdict-log.ts';
import { type ProfileName, profiles } from '../cases/case.ts';
import { type FaultKind, faultFacts } from '../faults/kinds.ts';
import { deliveries } from '../gateway-twin/deliveries.ts';
import { directGateway } from '../gateway-twin/direct-adapter.ts';
import { behaviourOf, capabilitiesOf } from '../gateway-twin/profiles.ts';
import type { SettlementRow } from '../gateway-twin/settlement.ts';
import { gatewayTwin } from '../gateway-twin/twin.ts';
import type { OrderIntent } from '../history/shop.ts';
import { daysOf } from '../shop/reports.ts';
import { type Boundary, type FarSide, Outside, Slow } from '../world/boundary.ts';
import { shopService } from './shop.ts';
import type { Subject } from './target.ts';

const epochMs = Date.parse('2026-01-01T00:00:00Z');
const day = '2026-01-01';

/** What happens to every delivery: four that are not genuine, a copy, and the same once more under another id. */
const mishaps: readonly FaultKind[] = [
  'webhook-forged',
  'webhook-tampered',
  'webhook-unsigned',
  'webhook-stale',
  'webhook-duplicated',
  'webhook-two-ids',
  'webhook-both-secrets',
];

const words: Readonly<Record<SettlementRow['kind'], Pick<TransactionRecord, 'kind' | 'status'>>> = {
  charge: { kind: 'charge', status: 'captured' },
  refund: { kind: 'refund', status: 'succeeded' },
  'refund-failure': { kind: 'adjustment', status: 'failed' },
  dispute: { kind: 'dispute', status: 'opened' },
  'dispute-reversal': { kind: 'adjustment', status: 'won' },
  fee: { kind: 'fee', status: 'charged' },
};

function town(profile: ProfileName) {
  const runtime = manualRuntime();
  runtime.setWall(epochMs);
  let instants = 0;
  const far: FarSide = {
    nowMs: () => runtime.monotonicMs(),
    instant: () => ({ atMs: runtime.monotonicMs(), order: ++instants }),
    after: (ms, act) => void runtime.after(ms, act),
  };
  const capabilities = capabilitiesOf(profile);
  const twin = gatewayTwin({
    far,
    capabilities,
    behaviour: behaviourOf(profile),
    epochMs,
    enforceLimits: false,
  });
  const struck = new Map<string, FaultKind[]>();
  const boundary: Boundary = {
    async cross({ site, apply }) {
      const kind = struck.get(site)?.shift();
      const ms = kind === undefined ? 0 : (faultFacts[kind].defaultMs ?? 0);
      const reply = apply(kind === undefined ? undefined : { kind, ms, retryAfter: undefined });
      if (reply instanceof Outside || reply instanceof Slow) throw new Error('nothing is slow here');
      return reply;
    },
  };
  const service = fakeService();
  const secrets = { current: 'whsec_bmV3', previous: 'whsec_b2xk' };
  const book = memoryLedgerStore(runtime);
  const pages: string[] = [];
  const statuses: string[] = [];
  let muted = false;
  let front: Subject;
  const postman = deliveries({
    far,
    epochMs,
    scheme: 'stripe',
    secrets,
    faultsOn: () => mishaps.map((kind) => ({ kind })),
    policy: { firstAfterMs: 100, timeoutMs: 20_000, backoffMs: [5_000, 60_000] },
    deliver({ rawBody, headers, authentic }, answered) {
      if (muted) return;
      const told = front.webhook?.(rawBody, headers);
      void told?.then(({ status }) => {
        statuses.push(`${authentic} ${status}`);
        answered(status);
      });
    },
  });
  const sent: string[] = [];
  twin.events.listen((event) => {
    sent.push(event.id);
    postman.send(event);
  });
  const env = {
    runtime,
    gateway: directGateway({ twin, boundary, capabilities }),
    stores: { idempotency: memoryIdempotencyStore(runtime) },
    process: 'p0',
    config: {
      leaseMs: 10_000,
      ttlMs: 3_600_000,
      waitMs: 0,
      jitter: 'none',
      breaker: { failureThreshold: 5, windowMs: 60_000, recoveryTimeoutMs: 5_000, halfOpenProbes: 1 },
      limit: { maxCalls: 100, periodMs: 1_000, mode: 'reject' },
    },
    watch: (_: unknown, layer: never) => layer,
    shop: {
      sagas: memorySagaJournal(runtime),
      inbox: memoryInboxStore(runtime),
      ledger: book,
      outbox: book,
      velocity: memoryVelocityStore(runtime),
      verdicts: memoryVerdictLog({ monotonicMs: () => 0 }),
      tickets: memoryTicketStore(runtime),
      inventory: {
        reserve: ({ idempotencyKey }: { idempotencyKey: string }) => service.act('reserve', idempotencyKey),
        release: ({ idempotencyKey }: { idempotencyKey: string }) => service.act('release', idempotencyKey),
      },
      shipping: {
        async ship({ idempotencyKey }: { idempotencyKey: string }) {
          await service.act('ship', idempotencyKey);
          return { shipment: 'shp_1' };
        },
      },
      webhooks: { scheme: 'stripe', secrets: Object.values(secrets) },
      report: async (span: DaySpan) =>
        daysOf(span).map((day) => ({
          day,
          rows: twin
            .settlement(day)
            .map(({ grossMinor, occurredAtMs, kind, id: _, chargeId: __, ...row }) => ({
              ...row,
              ...words[kind],
              amountMinor: grossMinor,
              atMs: occurredAtMs,
            })),
        })),
      redeliver: async () => {
        muted = false;
        for (const id of sent) postman.resend(id);
      },
      page: async (about: string) => void pages.push(about),
    },
  } as const;
  const begin = () => shopService(env as never);
  front = begin();
  return {
    runtime,
    twin,
    service,
    pages,
    statuses,
    begin,
    strike: (site: string, ...kinds: FaultKind[]) => void struck.set(site, kinds),
    mute: () => {
      muted = true;
    },
    async heal() {
      for (let round = 0; round < 6; round += 1) {
        await runtime.advance(40_000);
        await runtime.settle(begin().recover?.() ?? Promise.resolve());
      }
    },
    /** What the twin's books and ours say of money, which must be the same. */
    async balance() {
      const totals = await book.totals({});
      const on = (account: string) => Number(totals.find((row) => row.account === account)?.totalMinor ?? 0);
      const charges = twin.books().charges;
      const sum = (of: (charge: (typeof charges)[number]) => number) =>
        charges.reduce((all, one) => all + of(one), 0);
      const taken = sum(({ disputes = [] }) =>
        disputes.reduce((all, { status, amountMinor }) => all + (status === 'won' ? 0 : amountMinor), 0),
      );
      return {
        ours: 0 - on('captured') - on('refunded') - on('disputed'),
        theirs: sum(({ capturedMinor, refundedMinor }) => capturedMinor - refundedMinor) - taken,
        open: charges.filter(({ status }) => status === 'authorized' || status === 'pending').length,
      };
    },
  };
}

const intent: OrderIntent = {
  paymentToken: 'tok_1',
  scope: 'shop',
  key: 'o1',
  amountMinor: 500,
  currency: 'USD',
  risk: 'none',
};

const back = {
  paymentToken: 'tok_1',
  scope: 'shop',
  order: 'o1',
  key: 'r1',
  amountMinor: 200,
  currency: 'USD',
};

describe.each(profiles)('at a gateway such as %s', (profile) => {
  it('an order is paid, part of it refunded and the rest disputed; all books agree, and close', async () => {
    const place = town(profile);
    const asked = place.begin().checkout?.(intent);
    expect(await place.runtime.settle(asked ?? Promise.reject())).toMatchObject({
      kind: 'ok',
      amountMinor: 500,
    });
    place.strike('gateway.refund', 'pending');
    const refund = place.begin().refund?.(back);
    expect(await place.runtime.settle(refund ?? Promise.reject())).toMatchObject({ kind: 'pending' });
    await place.heal();
    place.twin.dispute('tok_1', { kind: 'opened', amountMinor: 300 });
    await place.heal();
    const more = place.begin().refund?.({ ...back, key: 'r2', amountMinor: 1 });
    expect(await place.runtime.settle(more ?? Promise.reject())).toMatchObject({ kind: 'rejected' });
    const again = place.begin().refund?.(back);
    expect(await place.runtime.settle(again ?? Promise.reject())).toMatchObject({
      kind: 'ok',
      replayed: true,
    });
    expect(await place.balance()).toEqual({ ours: 0, theirs: 0, open: 0 });
    expect(new Set(place.statuses)).toEqual(new Set(['false 400', 'true 200']));
    const first = await place.runtime.settle(place.begin().reconcile?.({ day }) ?? Promise.reject());
    const second = await place.runtime.settle(place.begin().reconcile?.({ day }) ?? Promise.reject());
    expect(first.discrepancies.map(({ type }) => type)).toEqual(['MISSING_INTERNAL']);
    expect(second).toMatchObject({ discrepancies: [], repaired: 0 });
    expect(place.pages).toEqual([]);
  });

  it.each<FaultKind>(['500-after-commit', '500-before-commit', 'edge-504', 'hard-decline', 'rate-limited'])(
    'whatever %s strikes, the order is shipped and paid, or neither',
    async (kind) => {
      for (const site of ['gateway.authorize', 'gateway.capture']) {
        const place = town(profile);
        place.strike(site, kind);
        await place.runtime.settle(place.begin().checkout?.(intent) ?? Promise.reject());
        await place.heal();
        const told = await place.runtime.settle(place.begin().checkout?.(intent) ?? Promise.reject());
        const money = told.kind === 'ok' ? 500 : 0;
        expect({ site, ...(await place.balance()) }).toEqual({ site, ours: money, theirs: money, open: 0 });
        expect({ site, kind: told.kind, shipped: place.service.done.includes('ship') }).toEqual({
          site,
          kind: money > 0 ? 'ok' : 'failed',
          shipped: money > 0,
        });
      }
    },
  );

  it('what no webhook brought is found by reconciling', async () => {
    const place = town(profile);
    await place.runtime.settle(place.begin().checkout?.(intent) ?? Promise.reject());
    await place.heal();
    place.mute();
    place.twin.dispute('tok_1', { kind: 'opened', amountMinor: 300 });
    await place.heal();
    expect(await place.balance()).toMatchObject({ ours: 500, theirs: 200 });
    await place.runtime.settle(place.begin().reconcile?.({ day }) ?? Promise.reject());
    await place.heal();
    await place.runtime.settle(place.begin().reconcile?.({ day }) ?? Promise.reject());
    expect(await place.balance()).toMatchObject({ ours: 200, theirs: 200 });
    const last = await place.runtime.settle(place.begin().reconcile?.({ day }) ?? Promise.reject());
    expect(last).toMatchObject({ discrepancies: [], repaired: 0 });
  });
});
