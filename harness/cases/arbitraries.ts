// Cases at random: a few intents, requests for them that meet in all the ways in which requests meet, and a
// handful of faults of a few kinds.

import * as fc from 'fast-check';
import type { Dedup } from '../../src/gateway/port.ts';
import { type Focus, focuses, type Suite } from '../checkers/focus.ts';
import type { Assumption } from '../faults/assumptions.ts';
import type { Case, ProfileName } from './case.ts';
import { diceAt } from './dice.ts';
import { biases } from './draw-bias.ts';
import { drawCase, type Shelf } from './draw-case.ts';
import { focusOf } from './draw-focus.ts';
import { strewServerFault } from './draw-server-faults.ts';
import { drawShopCase } from './draw-shop-case.ts';
import { faultMenu, type MenuTerms } from './fault-menu.ts';
import { shopMenu } from './shop-menu.ts';
import type { Played } from './tiers.ts';

/** What cases to draw. */
export interface CaseOptions extends Played {
  /** What the cases are about; single charges by default. */
  readonly suite?: Suite | undefined;
  readonly target: string;
  readonly profile: ProfileName;
  /** What the profile's gateway does with a repeated key: some faults are fair only where it deduplicates. */
  readonly dedup: Dedup;
  /** Assumptions that faults may break all the same; none by default. */
  readonly breaking?: readonly Assumption[] | undefined;
}

/** The case at `index` of the campaign called `seed`: a function of its arguments alone, at any index at equal cost. */
export function caseAt(seed: number, index: number, options: CaseOptions): Case {
  return drawerOf(options)(diceAt(seed, index));
}

/** What that case is about: the same function, cheaper. */
export function focusAt(seed: number, index: number, suite: Suite): Focus {
  return suite === 'all' ? focusOf(suite, diceAt(seed, index)) : suite;
}

/** Random cases for fast-check's own runners. It shrinks nothing: `shrinkCase` does, which knows what a case means. */
export function cases(options: CaseOptions): fc.Arbitrary<Case> {
  return new CaseArbitrary(drawerOf(options));
}

type Drawer = (dice: fc.Random) => Case;

// The menus take longer to write than a case to draw, and a campaign asks with the same options every time.
const drawers = new WeakMap<CaseOptions, Drawer>();

function drawerOf(options: CaseOptions): Drawer {
  const known = drawers.get(options);
  if (known !== undefined) return known;
  const { suite = 'charge', target, profile, tier, stores, dedup, breaking = [] } = options;
  const unbounded = breaking.includes('bounded-delay');
  const shelfOf = <Menu>(menu: (terms: MenuTerms) => Menu): Shelf<Menu> => {
    const of = (kept: Dedup, stale: boolean): Menu => menu({ dedup: kept, stale, breaking });
    return {
      remembering: { consistent: of(dedup, false), stale: of(dedup, true) },
      forgetful: { consistent: of('none', false), stale: of('none', true) },
    };
  };
  const menus = shelfOf(faultMenu);
  const frame = { target, profile, tier, stores, unbounded };
  const shopMenus = shelfOf(shopMenu);
  const drawn = Object.fromEntries(
    focuses.map((focus): [Focus, Drawer] => {
      if (focus === 'charge') return [focus, (dice) => drawCase(dice, { ...frame, menus })];
      const shopFrame = { ...frame, menus, shopMenus, bias: biases[focus] };
      return [focus, (dice) => drawShopCase(dice, shopFrame)];
    }),
  ) as Record<Focus, Drawer>;
  const drawer: Drawer = (dice) => strewServerFault(dice, drawn[focusOf(suite, dice)](dice), stores);
  drawers.set(options, drawer);
  return drawer;
}

/** A class because that is how fast-check is extended. */
class CaseArbitrary extends fc.Arbitrary<Case> {
  private readonly draw: Drawer;

  constructor(draw: Drawer) {
    super();
    this.draw = draw;
  }

  override generate(dice: fc.Random): fc.Value<Case> {
    return new fc.Value(this.draw(dice), undefined);
  }

  override canShrinkWithoutContext(_value: unknown): _value is Case {
    return false;
  }

  override shrink(): fc.Stream<fc.Value<Case>> {
    return fc.Stream.nil();
  }
}
