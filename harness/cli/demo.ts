// `paystorm demo`: the seven walkthroughs of a checkout, told from what really happened in each.

import { type Played, play } from '../demo/play.ts';
import { taleOf, taleReport } from '../demo/tale.ts';
import { walkthroughs } from '../demo/walkthroughs.ts';
import { line, toned } from '../report/text.ts';
import { plural } from '../report/words.ts';
import type { Target } from '../targets/target.ts';
import { knownTarget, seedOf } from './run-settings.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Flags of `demo` as commander hands them over. */
export interface DemoFlags {
  readonly target: string;
  readonly seed?: string;
  readonly json?: true;
}

/**
 * Plays all walkthroughs and returns the exit code: 0 when each shows what it has to, else 1.
 *
 * @throws UsageError for flags that make no sense, and for a target that takes no orders.
 */
export async function demo(
  flags: DemoFlags,
  output: Terminal,
  targetNamed: (name: string) => Target = knownTarget,
): Promise<number> {
  const target = targetNamed(flags.target);
  if (!target.capabilities.includes('checkout'))
    throw new UsageError(
      `--target ${target.name} takes no orders, which is what the walkthroughs are about; try reference`,
    );
  const seed = flags.seed === undefined ? undefined : seedOf(flags.seed);
  const outcomes: Played[] = [];
  for (const walkthrough of walkthroughs) {
    const played = await play(walkthrough, { target, seed });
    outcomes.push(played);
    if (flags.json !== true) output.print(taleOf(played, Math.max(60, Math.min(output.columns, 120))));
  }
  const passed = outcomes.filter((played) => played.passed).length;
  if (flags.json === true)
    output.printText(JSON.stringify({ tool: 'paystorm', version, walkthroughs: outcomes.map(taleReport) }));
  else output.print([line(toned('strong', plural(outcomes.length, 'walkthrough')), ` · ${passed} passed`)]);
  return passed === outcomes.length ? 0 : 1;
}
