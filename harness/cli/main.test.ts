// Convinces by starting the real command, as a shell would: mistakes are answered with one line on stderr and exit
// code 2, and what is printed on stdout can be piped.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunReport } from '../report/run-report.ts';
import type { StackReport } from '../report/stack-report.ts';

const bin = fileURLToPath(new URL('./paystorm.js', import.meta.url));

// Starting a process takes its time on a machine that is busy with other tests.
const slow = { timeout: 30_000 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paystorm-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function paystorm(...words: string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { FORCE_COLOR: _forced, ...rest } = process.env;
  const env = { ...rest, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], {
    encoding: 'utf8',
    cwd: folder,
    env,
  });
  return { code: status, out: stdout, err: stderr };
}

describe('output that nobody takes', slow, () => {
  const piped = (command: string) => spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });
  const asWritten = `'${process.execPath}' '${bin}' run --suite charge --target as-written --runs 300 --seed 3 --no-shrink`;

  it('does not change the verdict when the reader has seen enough', () => {
    const { stdout } = piped(`${asWritten} | head -1 >/dev/null; echo "\${PIPESTATUS[0]}"`);
    expect(stdout.trim()).toBe('1');
  });

  it.runIf(existsSync('/dev/full'))('is an environment error when it cannot be written', () => {
    const { status, stderr } = piped(`${asWritten} >/dev/full`);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^paystorm: cannot write to stdout: .*; free some space and run again\n$/);
  });
});

