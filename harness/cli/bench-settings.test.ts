// Convinces by giving each flag the values that people mistype or that make no sense, and reading the one line that
// comes back: it must name the flag, what was given, and what would be right.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ordersWorthSeeing, shortOrderName } from '../bench/stacks/named-orders.ts';
import { weathers } from '../bench/stacks/weather.ts';
import { allOrders, orderName, recommendedOrder } from '../targets/orders.ts';
import { type BenchFlags, type BenchSettings, benchSettings } from './bench-settings.ts';
import { UsageError } from './usage-error.ts';

const flags: BenchFlags = { gateway: 'stripe', outputDir: '.paystorm' };

const settings = (change: Partial<BenchFlags> = {}): BenchSettings =>
  benchSettings('stacks', { ...flags, ...change });

function complaint(change: Partial<BenchFlags>, what = 'stacks'): string {
  try {
    benchSettings(what, { ...flags, ...change });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paystorm-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function saved(report: unknown): string {
  const path = join(folder, 'baseline.json');
  writeFileSync(path, typeof report === 'string' ? report : JSON.stringify(report));
  return path;
}

describe('settings of a bench', () => {
  it('compare some orders under all fault profiles, on the same days each time', () => {
    expect(settings()).toMatchObject({
      orders: ordersWorthSeeing,
      weathers,
      seed: 1,
      workers: 2,
      baseline: undefined,
    });
    expect(new Set(ordersWorthSeeing.map(orderName)).size).toBe(ordersWorthSeeing.length);
  });

  it('take orders by name, in long and short words, each once', () => {
    const short = 'retry > idem>breaker>limit>timeout>log';
    const long = 'retry>idempotent>circuitBreaker>rateLimit>timeout>logExecution';
    expect(settings({ orders: `recommended,${short},${long}` }).orders.map(orderName)).toEqual([
      orderName(recommendedOrder),
      long,
    ]);
    expect(settings({ orders: 'all' }).orders).toBe(allOrders);
    for (const order of allOrders.slice(0, 5))
      expect(settings({ orders: shortOrderName(order) }).orders).toEqual([order]);
  });

  it('take fault profiles in their usual order', () => {
    expect(settings({ profiles: 'brown-out, healthy' }).weathers).toEqual(['healthy', 'brown-out']);
  });

  it.each([
    [
      { orders: 'recomended' },
      'unknown --orders "recomended": did you mean recommended? Known: recommended, all',
    ],
    [{ orders: '' }, 'unknown --orders "";'],
    [{ orders: 'retry>idempotant' }, 'unknown layer in --orders "idempotant": did you mean idempotent?'],
    [
      { orders: 'retry>idem' },
      '"retry>idem" lacks circuitBreaker, rateLimit, timeout, logExecution; name each layer',
    ],
    [
      { orders: 'retry>idem>breaker>limit>timeout>log>retry' },
      'repeats retry; name each layer once, outermost first',
    ],
    [{ profiles: 'brownout' }, 'unknown --profiles "brownout": did you mean brown-out?'],
    [{ gateway: 'strip' }, 'unknown --gateway "strip": did you mean stripe?'],
    [{ seed: '-1' }, '--seed "-1" is not a seed'],
    [{ workers: '0' }, '--workers "0" is no number of threads'],
    [{ runs: '0' }, '--runs "0" is no budget'],
    [{ outputDir: ' ' }, '--output-dir is empty'],
    [{ threshold: '5' }, '--threshold is about a baseline'],
    [{ baseline: '/nowhere/at/all' }, '--baseline "/nowhere/at/all" cannot be read: ENOENT'],
  ])('refuse %j', (change, says) => {
    expect(complaint(change)).toContain(says);
  });

  it('refuse a bench that there is not', () => {
    expect(complaint({}, 'stack')).toBe('unknown bench "stack": did you mean stacks? Known: stacks');
  });
});

describe('a baseline', () => {
  const report = { tool: 'paystorm', seed: 7, gateway: 'stripe', stacks: [] };

  it('brings its seed with it', () => {
    const { seed, baseline } = settings({ baseline: saved(report), threshold: '2.5' });
    expect({ seed, percent: baseline?.thresholdPercent }).toEqual({ seed: 7, percent: 2.5 });
  });

  it('is of the same days or of no use', () => {
    const path = saved(report);
    expect(complaint({ baseline: path, seed: '8' })).toMatch(/was made with --seed 7, not 8; give the same$/);
    expect(complaint({ baseline: path, gateway: 'none' })).toMatch(
      /was made with --gateway stripe, not none/,
    );
  });

  it('is a report, and thresholds are percentages', () => {
    expect(complaint({ baseline: saved('{') })).toMatch(
      /is no report: it is not JSON; give a file that was written/,
    );
    expect(complaint({ baseline: saved(report), threshold: '-5' })).toMatch(
      /^--threshold "-5" is no threshold/,
    );
  });
});
