// Convinces by taking one finding with a folder that works and one that has become unusable meanwhile: the case is
// on disk or, whole, on stderr, and the story with its replay command is told either way.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeCase } from '../cases/codec.ts';
import { intentFor, script } from '../report/testing.ts';
import type { Violation } from '../search/violation-book.ts';
import { type Findings, findingsOf } from './findings.ts';
import { runSettings } from './run-settings.ts';
import { terminal } from './terminal.ts';

const size = { requests: 1, faults: 0, preemptions: 0 };

function violation(): Violation {
  const events = script();
  const client = events.call('a', 'client.charge', intentFor('k1'));
  events.apply(client);
  const subject = { paystorm: 1, target: 'reference', profile: 'stripe', seed: 1, steps: [] } as const;
  const verdict = { verdict: 'breaks', because: 'two charges', crossings: [client.id] } as const;
  return {
    ...size,
    invariant: 'S1',
    because: 'two charges',
    case: { ...subject, steps: [] },
    result: { history: events.done(), verdicts: [{ id: 'S1', verdict }], broken: ['S1'], marks: [] },
    foundCase: { ...subject, steps: [] },
    before: size,
    foundBy: 'random',
    index: 0,
    runsToFailure: 1,
    timesBroken: 1,
    shrinkMs: 1,
    shrinkExecutions: 1,
    shrunkToEnd: true,
  };
}

let folder: string;
let out: string;
let err: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paystorm-'));
  out = '';
  err = '';
});
afterEach(() => rmSync(folder, { recursive: true }));

function findings(outputDir: string, json: boolean): Findings {
  const flags = { suite: 'charge', target: 'reference', tier: 'sim', profile: 'stripe', stores: 'memory' };
  const rest = { strategy: 'mixed', shrink: true, outputDir, reporter: json ? 'json' : 'terminal' };
  const stdout = { write: (text: string) => (out += text) };
  const stderr = { write: (text: string) => (err += text) };
  return findingsOf(
    runSettings({ ...flags, ...rest }, () => 1),
    terminal({ stdout, stderr, env: {} }),
  );
}

describe('a finding', () => {
  it('is saved with what it breaks and told with the command that replays it', () => {
    findings(folder, false).take(violation());
    const path = /npx paystorm replay (\S+)/.exec(out)?.[1] ?? '';
    const saved = decodeCase(readFileSync(path, 'utf8'));
    expect(saved.expect).toEqual({ breaks: 'S1' });
    expect(saved.found?.historyHash).toBe(violation().result.history.digest);
    expect(out).toContain('✗ S1 single-charge');
    expect(err).toBe('');
  });

  it('goes to stderr whole when the folder has become unusable', () => {
    const file = join(folder, 'gone');
    writeFileSync(file, '');
    findings(file, false).take(violation());
    expect(err).toContain('cannot write to');
    expect(decodeCase(err.slice(err.indexOf('{'))).expect).toEqual({ breaks: 'S1' });
    expect(out).toContain('✗ S1 single-charge');
    expect(out).not.toContain('npx paystorm replay');
  });

  it('leaves stdout alone when JSON was asked for', () => {
    findings(folder, true).take(violation());
    expect(out).toBe('');
  });
});
