// Convinces by a pair whose story is real: it is saved as a case that replay would take, and told with its lanes, its
// reason and the command; and by a pair without a story, and a folder that cannot be written.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runErrand } from '../bench/stacks/errands.ts';
import type { UnsafePair } from '../bench/stacks/trial.ts';
import { decodeCase } from '../cases/codec.ts';
import { plainText } from '../report/text.ts';
import { movedOutside, recommendedOrder } from '../targets/orders.ts';
import { pairStories, savePair } from './pair-stories.ts';
import { type Terminal, terminal } from './terminal.ts';

const names = { outer: 'logExecution', inner: 'idempotent' } as const;

async function found(): Promise<UnsafePair> {
  const order = movedOutside(recommendedOrder, names);
  const outcome = await runErrand('hunt', { order, gateways: ['stripe'], seed: 3, runs: 5 });
  const witness = outcome.witnesses.find(({ invariant }) => invariant === 'S20');
  return { ...names, witness, huntedFor: outcome.runsToFailure };
}

let folder: string;
let err: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paystorm-'));
  err = '';
});
afterEach(() => rmSync(folder, { recursive: true }));

function output(): Terminal {
  const write = (text: string): void => {
    err += text;
  };
  return terminal({ stdout: { write: () => {} }, stderr: { write }, env: {} });
}

describe('the story of a pair', { timeout: 30_000 }, () => {
  it('is saved as a case that says what it breaks', async () => {
    const pair = await found();
    const path = savePair(pair, folder, output());
    const saved = decodeCase(readFileSync(path ?? '', 'utf8'));
    expect(saved).toMatchObject({
      target: 'stack:logExecution>idempotent>circuitBreaker>retry>rateLimit>timeout',
      expect: { breaks: 'S20' },
      found: { historyHash: pair.witness?.historyHash },
    });
  });

  it('is told with its lanes, its reason and the command', async () => {
    const pair = await found();
    const lines = await pairStories([pair], { savedAs: () => 'cases/one.json', columns: 80 });
    const text = lines.map(plainText).join('\n');
    expect(text).toMatch(
      /^\n✗ logExecution outside idempotent breaks S20 audit-complete {2}\(1 request, 0 faults\)\n/,
    );
    expect(text).toMatch(/client +service +gateway/);
    expect(text).toContain('replay: npx paystorm replay cases/one.json');
  });

  it('is one line where there is none', async () => {
    const pair = { ...names, witness: undefined, huntedFor: undefined };
    expect(savePair(pair, folder, output())).toBeNull();
    const lines = await pairStories([pair], { savedAs: () => null, columns: 80 });
    expect(lines.map(plainText)).toEqual([
      '',
      '✗ logExecution outside idempotent  no order with it survived; alone it broke nothing',
    ]);
  });

  it('goes to stderr where it cannot be saved', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(savePair(await found(), file, output())).toBeNull();
    expect(err).toContain('this is the case, so that it is not lost:');
    expect(err).toContain('"breaks": "S20"');
  });
});
