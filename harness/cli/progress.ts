// How far a run has come: one live line, or on a log a line now and then.

import { countWords, plural } from '../report/words.ts';
import type { Terminal } from './terminal.ts';

/** How far a run has come. */
export interface Progress {
  readonly runs: number;
  readonly broken: number;
  /** What is being done besides running cases, such as shrinking. */
  readonly doing?: string | undefined;
}

/** Shows progress; to be called as often as there is some. */
export type ShowProgress = (progress: Progress) => void;

/** Shortest time between two lines, wall-clock milliseconds: a live line may be livelier than a log. */
const intervalMs = { live: 100, log: 5000 } as const;

/** Shows progress on `output`, with the pace since `nowMs` was first read. */
export function progressOn(output: Terminal, nowMs: () => number): ShowProgress {
  const startedMs = nowMs();
  const pauseMs = output.interactive ? intervalMs.live : intervalMs.log;
  let shownMs = startedMs;
  return ({ runs, broken, doing }) => {
    const atMs = nowMs();
    if (atMs - shownMs < pauseMs) return;
    shownMs = atMs;
    const elapsedSeconds = (atMs - startedMs) / 1000;
    const parts = [
      `  ${plural(runs, 'case')}`,
      `${elapsedSeconds.toFixed(0)} s`,
      `${countWords(runs / elapsedSeconds)}/s`,
      `${broken} broken`,
      ...(doing === undefined ? [] : [doing]),
    ];
    output.live(parts.join(' · '));
  };
}
