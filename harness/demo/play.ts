// Plays walkthroughs: runs the committed case of each, judges it by every invariant, and looks for what it has to show.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeCase } from '../cases/codec.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { runCase } from '../run.ts';
import type { Target } from '../targets/target.ts';
import { narrate, type TaleLine } from './narration.ts';
import { type Check, isMet, type Walkthrough } from './walkthrough.ts';

/** What came of one walkthrough. */
export interface Played {
  readonly walkthrough: Walkthrough;
  readonly tale: readonly TaleLine[];
  readonly checks: readonly Check[];
  /** How many invariants had something to judge. */
  readonly judged: number;
  readonly broken: readonly InvariantId[];
  readonly historyHash: string;
  /** Whether everything was found that is to be shown, and no invariant broke. */
  readonly passed: boolean;
}

/** Where the cases are. */
const folder = new URL('../../scenarios/walkthroughs/', import.meta.url);

/**
 * Plays a walkthrough against `target`, from `seed` when that is given instead of the case's own.
 *
 * Rejects with a CaseError when its case cannot be read, and otherwise as `runCase` does.
 */
export async function play(
  walkthrough: Walkthrough,
  { target, seed }: { readonly target: Target; readonly seed?: number | undefined },
): Promise<Played> {
  const file = fileURLToPath(new URL(`${walkthrough.id}-${walkthrough.name}.json`, folder));
  const saved = decodeCase(readFileSync(file, 'utf8'), file);
  const { history, verdicts, broken } = await runCase({ ...saved, seed: seed ?? saved.seed }, target);
  const checks = walkthrough.checks(history);
  const judged = verdicts.filter(({ verdict }) => verdict.verdict === 'holds' && verdict.judged > 0);
  return {
    walkthrough,
    tale: narrate(history, walkthrough),
    checks,
    judged: judged.length,
    broken,
    historyHash: history.digest,
    passed: broken.length === 0 && checks.every(isMet),
  };
}
