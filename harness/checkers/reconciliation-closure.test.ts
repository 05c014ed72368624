// Convinces by a report and a ledger of a few rows, and by one figure, row or effect that is wrong at a time.

import { describe, expect, it } from 'vitest';
import type { Reconciled } from '../history/shop.ts';
import { reconciliationClosure } from './reconciliation-closure.ts';
import { good } from './testing-values.ts';
import { epochMs, row, type ShopTale, shopTale, silent } from './testing-webhooks.ts';

function judged(tell: (shop: ShopTale) => void) {
  const shop = shopTale();
  shop.story.book();
  shop.story.book({ id: 'ch_2', merchantReference: 'ref-2' });
  tell(shop);
  return reconciliationClosure.check(shop.done());
}

const found = (...types: readonly string[]): Pick<Reconciled, 'discrepancies'> => ({
  discrepancies: types.map((type, index) => ({ type, id: `${type}:${index}` })),
});

/** A run over the rows of both charges, of which `ch_1` is booked. */
const ran = (result: Partial<Reconciled>, rows = [row(), row('ch_2')]) =>
  judged((shop) => {
    shop.posts('capture', 'ch_1');
    shop.story.wait(1);
    shop.reconciles('op', result, () => shop.reads('op', rows));
  });

const because = (text: string) => ({ verdict: 'breaks', because: expect.stringContaining(text) });

