// Convinces by replaying one file with every outcome that a run can have: each gives exactly one of the four
// verdicts, and FIXED is never said of an invariant that was not judged.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Case } from '../cases/case.ts';
import { encodeCase } from '../cases/codec.ts';
import type { InvariantId, Verdict } from '../checkers/checker.ts';
import { script } from '../report/testing.ts';
import type { RunResult } from '../run.ts';
import type { Target } from '../targets/target.ts';
import { type Replayed, replayFile } from './replay-case.ts';

const saved: Case = { paystorm: 1, target: 'reference', profile: 'stripe', seed: 1, steps: [] };
const target: Target = { name: 'reference', description: '', capabilities: [], start: () => ({}) };
const holds: Verdict = { verdict: 'holds', judged: 1 };
const breaks: Verdict = { verdict: 'breaks', because: 'two charges', crossings: [] };

function result(verdicts: Partial<Record<InvariantId, Verdict>>): RunResult {
  const listed = Object.entries(verdicts).map(([id, verdict]) => ({ id: id as InvariantId, verdict }));
  const broken = listed.filter(({ verdict }) => verdict.verdict === 'breaks').map(({ id }) => id);
  return { history: script().done(), verdicts: listed, broken, marks: [] };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paystorm-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function replayed(subject: Case, ran: RunResult): Promise<Replayed> {
  const file = join(folder, 'case.json');
  writeFileSync(file, encodeCase(subject));
  return replayFile(file, { run: async () => ran, targetNamed: () => target });
}

const expectsS1: Case = { ...saved, expect: { breaks: 'S1' } };

describe('a replayed case', () => {
  it('HOLDS when nothing was expected and nothing breaks', async () => {
    expect(await replayed(saved, result({ S1: holds }))).toMatchObject({
      verdict: 'HOLDS',
      sameHistory: null,
    });
  });

  it('is BROKEN by the expected invariant rather than by another one', async () => {
    const outcome = await replayed(expectsS1, result({ S2: breaks, S1: breaks }));
    expect(outcome).toMatchObject({ verdict: 'BROKEN', checker: { id: 'S1' }, because: 'two charges' });
  });

  it('is BROKEN when the expected invariant holds but another breaks', async () => {
    const outcome = await replayed(expectsS1, result({ S1: holds, S2: breaks }));
    expect(outcome).toMatchObject({ verdict: 'BROKEN', checker: { id: 'S2' } });
  });

  it('is FIXED when the expected invariant was judged and holds', async () => {
    expect(await replayed(expectsS1, result({ S1: holds }))).toMatchObject({ verdict: 'FIXED' });
  });

  it.each<[string, Verdict]>([
    ['nothing was judged', { verdict: 'holds', judged: 0 }],
    ['it is not promised', { verdict: 'not-promised', why: 'the world took it away' }],
  ])('is not FIXED when %s', async (_name, verdict) => {
    expect(await replayed(expectsS1, result({ S1: verdict }))).toMatchObject({ verdict: 'ERROR' });
  });

  it('says whether the history is the one that was found', async () => {
    const ran = result({ S1: breaks });
    const same = { ...saved, found: { tool: '0.1.0', historyHash: ran.history.digest } };
    const other = { ...saved, found: { tool: '0.1.0', historyHash: 'fedcba9876543210' } };
    expect(await replayed(same, ran)).toMatchObject({ verdict: 'BROKEN', sameHistory: true });
    expect(await replayed(other, ran)).toMatchObject({ verdict: 'BROKEN', sameHistory: false });
  });
});

describe('a case that cannot be replayed is an ERROR', () => {
  it('when it is a device, which could be read for ever, or a folder', async () => {
    const targetNamed = () => target;
    const device = await replayFile('/dev/zero', { run: async () => result({}), targetNamed });
    expect(device).toMatchObject({ verdict: 'ERROR', problem: expect.stringMatching(/not a plain file/) });
    const inside = await replayFile(folder, { run: async () => result({}), targetNamed });
    expect(inside).toMatchObject({
      verdict: 'ERROR',
      problem: expect.stringMatching(/folder inside a folder/),
    });
  });

  const never = async (): Promise<RunResult> => {
    throw new Error('the target went in circles');
  };

  it.each([
    ['is missing', undefined, /there is no such file/],
    ['is cut off', '{ "paystorm": 1, "st', /ends too early/],
    ['is from a newer version', '{ "paystorm": 2 }', /newer paystorm/],
    ['makes the harness fail', encodeCase(saved), /went in circles/],
    [
      'expects what is no invariant',
      encodeCase({ ...saved, expect: { breaks: 'S99' } }),
      /S99|no invariant|known/,
    ],
  ])('when it %s', async (_name, text, problem) => {
    const file = join(folder, 'case.json');
    if (text !== undefined) writeFileSync(file, text);
    const run = text?.includes('S99') === true ? async () => result({ S1: holds }) : never;
    const outcome = await replayFile(file, { run, targetNamed: () => target });
    expect(outcome).toMatchObject({ verdict: 'ERROR', problem: expect.stringMatching(problem) });
  });
});
