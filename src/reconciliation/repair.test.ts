// Convinces by a small shop whose ledger deduplicates by key, as a remedy's effects must: repairs run, die at each of
// their boundaries in turn, and run again beside each other, and each time the ledger, the pages and a fresh report are
// what one undisturbed repair leaves.

import { describe, expect, it } from 'vitest';
import { StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryTicketStore } from '../stores/memory-ticket-store.ts';
import { reconciler } from './reconciler.ts';
import type { TransactionRecord } from './record.ts';
import { defaultRemedies, type RemedyCall } from './remedies.ts';
import { type RepairOptions, repair } from './repair.ts';
import type { ReconciliationReport } from './report.ts';
import { charge, day } from './testing.ts';
import type { TicketStore } from './ticket-store.ts';

/** Missed: a webhook. Unknown: a charge. Ours alone: one that is due and one that is not. Twice: a row. A fee. */
const theirs = [
  charge('missed'),
  charge('unknown'),
  charge('twice', { feeMinor: 17 }),
  charge('twice', { feeMinor: 17 }),
];
const ours = [
  charge('unknown', { status: 'pending' }),
  charge('twice'),
  charge('alone', { atMs: day.fromMs }),
  charge('young', { atMs: day.toMs - 1 }),
];

type Boundary = (name: string) => Promise<void>;

/** A shop with a ledger and an on-call, both durable. */
function shop() {
  const runtime = manualRuntime();
  const tickets = memoryTicketStore(runtime);
  const ledger = [...ours];
  const effects = new Set<string>();
  const pages: string[] = [];
  const begun: string[] = [];
  const books = reconciler({ runtime, settlementLagMs: 86_400_000 });
  const report = () =>
    books.reconcile({ internal: ledger, gateway: theirs, window: day, asOfMs: day.toMs + 1_000 });

  /** Applies an effect once per key, and says whether it did. */
  const once = (key: string, effect: () => void): void => {
    if (!effects.has(key)) effect();
    effects.add(key);
  };
  const book = (record: TransactionRecord | undefined, changed: Partial<TransactionRecord>): void => {
    const at = ledger.findIndex((row) => row.gatewayId === record?.gatewayId);
    if (record === undefined) throw new Error('there is nothing to book');
    if (at < 0) ledger.push(record);
    else ledger[at] = { ...record, ...changed };
  };
  const run = async (
    found: ReconciliationReport,
    options: Partial<RepairOptions> & { boundary?: Boundary } = {},
  ) => {
    const { boundary = async () => {}, ...others } = options;
    const crossing = async (name: string, effect: () => void) => {
      begun.push(name);
      await boundary(`${name}: apply`);
      effect();
      await boundary(`${name}: reply`);
      return 'repaired' as const;
    };
    const remedies = defaultRemedies({
      replay: ({ gateway }, { idempotencyKey }) =>
        crossing('replay', () => once(idempotencyKey, () => book(gateway?.record, {}))),
      resolve: ({ internal, gateway }, { idempotencyKey }) =>
        crossing('resolve', () =>
          once(idempotencyKey, () => book(internal?.record, { status: gateway?.record.status ?? '' })),
        ),
      page: ({ type }, { idempotencyKey }) =>
        crossing('page', () => once(idempotencyKey, () => pages.push(type))),
      bookFee: ({ internal, feeMinor }, { idempotencyKey }) =>
        crossing('fee', () => once(idempotencyKey, () => book(internal.record, { feeMinor }))),
    });
    return repair(found, {
      runtime,
      tickets: watched(tickets, boundary),
      remedies,
      leaseMs: 1_000,
      ...others,
    });
  };
  return { runtime, tickets, ledger, pages, begun, effects, report, run };
}

function watched(tickets: TicketStore, boundary: Boundary): TicketStore {
  const through =
    <Request, Reply>(name: string, apply: (request: Request) => Promise<Reply>) =>
    async (request: Request): Promise<Reply> => {
      await boundary(`${name}: apply`);
      const reply = await apply(request);
      await boundary(`${name}: reply`);
      return reply;
    };
  return {
    take: through('take', tickets.take),
    leave: through('leave', tickets.leave),
    close: tickets.close,
    listOpen: tickets.listOpen,
    prune: tickets.prune,
  };
}

/** What must be left when everything that can be done was done, once. */
async function expectClosed({ report, run, ledger, pages, effects, tickets }: ReturnType<typeof shop>) {
  expect(ledger.map(({ gatewayId, status, feeMinor }) => [gatewayId, status, feeMinor])).toEqual([
    ['ch_unknown', 'captured', undefined],
    ['ch_twice', 'captured', 17],
    ['ch_alone', 'captured', undefined],
    ['ch_young', 'captured', undefined],
    ['ch_missed', 'captured', undefined],
  ]);
  expect([...pages].sort()).toEqual(['DUPLICATE', 'MISSING_GATEWAY']);
  const size = effects.size;
  const fresh = await report();
  expect(fresh.discrepancies.map(({ type }) => type).sort()).toEqual([
    'DUPLICATE',
    'MISSING_GATEWAY',
    'NOT_YET_DUE',
  ]);
  const again = await run(fresh);
  expect(again).toMatchObject({ repaired: [], repairedBefore: [], busy: [], failed: [] });
  expect([again.open.length, again.notYetDue.length]).toEqual([2, 1]);
  expect(effects.size).toBe(size);
  const open = await tickets.listOpen({ limit: 9 });
  expect(open.map(({ type }) => type).sort()).toEqual(['DUPLICATE', 'MISSING_GATEWAY']);
}

