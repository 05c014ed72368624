// The three ways in which a case draws: one of a table, now and then, and a number of things.

import type { Random } from 'fast-check';

/** One entry of `table`, each as likely as the next; listing an entry twice doubles its weight. */
export function pick<T>(dice: Random, table: readonly [T, ...T[]]): T {
  return table[dice.nextInt(0, table.length - 1)] ?? table[0];
}

/** One item of a list that may be empty. */
export function pickFrom<T>(dice: Random, list: readonly T[]): T | undefined {
  return list.length === 0 ? undefined : list[dice.nextInt(0, list.length - 1)];
}

/** As {@link often}, but what never comes takes no draw, so that a case without it is drawn as if it were unheard of. */
export function comes(dice: Random, percent: number): boolean {
  return percent > 0 && often(dice, percent);
}

/** True in `percent` of a hundred draws. */
export function often(dice: Random, percent: number): boolean {
  return dice.nextInt(0, 99) < percent;
}
