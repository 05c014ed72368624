// What a run found is saved and told the moment it is known, so that neither a later crash nor an impatient user
// can lose it. If the disk fails, the case goes to stderr instead.

import type { Case } from '../cases/case.ts';
import { encodeCase } from '../cases/codec.ts';
import { checkers } from '../checkers/catalogue.ts';
import type { InvariantId } from '../checkers/checker.ts';
import type { Reproduced } from '../replay/reproduce.ts';
import { OutputFolderError, saveCase } from '../replay/saved-cases.ts';
import type { ReportedViolation } from '../report/run-report.ts';
import { tellStory } from '../report/story.ts';
import { storyHeadline } from '../report/summary.ts';
import { type Line, line, toned } from '../report/text.ts';
import type { Campaign } from '../search/campaign.ts';
import type { Violation } from '../search/violation-book.ts';
import type { RunSettings } from './run-settings.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Where findings were saved; null where that failed. */
export interface SavedPaths {
  readonly violations: ReadonlyMap<InvariantId, string | null>;
  /** By place among the campaign's errors. */
  readonly errors: readonly (string | null)[];
  readonly mismatch: string | null;
}

/** Takes findings in. */
export interface Findings {
  /** Saves a broken invariant's case and, unless JSON was asked for, tells its story. */
  take(violation: Violation): void;
  /** Saves what only the end of a campaign shows: cases that could not be judged or came out differently. */
  saveRest(campaign: Campaign): SavedPaths;
}

/** At most so many cases that could not be judged are saved: one mistake tends to fail them all. */
const mostErrorCases = 3;

/** Saves findings as `settings` say. */
export function findingsOf(settings: RunSettings, output: Terminal): Findings {
  const violations = new Map<InvariantId, string | null>();

  const save = (subject: Case, name: string): string | null => {
    try {
      return saveCase(settings.outputDir, subject, name);
    } catch (error) {
      if (!(error instanceof OutputFolderError)) throw error;
      output.complain([
        line(toned('bad', 'paystorm: '), error.message),
        line('this is the case, so that it is not lost:'),
      ]);
      output.complain(
        encodeCase(subject)
          .split('\n')
          .map((text) => line(text)),
      );
      return null;
    }
  };

  return {
    take(violation) {
      const { invariant, result } = violation;
      const name = nameOf(invariant);
      const found = { tool: version, historyHash: result.history.digest };
      const path = save({ ...violation.case, expect: { breaks: invariant }, found }, name);
      violations.set(invariant, path);
      if (!settings.json) output.print(storyOf(violation, path, output.columns));
    },
    saveRest({ errors, firstMismatch }) {
      return {
        violations,
        errors: errors.map((error, index) => (index < mostErrorCases ? save(error.case, 'error') : null)),
        mismatch: firstMismatch === undefined ? null : save(firstMismatch.case, 'not-deterministic'),
      };
    },
  };
}

/** A violation as it is reported. */
export function reportedViolation(
  violation: Violation,
  { path, reproduced }: { readonly path: string | null; readonly reproduced: Reproduced | null },
): ReportedViolation {
  const { invariant, because, requests, faults, preemptions, before, runsToFailure } = violation;
  const { shrinkMs, shrunkToEnd, timesBroken, foundBy } = violation;
  return {
    invariant,
    name: nameOf(invariant),
    because,
    case: path,
    requests,
    faults,
    preemptions,
    before,
    runsToFailure,
    shrinkMs: Math.round(shrinkMs),
    shrunkToEnd,
    timesBroken,
    foundBy,
    reproduced,
  };
}

function storyOf(violation: Violation, path: string | null, columns: number): readonly Line[] {
  const { invariant, because, result } = violation;
  const checker = checkers.find(({ id }) => id === invariant);
  const verdict = result.verdicts.find(({ id }) => id === invariant)?.verdict;
  const lines = [storyHeadline(reportedViolation(violation, { path, reproduced: null }))];
  if (checker !== undefined && verdict?.verdict === 'breaks') {
    lines.push(
      ...tellStory({ history: result.history, checker, because, crossings: verdict.crossings, columns }),
    );
  }
  if (path !== null)
    lines.push(line(toned('faint', '   replay: '), toned('name', `npx paystorm replay ${shellWord(path)}`)));
  return [...lines, line()];
}

function nameOf(invariant: InvariantId): string {
  return checkers.find(({ id }) => id === invariant)?.name ?? invariant;
}

/** A path as it can be pasted into a shell. */
export function shellWord(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