describe('repair', () => {
  it('takes care of each once, and leaves what is open and not yet due', async () => {
    const rig = shop();
    const found = await rig.report();
    const done = await rig.run(found);
    expect([done.repaired.length, done.open.length, done.notYetDue.length]).toEqual([3, 2, 1]);
    expect(done.failed).toEqual([]);
    await expectClosed(rig);
  });

  it('of the same report again has no new effect', async () => {
    const rig = shop();
    const found = await rig.report();
    await rig.run(found);
    const again = await rig.run(found);
    expect([again.repaired.length, again.repairedBefore.length, again.open.length]).toEqual([0, 3, 2]);
    await expectClosed(rig);
  });

  it('goes on after a death at any boundary, with effects as if there had been none', async () => {
    let nth = 0;
    for (; ; nth += 1) {
      const rig = shop();
      const found = await rig.report();
      let crossed = 0;
      let died = true;
      const boundary = async () => {
        crossed += 1;
        if (crossed > nth) await new Promise(() => {});
      };
      void rig.run(found, { boundary }).then(() => {
        died = false;
      });
      await rig.runtime.advance(1_000);
      await rig.run(found);
      await expectClosed(rig);
      if (!died) break;
    }
    // Five tickets and a fee less the row that is not due: take, remedy and leave, each with two halves.
    expect(nth).toBe(5 * 6);
  });

  it('beside another works on nothing that the other holds', async () => {
    const rig = shop();
    const found = await rig.report();
    const slow = rig.run(found, { boundary: () => rig.runtime.sleep(10) });
    const other = rig.run(found, { boundary: () => rig.runtime.sleep(7) });
    const [one, two] = await rig.runtime.settle(Promise.all([slow, other]));
    expect(one.repaired.length + two.repaired.length).toBe(3);
    expect([...one.failed, ...two.failed]).toEqual([]);
    expect([...rig.begun].sort()).toEqual(['fee', 'page', 'page', 'replay', 'resolve']);
    await expectClosed(rig);
  });

  it('tries again what failed, and not before the next run', async () => {
    const rig = shop();
    const found = await rig.report();
    const calls: RemedyCall[] = [];
    const failing = defaultRemedies({
      replay: async (_, call) => {
        calls.push(call);
        throw new Error('the ledger is down');
      },
      resolve: async () => undefined as never,
      page: async () => {
        throw new Error('no network');
      },
    });
    const done = await rig.run(found, { remedies: failing });
    expect(done.failed).toHaveLength(4);
    expect(done.failed.map(({ error }) => String(error)).sort()).toEqual([
      'Error: no network',
      'Error: no network',
      'Error: the ledger is down',
      expect.stringMatching('a remedy must answer'),
    ]);
    expect(calls).toEqual([{ idempotencyKey: expect.stringMatching(/^repair\/missing_internal:/) }]);
    await rig.run(found);
    await expectClosed(rig);
  });

  it('does not begin when the reply to its claim took as long as the lease', async () => {
    const rig = shop();
    const found = await rig.report();
    const boundary = (name: string) =>
      name === 'take: reply' ? rig.runtime.sleep(1_000) : Promise.resolve();
    const done = await rig.runtime.settle(rig.run(found, { boundary }));
    expect(done.busy).toHaveLength(5);
    expect(rig.effects.size).toBe(0);
  });

  it('knows its own claim when the reply was lost, and reports a store that is down', async () => {
    const rig = shop();
    const found = await rig.report();
    let lost = 0;
    const boundary = async (name: string) => {
      if (name === 'take: reply' && ++lost % 2 === 1) throw new StoreUnavailableError('no reply');
    };
    expect((await rig.run(found, { boundary })).repaired).toHaveLength(3);
    await expectClosed(rig);
    const down = async () => {
      throw new StoreUnavailableError('down');
    };
    expect((await shop().run(found, { boundary: down })).failed).toHaveLength(5);
  });

  it('pages for what a row that makes no sense may explain, instead of booking it twice', async () => {
    const rig = shop();
    rig.ledger.splice(0, 4, { ...charge('missed'), amountMinor: '500' as never });
    const found = await rig.report();
    const hidden = found.discrepancies.find(({ hiddenBy }) => hiddenBy !== undefined);
    await rig.run({ ...found, discrepancies: hidden === undefined ? [] : [hidden], fees: [] });
    expect(rig.pages).toEqual(['MISSING_INTERNAL']);
    expect(rig.ledger).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>]>([
    ['no lease', { leaseMs: 0 }],
    ['no store', { tickets: {} }],
    ['a remedy that is none', { remedies: { MISSING_INTERNAL: 1 } }],
  ])('refuses %s', async (_, options) => {
    const rig = shop();
    await expect(rig.run(await rig.report(), options)).rejects.toThrow(ValidationError);
  });
});