describe('S23 reconciliation-closure', () => {
  it('judges nothing without a shop', () => {
    const shop = shopTale();
    shop.reconciles('op', { matched: 1 });
    expect(reconciliationClosure.check(shop.story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('holds for a run that mentions the one row that is not booked, and one that never ended', () => {
    expect(ran({ matched: 1, internal: 1, gateway: 2, ...found('MISSING_INTERNAL') })).toEqual({
      verdict: 'holds',
      judged: 1,
    });
    const dead = judged((shop) => Object.assign(shop.reconciles('op', { matched: 9 }), { effect: silent }));
    expect(dead).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when a row is left out', () => {
    expect(ran({ matched: 1, internal: 1, gateway: 2 })).toEqual({
      verdict: 'breaks',
      because:
        'the reconciliation of 2026-01-01 mentions 0 rows of the gateway that differ, and 1 have no entry in the ledger',
      crossings: [1],
    });
  });

  it('wants the second of two equal rows mentioned, and accepts that it is called a duplicate', () => {
    const twice = (...types: readonly string[]) =>
      ran({ matched: 1, internal: 1, gateway: 2, ...found(...types) }, [row(), row()]).verdict;
    expect(twice()).toBe('breaks');
    expect(twice('DUPLICATE')).toBe('holds');
    expect(twice('MISSING_INTERNAL')).toBe('holds');
  });

  it('asks for rows of the day only, to the millisecond, and of movements only', () => {
    const dated = (atMs: number) =>
      ran({ matched: 1, internal: 1, gateway: 2 }, [row(), row('ch_2', { atMs })]).verdict;
    expect(dated(epochMs - 1)).toBe('holds');
    expect(dated(epochMs)).toBe('breaks');
    expect(dated(epochMs + 86_399_999)).toBe('breaks');
    expect(dated(epochMs + 86_400_000)).toBe('holds');
    expect(ran({ matched: 1, internal: 1, gateway: 2 }, [row(), row('ch_2', { kind: 'fee' })]).verdict).toBe(
      'holds',
    );
  });

  it('counts what was booked while it ran', () => {
    const meanwhile = (late: boolean) =>
      judged((shop) => {
        shop.reconciles('op', { gateway: 1 }, () => {
          shop.reads('op', [row()]);
          if (!late) shop.posts('capture', 'ch_1');
        });
        shop.story.wait(1);
        if (late) shop.posts('capture', 'ch_1');
      }).verdict;
    expect(meanwhile(false)).toBe('holds');
    expect(meanwhile(true)).toBe('breaks');
  });

  it('breaks when rows that are booked are called missing', () => {
    const missing = ['MISSING_INTERNAL', 'MISSING_INTERNAL'];
    expect(ran({ matched: 0, internal: 1, gateway: 2, ...found(...missing) })).toMatchObject(
      because('calls 2 rows missing, and only 1 of 2 had no entry'),
    );
    // A row of this day that stands in the report of the next.
    const late = judged((shop) => {
      shop.reconciles('op', { gateway: 1, ...found('MISSING_INTERNAL') }, () => {
        shop.reads('op', []);
        shop.reads('op', [row()], '2026-01-02');
      });
    });
    expect(late.verdict).toBe('holds');
    // How a dispute that was won is written down is the target's affair.
    const at = { atMs: 0, order: 0 };
    const dispute = { id: 'dp_1', amountMinor: 500, status: 'won' as const, at, changedAtMs: 0 };
    const verdict = judged((shop) => {
      shop.story.book({ id: 'ch_3', disputes: [dispute] });
      shop.posts('chargeback', 'dp_1', { gatewayId: 'ch_3' });
      const rows = [row('dp_1', { kind: 'dispute', amountMinor: -500 })];
      shop.reconciles('op', { gateway: 1, ...found('MISSING_INTERNAL') }, () => shop.reads('op', rows));
    });
    expect(verdict.verdict).toBe('holds');
  });

  it('breaks at figures that no matching can come to', () => {
    const one = found('MISSING_INTERNAL');
    expect(ran({ matched: 2, internal: 1, gateway: 2, ...one })).toMatchObject(
      because('accounts for 2 entries of its own'),
    );
    expect(
      ran({ matched: 1, internal: 1, gateway: 2, ...found('MISSING_INTERNAL', 'MISSING_GATEWAY') }),
    ).toMatchObject(because('accounts for 2 entries of its own, and has 1'));
    expect(ran({ matched: 2, internal: 3, gateway: 2, ...one })).toMatchObject(
      because('accounts for 3 rows of the gateway, and has read 2'),
    );
    for (const type of ['AMOUNT_MISMATCH', 'STATUS_MISMATCH'])
      expect(ran({ matched: 1, internal: 1, gateway: 2, ...found(type) })).toMatchObject(
        because('accounts for 2 entries of its own'),
      );
    const [same] = one.discrepancies;
    const twice = same === undefined ? [] : [same, same];
    expect(ran({ matched: 1, internal: 1, discrepancies: twice })).toMatchObject(
      because('2 discrepancies by 1 ids'),
    );
  });

  it('goes by the report as it was read last', () => {
    const readTwice = (...counts: readonly number[]) =>
      judged((shop) => {
        shop.reconciles('op', {}, () => {
          for (const count of counts) shop.reads('op', [row(), row('ch_2')].slice(0, count));
        });
      }).verdict;
    expect(readTwice(2, 0)).toBe('holds');
    expect(readTwice(0, 2)).toBe('breaks');
  });

  it('takes the rows of a neighbouring day for read, and not those of another run', () => {
    const reading = (actor: string) =>
      judged((shop) => {
        shop.posts('capture', 'ch_1');
        shop.reconciles('op', { matched: 1, internal: 1 }, () => {
          shop.reads('op', []);
          shop.reads(actor, [row()], '2026-01-02');
        });
      }).verdict;
    expect(reading('op')).toBe('holds');
    expect(reading('other')).toBe('breaks');
  });
});

describe('S23 in a second run', () => {
  const open = { matched: 1, internal: 2, ...found('MISSING_GATEWAY') };
  interface Twice {
    readonly first?: Partial<Reconciled>;
    readonly second: Partial<Reconciled>;
    readonly calm?: boolean;
    readonly during?: (shop: ShopTale, actor: string) => void;
  }
  const runTwice = ({ first = {}, second, calm = true, during = () => {} }: Twice) =>
    judged((shop) => {
      if (calm) shop.story.incident({ kind: 'healed' });
      for (const [actor, result] of [
        ['op:1', first],
        ['op:2', second],
      ] as const)
        shop.reconciles(actor, { ...open, ...result }, () => during(shop, actor));
    });
  const crossed =
    (site: 'oncall.page' | 'tickets.take' | 'tickets.leave', request: unknown, answer = good(true)) =>
    (shop: ShopTale, actor: string): void =>
      void shop.story.cross(actor, site, request)({ effect: answer, reply: answer });

  it('holds when nothing is done again', () => {
    expect(runTwice({ first: { repaired: 1 }, second: {} })).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('breaks when the same is repaired again, and not when something was found since', () => {
    expect(runTwice({ first: { repaired: 1 }, second: { repaired: 1 } })).toEqual({
      verdict: 'breaks',
      because: 'a second reconciliation of 2026-01-01 found nothing new and repaired 1',
      crossings: [0, 1],
    });
    expect(runTwice({ second: { repaired: 1, matched: 2, internal: 3 } }).verdict).toBe('holds');
    const news = found('MISSING_GATEWAY', 'STATUS_MISMATCH');
    expect(runTwice({ second: { repaired: 1, internal: 3, ...news } }).verdict).toBe('holds');
    expect(runTwice({ second: { repaired: 1 }, calm: false }).verdict).toBe('holds');
  });

  it('compares with the run before, and not with one before that', () => {
    const verdict = judged((shop) => {
      shop.story.incident({ kind: 'healed' });
      shop.reconciles('op:1', open);
      shop.reconciles('op:2', { ...open, matched: 2, internal: 3 });
      shop.reconciles('op:3', { ...open, repaired: 1 });
    });
    expect(verdict.verdict).toBe('holds');
  });

  it('breaks when somebody is called again about the same', () => {
    const paging = (first: string, second: string) =>
      runTwice({
        second: {},
        during: (shop, actor) => crossed('oncall.page', actor === 'op:1' ? first : second)(shop, actor),
      });
    expect(paging('missing ch_1', 'missing ch_1')).toMatchObject(
      because('found nothing new and paged again'),
    );
    expect(paging('missing ch_1', 'missing ch_2').verdict).toBe('holds');
  });

  it('lets a second run do what the first had left', () => {
    const leaving = (during: Twice['during']) =>
      runTwice({
        second: { repaired: 1 },
        during: (shop, actor) => actor === 'op:1' && during?.(shop, actor),
      }).verdict;
    const taken = (answer: unknown) => crossed('tickets.take', { id: 'x' }, good(answer));
    expect(leaving(crossed('tickets.leave', { id: 'x', state: 'RETRY' }))).toBe('holds');
    expect(leaving(crossed('tickets.leave', { id: 'x', state: 'CLOSED' }))).toBe('breaks');
    expect(leaving(taken({ taken: false, ticket: { state: 'WORKING' } }))).toBe('holds');
    expect(leaving(taken({ taken: false, ticket: { state: 'CLOSED' } }))).toBe('breaks');
    expect(leaving(taken({ taken: true, ticket: { state: 'WORKING' } }))).toBe('breaks');
    expect(leaving(crossed('tickets.take', { id: 'x' }, silent))).toBe('holds');
  });
});
