// The threads of a campaign, this one included: it runs cases as the helpers do, puts the parts together, shrinks what
// broke, and takes over what a lost helper leaves behind.

import type { Case } from '../cases/case.ts';
import type { RunResult } from '../run.ts';
import { boardMemory, boardOn } from './board.ts';
import { type Loss, startCrew } from './crew.ts';
import type { Ledger } from './ledger.ts';
import { type CasesOptions, partRunner } from './part.ts';
import { type Work, workOn, workThrough } from './work-through.ts';

/** What a team works on. */
export interface TeamOptions {
  readonly cases: CasesOptions;
  /** How many threads, from 1 (this one alone). */
  readonly workers: number;
  /** Runs a case on this thread. Helpers run theirs by the target's name. */
  readonly run: (subject: Case) => Promise<RunResult>;
  /** Where the parts are put together. */
  readonly ledger: Ledger;
  /** Asked now and then: no epoch begins after it has answered yes. */
  readonly isTimeUp: () => boolean;
  /** Ends the work as soon as every thread's present case is done. */
  readonly stopSignal?: AbortSignal | undefined;
  /** The module that helpers run, for tests. */
  readonly helper?: URL | undefined;
}

/**
 * Works until the ledger holds the whole campaign.
 *
 * Rejects with HelperError when a helper cannot be started.
 */
export async function runTeam(team: TeamOptions): Promise<void> {
  const { cases, workers, ledger, stopSignal } = team;
  const memory = boardMemory(workers);
  const board = boardOn(memory, 0, cases);
  const look = (): void => {
    if (team.isTimeUp()) board.endEpoch();
  };
  const seats = Array.from({ length: workers - 1 }, (_, index) => index + 1);
  const stop = (): void => board.stop();
  stopSignal?.addEventListener('abort', stop);
  if (stopSignal?.aborted === true) stop();
  const receive: Ledger['receive'] = (part) => {
    look();
    ledger.receive(part);
  };
  const crew = startCrew({ options: cases, memory, board, seats, receive, module: team.helper });
  const work: Work = {
    board,
    runner: partRunner(cases, team.run),
    bail: cases.bail,
    async handIn(part) {
      receive(part);
      await ledger.settle();
      await takeOverLosses();
    },
  };
  const takeOverLosses = async (): Promise<void> => {
    for (const loss of crew.takeLosses()) await takeOver(loss, work, team);
  };
  try {
    look();
    await workThrough(work);
    // Whoever ended with a loss may be known only after the last part is in.
    for (let going = true; going && !ledger.isOver(); ) {
      going = crew.isWorking();
      if (going) await crew.news();
      await takeOverLosses();
      await ledger.settle();
    }
    if (board.isStopped()) await ledger.settleRest();
  } finally {
    stopSignal?.removeEventListener('abort', stop);
    board.stop();
    crew.dismiss();
  }
}

/** Runs what a lost helper had not handed in, except the case that it was at, which may be what ended it. */
async function takeOver({ block, index, reason }: Loss, work: Work, team: TeamOptions): Promise<void> {
  const { cases, run, ledger } = team;
  // The cases lie behind those that this thread has come to, so they need a plan of their own.
  const again: Work = { ...work, runner: partRunner(cases, run) };
  await workOn({ from: block.from, until: index }, again);
  if (work.board.isStopped()) return;
  const lost = await again.runner.giveUp(index, `the worker thread that ran it ended: ${reason}`);
  // A case that was handed in before the thread ended counts already, and is only named.
  if (index >= block.from) await work.handIn(lost);
  else ledger.note(lost.errors);
  await workOn({ from: Math.max(index + 1, block.from), until: block.until }, again);
}