describe('paystorm', slow, () => {
  it('lists its verbs, and only those that exist', () => {
    const { code, out } = paystorm('--help');
    expect(code).toBe(0);
    const verbs = [...out.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, verb]) => verb);
    expect(verbs).toEqual(['run', 'replay', 'demo', 'mutants', 'bench', 'doctor']);
  });

  it.each([
    {
      words: ['rn'],
      says: 'paystorm: unknown verb "rn": did you mean run? Known: run, replay, demo, mutants',
    },
    { words: ['run', '--runz', '5'], says: 'paystorm: unknown flag of run "--runz": did you mean --runs?' },
    { words: ['run', '--runs'], says: 'paystorm: --runs <n> needs a value' },
    { words: ['run', 'charge'], says: 'paystorm: paystorm run takes flags only; "charge" is none' },
    { words: ['run', '--runs', '0'], says: 'paystorm: --runs "0" is no budget' },
    {
      words: ['run', '--target', 'refrence'],
      says: 'paystorm: unknown --target "refrence": did you mean reference?',
    },
    { words: ['run', '--output-dir', '/dev/null'], says: 'paystorm: cannot write to /dev/null/cases' },
    { words: ['bench'], says: 'paystorm: paystorm bench needs to be told what; known: stacks' },
    { words: ['bench', 'stack'], says: 'paystorm: unknown bench "stack": did you mean stacks?' },
    { words: ['bench', 'stacks', '--order', 'all'], says: 'did you mean --orders?' },
    { words: ['replay'], says: 'paystorm: there are no saved cases in .paystorm/cases or scenarios/cases' },
  ])('answers $words in one line', ({ words, says }) => {
    const { code, out, err } = paystorm(...words);
    expect(err.split('\n')).toEqual([expect.stringContaining(says), '']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

describe('paystorm run', slow, () => {
  it('prints one JSON object, with the same digest for the same seed on any number of threads', () => {
    const words = ['run', '--runs', '40', '--seed', '7', '--target', 'as-written', '--json'];
    const [first, second] = [paystorm(...words), paystorm(...words, '--workers', '2')];
    expect(first).toMatchObject({ code: 1, err: '' });
    const report = JSON.parse(first.out) as RunReport;
    expect(report).toMatchObject({ seed: 7, runs: 40, target: 'as-written', interrupted: false });
    expect(JSON.parse(second.out)).toMatchObject({ digest: report.digest, workers: 2 });
    const violation = report.violations.find(({ invariant }) => invariant === 'S1');
    const again = paystorm('replay', '--json', violation?.case ?? '');
    const replayed = { verdict: 'BROKEN', invariant: 'S1', sameHistory: true };
    expect(JSON.parse(again.out)).toMatchObject({ cases: [replayed] });
  });

  it('ends at the next case when it is interrupted, and says what ran until then', async () => {
    const child = spawn(process.execPath, [bin, 'run', '--max-time', '600'], { cwd: folder });
    let out = '';
    // Interrupts are watched for from before the headline on.
    child.stdout.setEncoding('utf8').once('data', () => child.kill('SIGINT'));
    child.stdout.on('data', (text: string) => {
      out += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(130);
    expect(out).toContain('interrupted: these figures cover what ran until then');
  });
});

describe('paystorm bench stacks', { timeout: 120_000 }, () => {
  const words = [
    'bench',
    'stacks',
    '--orders',
    'recommended',
    '--profiles',
    'healthy',
    '--runs',
    '2',
    '--json',
  ];

  it('prints one JSON object, the same whenever it is asked but for the time, and compares it with an earlier one', () => {
    const first = paystorm(...words);
    const { elapsedMs: _elapsed, regressions: _none, ...report } = JSON.parse(first.out) as StackReport;
    expect(report).toMatchObject({ tool: 'paystorm', seed: 1, gateway: 'stripe', tried: { orders: 720 } });
    expect(report.stacks).toMatchObject([{ profile: 'healthy', doubleCharges: 0, broken: [] }]);
    const better = report.stacks.map((stack) => ({ ...stack, goodputPerSecond: 2 * stack.goodputPerSecond }));
    writeFileSync(join(folder, 'baseline.json'), JSON.stringify({ ...report, stacks: better }));
    const second = paystorm(...words, '--baseline', 'baseline.json', '--threshold', '49');
    const { elapsedMs: _again, regressions, ...again } = JSON.parse(second.out) as StackReport;
    expect(again).toEqual(report);
    expect(regressions).toMatchObject([{ figure: 'goodputPerSecond', percent: 50 }]);
  });
});

describe('paystorm bench stacks, interrupted', slow, () => {
  it('shows what it has, and exits as interrupted', async () => {
    const child = spawn(process.execPath, [bin, 'bench', 'stacks'], { cwd: folder });
    let out = '';
    child.stdout.setEncoding('utf8').once('data', () => child.kill('SIGINT'));
    child.stdout.on('data', (text: string) => {
      out += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(130);
    expect(out).toContain('interrupted: these figures cover what was measured until then');
  });
});

describe('paystorm replay', slow, () => {
  it('tells a broken case, and exits with 1', () => {
    const faults = [{ site: 'gateway.authorize', nth: 1, kind: 'response-lost' }];
    const step = {
      id: 'a',
      at: 0,
      do: 'charge',
      key: 'k1',
      amountMinor: 500,
      currency: 'USD',
      process: 0,
      faults,
    };
    const subject = {
      paystorm: 1,
      target: 'as-written',
      profile: 'stripe',
      seed: 1,
      steps: [step],
      expect: { breaks: 'S1' },
    };
    const file = join(folder, 'case.json');
    writeFileSync(file, JSON.stringify(subject));
    const broken = paystorm('replay', file);
    expect(broken).toMatchObject({ code: 1, err: '' });
    expect(broken.out).toMatch(/^BROKEN .*case\.json {2}S1 single-charge/);
    expect(broken.out).toContain('◀──── response lost ✗─┤');
    const fixed = paystorm('replay', '--target', 'reference', '--json', file);
    expect(fixed.code).toBe(0);
    expect(JSON.parse(fixed.out)).toMatchObject({ cases: [{ file, verdict: 'FIXED', invariant: 'S1' }] });
  });

  it('reports a damaged case as an ERROR and goes on with the others', () => {
    writeFileSync(join(folder, 'a.json'), '{ "paystorm": 1, "st');
    writeFileSync(
      join(folder, 'b.json'),
      '{ "paystorm": 1, "target": "reference", "profile": "stripe", "seed": 1, "steps": [] }',
    );
    const { code, out } = paystorm('replay', '--json', folder);
    expect(code).toBe(2);
    const { cases } = JSON.parse(out) as { readonly cases: readonly { readonly verdict: string }[] };
    expect(cases.map(({ verdict }) => verdict)).toEqual(['ERROR', 'HOLDS']);
  });
});
