// Cases at random: a few intents, requests for them that meet in all the ways in which requests meet, and a
// handful of faults of a few kinds.

import * as fc from 'fast-check';
import type { Dedup } from '../../src/gateway/port.ts';
import type { Assumption } from '../faults/assumptions.ts';
import type { Case, ProfileName } from './case.ts';
import { diceAt } from './dice.ts';
import { type CaseFrame, drawCase } from './draw-case.ts';
import { type FaultMenu, faultMenu } from './fault-menu.ts';

/** What cases to draw. */
export interface CaseOptions {
  readonly target: string;
  readonly profile: ProfileName;
  /** What the profile's gateway does with a repeated key: some faults are fair only where it deduplicates. */
  readonly dedup: Dedup;
  readonly tier?: 'sim' | 'msw' | undefined;
  /** Assumptions that faults may break all the same; none by default. */
  readonly breaking?: readonly Assumption[] | undefined;
}

/** The case at `index` of the campaign called `seed`: a function of its arguments alone, at any index at equal cost. */
export function caseAt(seed: number, index: number, options: CaseOptions): Case {
  return drawCase(diceAt(seed, index), frameOf(options));
}

/** Random cases for fast-check's own runners. It shrinks nothing: `shrinkCase` does, which knows what a case means. */
export function cases(options: CaseOptions): fc.Arbitrary<Case> {
  return new CaseArbitrary(frameOf(options));
}

// The menu takes longer to write than a case to draw, and a campaign asks with the same options every time.
const frames = new WeakMap<CaseOptions, CaseFrame>();

function frameOf(options: CaseOptions): CaseFrame {
  const known = frames.get(options);
  if (known !== undefined) return known;
  const { target, profile, tier, dedup, breaking = [] } = options;
  const unbounded = breaking.includes('bounded-delay');
  const menu = (of: Dedup, stale: boolean): FaultMenu => faultMenu({ dedup: of, stale, breaking });
  const menus = {
    remembering: { consistent: menu(dedup, false), stale: menu(dedup, true) },
    forgetful: { consistent: menu('none', false), stale: menu('none', true) },
  };
  const frame = { target, profile, tier, unbounded, menus };
  frames.set(options, frame);
  return frame;
}

/** A class because that is how fast-check is extended. */
class CaseArbitrary extends fc.Arbitrary<Case> {
  private readonly frame: CaseFrame;

  constructor(frame: CaseFrame) {
    super();
    this.frame = frame;
  }

  override generate(dice: fc.Random): fc.Value<Case> {
    return new fc.Value(drawCase(dice, this.frame), undefined);
  }

  override canShrinkWithoutContext(_value: unknown): _value is Case {
    return false;
  }

  override shrink(): fc.Stream<fc.Value<Case>> {
    return fc.Stream.nil();
  }
}
