// What each unsafe pair of layers does, as its shortest story, saved where `run` saves its findings.

import type { UnsafePair } from '../bench/stacks/trial.ts';
import { encodeCase } from '../cases/codec.ts';
import { checkerById } from '../checkers/catalogue.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { OutputFolderError, saveCase } from '../replay/saved-cases.ts';
import { tellStory } from '../report/story.ts';
import { type Line, line, toned } from '../report/text.ts';
import { plural } from '../report/words.ts';
import { runCase } from '../run.ts';
import { findTarget } from '../targets/registry.ts';
import { shellWord } from './findings.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Saves the story of a pair and returns the path; null when there is none, or when it went to stderr instead. */
export function savePair({ witness }: UnsafePair, outputDir: string, output: Terminal): string | null {
  if (witness === undefined) return null;
  const { invariant, historyHash } = witness;
  const found = { tool: version, historyHash };
  const subject = { ...witness.case, expect: { breaks: invariant }, found };
  try {
    return saveCase(outputDir, subject, nameOf(invariant));
  } catch (error) {
    if (!(error instanceof OutputFolderError)) throw error;
    output.complain([
      line(toned('bad', 'paystorm: '), error.message),
      line('this is the case, so that it is not lost:'),
      ...encodeCase(subject)
        .split('\n')
        .map((text) => line(text)),
    ]);
    return null;
  }
}

/** How stories are told. */
export interface Telling {
  /** Where the case of a pair was saved. */
  readonly savedAs: (pair: UnsafePair) => string | null;
  readonly columns: number;
}

/** One headline for each pair, followed by its story. */
export async function pairStories(pairs: readonly UnsafePair[], telling: Telling): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const pair of pairs) lines.push(line(), headlineOf(pair), ...(await storyOf(pair, telling)));
  return lines;
}

function headlineOf({ outer, inner, witness }: UnsafePair): Line {
  const pair = toned('bad', `✗ ${outer} outside ${inner}`);
  if (witness === undefined)
    return line(pair, toned('faint', '  no order with it survived; alone it broke nothing'));
  const { invariant, requests, faults, preemptions } = witness;
  const size = [
    plural(requests, 'request'),
    plural(faults, 'fault'),
    ...(preemptions > 0 ? [plural(preemptions, 'delay')] : []),
  ];
  return line(
    pair,
    ' breaks ',
    toned('bad', `${invariant} ${nameOf(invariant)}`),
    toned('faint', `  (${size.join(', ')})`),
  );
}

async function storyOf(pair: UnsafePair, { savedAs, columns }: Telling): Promise<readonly Line[]> {
  const { witness } = pair;
  const target = witness === undefined ? undefined : findTarget(witness.case.target);
  const checker = witness === undefined ? undefined : checkerById(witness.invariant);
  if (witness === undefined || target === undefined || checker === undefined) return [];
  const { history, verdicts } = await runCase(witness.case, target);
  const verdict = verdicts.find(({ id }) => id === witness.invariant)?.verdict;
  const crossings = verdict?.verdict === 'breaks' ? verdict.crossings : [];
  const path = savedAs(pair);
  return [
    ...tellStory({ history, checker, because: witness.because, crossings, columns }),
    ...(path === null
      ? []
      : [line(toned('faint', '   replay: '), toned('name', `npx paystorm replay ${shellWord(path)}`))]),
  ];
}

function nameOf(invariant: InvariantId): string {
  return checkerById(invariant)?.name ?? invariant;
}
