// Which of the safe orders does best.

import { type Order, orderName, recommendedOrder } from '../../targets/orders.ts';
import type { Metrics } from './metrics.ts';
import type { WeatherName } from './weather.ts';

/** One order on one day. */
export interface OrderDay {
  readonly order: Order;
  readonly weather: WeatherName;
  readonly metrics: Pick<Metrics, 'goodputPerSecond'>;
}

/** How an order does over all fault profiles. */
export interface Standing {
  readonly order: Order;
  /** Its goodput as a part of the best one's, averaged over the fault profiles: 1 is the best everywhere. */
  readonly score: number;
}

/**
 * How much one order's goodput beside another's moves when only the seed of the day changes: the standard deviation over
 * ten seeds, as the root of the mean square over the fault profiles.
 */
const noiseOfOneDay = 0.06;

/**
 * The orders from best to worst. Best is who sells most: the order whose goodput, as a part of the best goodput of
 * these orders under the same fault profile, is highest on average over the profiles. Averages and not sums, so that
 * a day on which everybody sells little counts as much as a good one. Equal ones come in the order in which they are
 * given.
 */
export function standingsOf(days: readonly OrderDay[]): readonly Standing[] {
  const bestByWeather = new Map<WeatherName, number>();
  for (const { weather, metrics } of days)
    bestByWeather.set(weather, Math.max(bestByWeather.get(weather) ?? 0, metrics.goodputPerSecond));
  const byOrder = Map.groupBy(days, ({ order }) => orderName(order));
  const standings = [...byOrder.values()].flatMap((own): Standing[] => {
    const [first] = own;
    if (first === undefined) return [];
    const parts = own.map(({ weather, metrics }) => {
      const best = bestByWeather.get(weather) ?? 0;
      return best === 0 ? 1 : metrics.goodputPerSecond / best;
    });
    const score = parts.reduce((sum, part) => sum + part, 0) / parts.length;
    return [{ order: first.order, score: Number(score.toFixed(4)) }];
  });
  return standings.toSorted((a, b) => b.score - a.score);
}

/**
 * The order to recommend: the documented one, unless another is better by more than such scores, averages over
 * `profiles` fault profiles, differ by chance; else the first of the best.
 */
export function recommendationOf(standings: readonly Standing[], profiles: number): Order | undefined {
  const [best] = standings;
  if (best === undefined) return undefined;
  const documented = standings.find(({ order }) => orderName(order) === orderName(recommendedOrder));
  const noise = noiseOfOneDay / Math.sqrt(profiles);
  return documented !== undefined && best.score - documented.score < noise ? documented.order : best.order;
}
