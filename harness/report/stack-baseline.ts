// An earlier report of the same bench, to see what has become slower since.

import { z } from 'zod';
import type { Regression, ReportedStack, StackReport } from './stack-report.ts';

/** The part of a report that later ones are compared with. */
export type Baseline = z.infer<typeof baselineSchema>;

const baselineSchema = z.object({
  tool: z.literal('paystorm'),
  seed: z.number().int().min(0),
  gateway: z.string(),
  stacks: z.array(
    z.object({
      order: z.string(),
      profile: z.string(),
      goodputPerSecond: z.number(),
      p99Ms: z.number().nullable(),
    }),
  ),
});

/** The text is not the output of `bench stacks --json`. The message says in what way. */
export class BaselineError extends Error {
  constructor(why: string) {
    super(`${why}; give a file that was written by paystorm bench stacks --json`);
    this.name = 'BaselineError';
  }
}

/** Reads a baseline. @throws BaselineError when it is none. */
export function readBaseline(text: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BaselineError('it is not JSON');
  }
  const parsed = baselineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BaselineError(
    `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'it has another shape'}`,
  );
}

/**
 * What got worse for safe orders by more than `thresholdPercent` of what it was: less goodput, or a higher p99. Orders
 * and fault profiles that only one of the two has are passed over.
 */
export function regressionsSince(
  baseline: Baseline,
  { stacks }: Pick<StackReport, 'stacks'>,
  thresholdPercent: number,
): readonly Regression[] {
  const earlier = new Map(baseline.stacks.map((stack) => [idOf(stack), stack]));
  return stacks.flatMap((stack) => {
    const was = earlier.get(idOf(stack));
    if (was === undefined || stack.safe !== true) return [];
    return worsened(stack, was).filter(({ percent }) => percent > thresholdPercent);
  });
}

/** How many days the two reports have in common. */
export function comparable(baseline: Baseline, { stacks }: Pick<StackReport, 'stacks'>): number {
  const earlier = new Set(baseline.stacks.map(idOf));
  return stacks.filter((stack) => earlier.has(idOf(stack))).length;
}

function idOf({ order, profile }: Pick<ReportedStack, 'order' | 'profile'>): string {
  return `${profile} ${order}`;
}

function worsened(
  { order, profile, goodputPerSecond, p99Ms }: ReportedStack,
  was: Baseline['stacks'][number],
): readonly Regression[] {
  const goodput = { was: was.goodputPerSecond, is: goodputPerSecond };
  const lost = percentOf(goodput.was - goodput.is, goodput.was);
  const figures: Regression[] = [{ order, profile, figure: 'goodputPerSecond', ...goodput, percent: lost }];
  if (was.p99Ms !== null && p99Ms !== null) {
    const percent = percentOf(p99Ms - was.p99Ms, was.p99Ms);
    figures.push({ order, profile, figure: 'p99Ms', was: was.p99Ms, is: p99Ms, percent });
  }
  return figures;
}

/** What is worse than nothing is worse by a hundred percent. */
function percentOf(worse: number, whole: number): number {
  if (whole === 0) return worse > 0 ? 100 : 0;
  return Number(((worse / whole) * 100).toFixed(1));
}
