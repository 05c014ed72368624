// Runs one saved case again, exactly, and says what became of it. The saved value is authoritative: no seed, path or
// setting from outside takes part unless it is asked for.

import { readFileSync, statSync } from 'node:fs';
import type { Case } from '../cases/case.ts';
import { decodeCase } from '../cases/codec.ts';
import { checkers } from '../checkers/catalogue.ts';
import type { Checker, InvariantId, Verdict } from '../checkers/checker.ts';
import type { RunResult } from '../run.ts';
import type { Target } from '../targets/target.ts';
import { type Reproduced, reproducingRuns } from './reproduce.ts';

/** What became of a saved case; see {@link Replayed} for what each word means. */
export type ReplayVerdict = 'HOLDS' | 'BROKEN' | 'FIXED' | 'ERROR';

/** The outcome of one file. */
export type Replayed =
  /** Nothing breaks and nothing was expected to. */
  | (Ran & { readonly verdict: 'HOLDS' })
  /** The expected invariant breaks, or, when it holds now or none was expected, another one. */
  | (Ran & {
      readonly verdict: 'BROKEN';
      readonly checker: Checker;
      readonly because: string;
      readonly crossings: readonly number[];
    })
  /** The invariant that was expected to break was judged, and nothing breaks. */
  | (Ran & { readonly verdict: 'FIXED'; readonly checker: Checker })
  /** It could not be run or judged; `problem` says why and what to do. */
  | { readonly file: string; readonly verdict: 'ERROR'; readonly problem: string };

interface Ran {
  readonly file: string;
  readonly subject: Case;
  readonly result: RunResult;
  /** Whether the history is the one that was found; null when the case does not say, or no run is exact. */
  readonly sameHistory: boolean | null;
  /** In a tier where no run is exact: in how many of several runs it broke. */
  readonly reproduced?: Reproduced;
}

/** How to replay. */
export interface ReplayOptions {
  /** Runs one case; rejects for faults of the harness or the target. */
  readonly run: (subject: Case, target: Target) => Promise<RunResult>;
  /** Finds a target by name. @throws an Error whose message lists the known ones. */
  readonly targetNamed: (name: string) => Target;
  /** Takes the place of the case's own target. */
  readonly target?: string | undefined;
  /** Takes the place of the case's own seed. */
  readonly seed?: number | undefined;
}

/** Runs the case in `file` again. Never rejects: what goes wrong is a verdict of ERROR. */
export async function replayFile(file: string, options: ReplayOptions): Promise<Replayed> {
  try {
    const saved = decodeCase(readRegular(file), file);
    const subject = { ...saved, target: options.target ?? saved.target, seed: options.seed ?? saved.seed };
    const target = options.targetNamed(subject.target);
    if (subject.tier === 'real')
      return await replayReal({ file, subject }, () => options.run(subject, target));
    const result = await options.run(subject, target);
    const hash = saved.found?.historyHash;
    const sameHistory = hash === undefined ? null : hash === result.history.digest;
    return judged({ file, subject, result, sameHistory });
  } catch (error) {
    return { file, verdict: 'ERROR', problem: problemIn(error) };
  }
}

/** Runs it several times: the first run in which it breaks speaks for all, or the last one. */
async function replayReal(
  asked: Pick<Ran, 'file' | 'subject'>,
  run: () => Promise<RunResult>,
): Promise<Replayed> {
  const replays: Replayed[] = [];
  for (let done = 0; done < reproducingRuns; done++)
    replays.push(judged({ ...asked, result: await run(), sameHistory: null }));
  const broken = replays.filter(({ verdict }) => verdict === 'BROKEN');
  const [speaks = replays.at(-1)] = broken;
  if (speaks === undefined) throw new Error('a case that is replayed is run at least once');
  const reproduced = { times: broken.length, of: replays.length };
  return speaks.verdict === 'ERROR' ? speaks : { ...speaks, reproduced };
}

const mostBytes = 64 * 1024 * 1024;

/** Only plain files are read: a pipe or a device would keep the replay waiting for ever. */
function readRegular(file: string): string {
  const found = statSync(file);
  if (found.isFile() && found.size <= mostBytes) return readFileSync(file, 'utf8');
  if (found.isDirectory()) throw new Error('it is a folder inside a folder; name it itself');
  const what = found.isFile() ? `it is larger than ${mostBytes} bytes` : 'it is not a plain file';
  throw new Error(`${what}; name a saved case`);
}

function problemIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'there is no such file' : error.message;
}

function judged(ran: Ran): Replayed {
  const expected = ran.subject.expect?.breaks;
  const checker = checkers.find(({ id }) => id === expected);
  if (expected !== undefined && checker === undefined) {
    const known = checkers.map(({ id }) => id).join(', ');
    return failed(ran, `it expects ${expected} to break, which is no invariant; known: ${known}`);
  }
  const breaking = breakOf(ran.result, checker?.id);
  if (breaking !== undefined) return { ...ran, verdict: 'BROKEN', ...breaking };
  if (checker === undefined) return { ...ran, verdict: 'HOLDS' };
  const verdict = verdictOn(ran.result, checker.id);
  // An invariant that was not judged has not been shown to hold, and a fix is only a fix when it has.
  if (verdict?.verdict === 'not-promised')
    return failed(ran, `${checker.id} is not promised in this case: ${verdict.why}`);
  if (verdict?.verdict !== 'holds' || verdict.judged === 0) {
    return failed(
      ran,
      `${checker.id} finds nothing to judge in this case any more; check that its steps still reach the target`,
    );
  }
  return { ...ran, verdict: 'FIXED', checker };
}

function breakOf(
  result: RunResult,
  preferred: InvariantId | undefined,
):
  | { readonly checker: Checker; readonly because: string; readonly crossings: readonly number[] }
  | undefined {
  const id = result.broken.find((broken) => broken === preferred) ?? result.broken[0];
  const checker = checkers.find((candidate) => candidate.id === id);
  if (checker === undefined) return undefined;
  const verdict = verdictOn(result, checker.id);
  if (verdict?.verdict !== 'breaks') return undefined;
  return { checker, because: verdict.because, crossings: verdict.crossings };
}

function verdictOn(result: RunResult, id: InvariantId): Verdict | undefined {
  return result.verdicts.find((candidate) => candidate.id === id)?.verdict;
}

function failed({ file }: Ran, problem: string): Replayed {
  return { file, verdict: 'ERROR', problem };
}
