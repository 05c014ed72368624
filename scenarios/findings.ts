// The findings about the textbook as they are kept: each a section of docs/findings.md, a committed case, and the story that
// the case tells. What the document shows is what paystorm prints.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Case } from '../harness/cases/case.ts';
import { decodeCase } from '../harness/cases/codec.ts';
import { checkers } from '../harness/checkers/catalogue.ts';
import { tellStory } from '../harness/report/story.ts';
import { plainText } from '../harness/report/text.ts';
import { type RunResult, runCase } from '../harness/run.ts';
import { findTarget } from '../harness/targets/registry.ts';

/** Where the findings are told. */
export const documentPath = fileURLToPath(new URL('../docs/findings.md', import.meta.url));

/** Where their cases are. */
export const casesPath = fileURLToPath(new URL('findings/', import.meta.url));

/** One finding as the document has it. */
export interface Finding {
  /** Name of the case's file. */
  readonly file: string;
  /** The story, as it is printed there. */
  readonly story: string;
  /** Ids of the invariants that it says to be broken. */
  readonly breaks: readonly string[];
}

/** A case that was run again, and the story of what it was committed for. */
export interface Played {
  readonly subject: Case;
  readonly result: RunResult;
  readonly story: string;
}

const shown =
  /`npx paystorm replay scenarios\/findings\/(?<file>[\w-]+\.json)`\n\n```text\n(?<story>.*?)\n```/gs;

/** The findings in `text`, in their order. */
export function findingsIn(text: string): readonly Finding[] {
  return text.split(/^## /m).flatMap((section) =>
    [...section.matchAll(shown)].map(({ groups = {} }) => ({
      file: groups['file'] ?? '',
      story: groups['story'] ?? '',
      breaks: /\*\*Breaks\*\*[^*]*/.exec(section)?.[0].match(/\b[SWL]\d+\b/g) ?? [],
    })),
  );
}

/** The document with the story of one finding told anew. */
export function retold(text: string, file: string, story: string): string {
  return text.replace(shown, (whole, named: string) => (named === file ? shownAs(file, story) : whole));
}

function shownAs(file: string, story: string): string {
  return `\`npx paystorm replay scenarios/findings/${file}\`\n\n\`\`\`text\n${story}\n\`\`\``;
}

/** Runs the case in `file` again. */
export async function playFinding(file: string): Promise<Played> {
  const subject = decodeCase(readFileSync(casesPath + file, 'utf8'), file);
  const target = findTarget(subject.target);
  if (target === undefined) throw new Error(`${file} names ${subject.target}, which is no target`);
  const result = await runCase(subject, target);
  return { subject, result, story: storyOf(subject, result) };
}

/** The story of what a case was committed for, without the hint at its end; empty when nothing of the kind is broken. */
function storyOf({ expect }: Case, { history, verdicts }: RunResult): string {
  const checker = checkers.find(({ id }) => id === expect?.breaks);
  const verdict = verdicts.find(({ id }) => id === checker?.id)?.verdict;
  if (checker === undefined || verdict?.verdict !== 'breaks') return '';
  const { because, crossings } = verdict;
  const lines = tellStory({ history, checker, because, crossings, columns: 100 }).map(plainText);
  const hint = lines.findIndex((line) => line.startsWith('   why it can happen:'));
  return lines.slice(0, hint).join('\n');
}
