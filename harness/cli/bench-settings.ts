// From the flags of `bench` to settings that make sense, or to one line that says which flag does not.

import { readFileSync } from 'node:fs';
import { layerNamed, ordersWorthSeeing, shortNames } from '../bench/stacks/named-orders.ts';
import { type WeatherName, weathers } from '../bench/stacks/weather.ts';
import { type ProfileName, profiles } from '../cases/case.ts';
import { type Baseline, BaselineError, readBaseline } from '../report/stack-baseline.ts';
import {
  allOrders,
  layerNames,
  type Order,
  orderName,
  orderNamed,
  recommendedOrder,
} from '../targets/orders.ts';
import { positiveWhole, seedOf, workersOf } from './run-settings.ts';
import { knownName, quoted, UsageError, unknownName } from './usage-error.ts';

/** What can be measured. */
const benches = ['stacks'] as const;

/** Flags as commander hands them over. */
export interface BenchFlags {
  readonly orders?: string;
  readonly profiles?: string;
  readonly gateway: string;
  readonly seed?: string;
  readonly workers?: string;
  readonly runs?: string;
  readonly baseline?: string;
  readonly threshold?: string;
  readonly outputDir: string;
  readonly json?: true;
}

/** What `bench stacks` shall do. */
export interface BenchSettings {
  readonly orders: readonly Order[];
  readonly weathers: readonly WeatherName[];
  readonly gateway: ProfileName;
  readonly seed: number;
  readonly workers: number;
  /** Cases that an order must survive on each gateway. */
  readonly runs: number;
  /** What to compare with, and by how many percent a figure may be worse. */
  readonly baseline:
    | { readonly report: Baseline; readonly path: string; readonly thresholdPercent: number }
    | undefined;
  readonly outputDir: string;
  readonly json: boolean;
}

/** Figures are for comparing, so every bench has the same days unless it is told otherwise. */
const usualSeed = 1;
const usualThresholdPercent = 10;
const usualRuns = 300;
const usualWorkers = 2;

/**
 * Reads the flags of `bench what`.
 *
 * @throws UsageError for a value that is not known or makes no sense.
 */
export function benchSettings(what: string, flags: BenchFlags): BenchSettings {
  knownName(what, { what: 'bench', names: benches });
  if (flags.outputDir.trim() === '')
    throw new UsageError('--output-dir is empty; name a folder, such as .paystorm');
  const baseline = baselineOf(flags);
  const settings = {
    orders: ordersOf(flags.orders),
    weathers: weathersOf(flags.profiles),
    gateway: knownName(flags.gateway, { what: '--gateway', names: profiles }),
    seed: flags.seed === undefined ? (baseline?.report.seed ?? usualSeed) : seedOf(flags.seed),
    workers: flags.workers === undefined ? usualWorkers : workersOf(flags.workers),
    runs: flags.runs === undefined ? usualRuns : positiveWhole('--runs', flags.runs),
    baseline,
    outputDir: flags.outputDir,
    json: flags.json === true,
  };
  refuseOtherDays(settings);
  return settings;
}

function ordersOf(text: string | undefined): readonly Order[] {
  if (text === undefined) return ordersWorthSeeing;
  if (text === 'all') return allOrders;
  const orders = text
    .split(',')
    .map((one) => (one.trim() === 'recommended' ? recommendedOrder : orderOf(one)));
  return [...new Map(orders.map((order) => [orderName(order), order])).values()];
}

const layerSpellings: readonly string[] = [...new Set([...layerNames, ...Object.values(shortNames)])];

function orderOf(text: string): Order {
  const parts = text.split('>').map((part) => part.trim());
  const names = parts.map((part) => {
    const name = layerNamed(part);
    if (name !== undefined) return name;
    if (parts.length === 1)
      throw unknownName(part, {
        what: '--orders',
        names: ['all', 'recommended', orderName(recommendedOrder)],
      });
    throw unknownName(part, { what: 'layer in --orders', names: layerSpellings });
  });
  const order = orderNamed(names.join('>'));
  if (order !== undefined) return order;
  const missing = layerNames.filter((name) => !names.includes(name));
  const repeated = layerNames.filter((name) => names.indexOf(name) !== names.lastIndexOf(name));
  const wrong = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(repeated.length > 0 ? [`repeats ${repeated.join(', ')}`] : []),
  ];
  throw new UsageError(
    `--orders ${quoted(text)} ${wrong.join(' and ')}; name each layer once, outermost first: ${orderName(recommendedOrder)}`,
  );
}

function weathersOf(text: string | undefined): readonly WeatherName[] {
  if (text === undefined || text === 'all') return weathers;
  const named = text.split(',').map((one) => knownName(one.trim(), { what: '--profiles', names: weathers }));
  return weathers.filter((name) => named.includes(name));
}

function baselineOf({ baseline: path, threshold }: BenchFlags): BenchSettings['baseline'] {
  if (path === undefined) {
    if (threshold !== undefined)
      throw new UsageError('--threshold is about a baseline; give one with --baseline <file>');
    return undefined;
  }
  const thresholdPercent = threshold === undefined ? usualThresholdPercent : percentOf(threshold);
  return { report: baselineIn(path), path, thresholdPercent };
}

function baselineIn(path: string): Baseline {
  try {
    return readBaseline(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof BaselineError)
      throw new UsageError(`--baseline ${quoted(path)} is no report: ${why}`);
    throw new UsageError(`--baseline ${quoted(path)} cannot be read: ${why}`);
  }
}

function percentOf(text: string): number {
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (percent >= 0 && percent <= 1_000) return percent;
  throw new UsageError(
    `--threshold ${quoted(text)} is no threshold; give percent from 0 to 1000, such as --threshold 5`,
  );
}

/** Figures of other days would differ for reasons of their own. */
function refuseOtherDays({
  seed,
  gateway,
  baseline,
}: Pick<BenchSettings, 'seed' | 'gateway' | 'baseline'>): void {
  if (baseline === undefined) return;
  const { report, path } = baseline;
  if (report.seed !== seed)
    throw new UsageError(
      `--baseline ${quoted(path)} was made with --seed ${report.seed}, not ${seed}; give the same`,
    );
  if (report.gateway !== gateway)
    throw new UsageError(
      `--baseline ${quoted(path)} was made with --gateway ${report.gateway}, not ${gateway}; give the same`,
    );
}
