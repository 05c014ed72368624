// Timing several ways of doing the same work side by side: in turns within one process, so that whatever else the
// machine does meets all of them, and as medians, so that one interruption meets none. What is counted is processor
// time, of all threads: figures are per core, and a neighbour on the machine must not pass for slow code of ours.

/** One way of doing the work; does it once. */
export type Contender = () => Promise<void>;

/** How many turns each contender gets, and about how long each is, in milliseconds. */
export interface Pace {
  readonly turns: number;
  readonly turnMs: number;
  /** What is counted: processor time, or for work that mostly waits for others the time that passes. Default processor. */
  readonly counted?: 'processor' | 'passing';
}

/** What one piece of work took in each turn of a contender, milliseconds. */
export type Turns = readonly number[];

/**
 * Gives every contender its turns, in rotating order, after one turn that is not counted. The results are in the
 * order of the contenders.
 */
export async function interleaved(
  contenders: readonly Contender[],
  { turns, turnMs, counted = 'processor' }: Pace,
): Promise<readonly Turns[]> {
  const times: number[][] = contenders.map(() => []);
  for (let turn = 0; turn <= turns; turn++) {
    for (let offset = 0; offset < contenders.length; offset++) {
      const index = (turn + offset) % contenders.length;
      const contender = contenders[index];
      if (contender === undefined) continue;
      const { processorMs, passingMs } = await timed(contender, turnMs);
      const ms = counted === 'processor' ? processorMs : passingMs;
      if (turn > 0) times[index]?.push(ms);
    }
  }
  return times;
}

interface Timed {
  readonly processorMs: number;
  readonly passingMs: number;
}

async function timed(run: Contender, turnMs: number): Promise<Timed> {
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  let done = 0;
  do {
    await run();
    done += 1;
  } while (performance.now() - startedAtMs < turnMs);
  const { user, system } = process.cpuUsage(before);
  const passedMs = performance.now() - startedAtMs;
  return { processorMs: (user + system) / 1_000 / done, passingMs: passedMs / done };
}

/** The middle value, or the mean of the two middle ones; NaN when there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** How far apart the ends of the middle half are, as a part of the median: a single interruption does not show. */
export function spread(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const [least = Number.NaN, ...more] = sorted.slice(cut, sorted.length - cut);
  return ((more.at(-1) ?? least) - least) / median(values);
}

/** How many times as long the first took as the second, turn by turn: what slows both down falls out. */
export function quotients(first: Turns, second: Turns): readonly number[] {
  return first.map((ms, turn) => ms / (second[turn] ?? Number.NaN));
}
