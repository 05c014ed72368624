// What every check of orders begins with: there is a shop, its insides were seen where they are needed, and the world granted
// what is assumed.

import type { Checker, Verdict } from './checker.ts';
import { type ShopView, shopOf } from './shop-view.ts';
import { holds, unpromised, untraced } from './verdicts.ts';

/** What a judgement of a shop needs. */
export interface ShopNeeds {
  /** Whether it looks at what the target does inside. */
  readonly trace: boolean;
  readonly assumes: readonly string[];
}

/** The check that asks `judge` about every history of a shop that has what is needed; without a shop nothing is judged. */
export function shopCheck(needs: ShopNeeds, judge: (shop: ShopView) => Verdict): Checker['check'] {
  return (history) => {
    const shop = shopOf(history);
    if (shop === undefined) return holds(0);
    const unseen = needs.trace ? untraced(history.terms) : undefined;
    return unseen ?? unpromised(history.terms, needs.assumes) ?? judge(shop);
  };
}
