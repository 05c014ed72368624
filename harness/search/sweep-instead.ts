// A request often does no more than take up what an earlier one left undecided, or send something at that moment. A
// background sweep does that too, meeting the same faults, and the story needs one request less.

import type { Case, Fault } from '../cases/case.ts';
import type { History } from '../history/history.ts';
import { edited, moneyOf } from './edit.ts';
import type { Pass } from './pass.ts';
import { leaveUndecided, undeciding } from './undecided.ts';

/** The shortest interval that a case can name, milliseconds. */
const soonestMs = 100;

/** A sweep looks payments up before it sends them, once or twice: so much earlier it has to begin, milliseconds. */
const headStartsMs = [0, 40, 80] as const;

/** Lets one sweep do the work of a retry or of a step, the last of them first. */
export const sweepInstead: Pass = function* (from, history) {
  const { config = {} } = from;
  if (config.sweepEveryMs !== undefined) {
    yield* oneSweepMore(from, config.sweepEveryMs);
    return;
  }
  for (const { actor, drop } of laterRequestsOf(from).reverse()) {
    const atMs = sentAtMs(history, actor);
    if (atMs === undefined) continue;
    for (const kind of [undefined, ...undeciding]) {
      for (const headStartMs of headStartsMs) {
        const candidate = edited(from, (draft) => {
          const faults = drop(draft).filter(({ site }) => site !== 'client.charge');
          if (kind !== undefined) leaveUndecided(draft, kind);
          draft.config = { ...draft.config, sweepEveryMs: Math.max(soonestMs, atMs - headStartMs) };
          draft.background = { 'sweep:1': [...faults] };
        });
        if (yield candidate) return;
      }
    }
  }
};

/** Where sweeps are made already, one more of them, while the weather lasts that much longer. */
function* oneSweepMore(from: Case, everyMs: number): Generator<Case, void, boolean> {
  for (const { drop } of laterRequestsOf(from).reverse()) {
    const candidate = edited(from, (draft) => {
      drop(draft);
      draft.config = { ...draft.config, sweeps: (draft.config?.sweeps ?? 1) + 1 };
      for (const episode of draft.episodes ?? []) episode.untilMs += everyMs;
    });
    if (yield candidate) return;
  }
}

/** A request that comes after another. */
interface LaterRequest {
  readonly actor: string;
  /** Takes it out of a case and returns the faults that it carried. */
  readonly drop: (draft: Case) => readonly Fault[];
}

function laterRequestsOf(subject: Case): LaterRequest[] {
  const requests: LaterRequest[] = [];
  for (const [index, step] of moneyOf(subject).entries()) {
    if (index > 0 && step.retries === undefined)
      requests.push({ actor: step.id, drop: (draft) => withoutStep(draft, step.id) });
    for (const place of step.retries?.keys() ?? []) {
      requests.push({
        actor: `${step.id}/${place + 1}`,
        drop: (draft) => moneyOf(draft)[index]?.retries?.splice(place, 1)[0]?.faults ?? [],
      });
    }
  }
  return requests;
}

function withoutStep(draft: Case, id: string): readonly Fault[] {
  const gone = moneyOf(draft).find((step) => step.id === id);
  draft.steps = draft.steps.filter((step) => step !== gone);
  return gone?.faults ?? [];
}

function sentAtMs({ crossings }: History, actor: string): number | undefined {
  return crossings.find((crossing) => crossing.actor === actor && crossing.site === 'client.charge')?.called
    .atMs;
}
