// Convinces by starting the real command on bugs that show in the first cases, on one that needs more cases than it is
// given, and with the flags that people mistype.

import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { KillReport } from '../report/kill-report.ts';

const bin = fileURLToPath(new URL('./paystorm.js', import.meta.url));

// Starting a process takes its time on a machine that is busy with other tests.
const slow = { timeout: 30_000 };

function paystorm(...words: string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { FORCE_COLOR: _forced, ...rest } = process.env;
  const env = { ...rest, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

describe('paystorm mutants', slow, () => {
  it('prints one JSON object, with the same digest for the same seed', () => {
    const words = [
      'mutants',
      '--only',
      'ttl-in-seconds',
      'authorised-told-as-paid',
      '--runs',
      '40',
      '--trials',
      '2',
    ];
    const [first, second] = [0, 1].map(() => paystorm(...words, '--seed', '5', '--json'));
    expect(first).toMatchObject({ code: 0, err: '' });
    const report = JSON.parse(first?.out ?? '') as KillReport;
    expect(report).toMatchObject({
      tool: 'paystorm',
      seed: 5,
      trials: 2,
      runs: { charge: 40, checkout: 40 },
      falseAlarms: 0,
    });
    expect(report.mutants.map(({ id, caught, trials }) => ({ id, caught, trials }))).toEqual([
      { id: 'ttl-in-seconds', caught: 8, trials: 8 },
      { id: 'authorised-told-as-paid', caught: 8, trials: 8 },
    ]);
    expect(report.mutants[0]).toMatchObject({
      class: 'idempotency',
      invariant: 'S1',
      story: { requests: 1, faults: 0, preemptions: 0 },
      minimum: { requests: 1, faults: 0 },
    });
    expect(report.reference.map(({ profile, runs }) => ({ profile, runs }))).toHaveLength(4);
    expect((JSON.parse(second?.out ?? '') as KillReport).digest).toBe(report.digest);
  });

  it('hunts the bugs of the classes that are named, those of a shop with cases of orders', () => {
    const words = [
      '--class',
      'fraud,saga',
      '--only',
      'replays-counted',
      'ttl-in-seconds',
      '--profile',
      'none',
    ];
    const { code, out } = paystorm('mutants', ...words, '--runs', '3', '--seed', '1', '--json');
    expect(code).toBe(0);
    const report = JSON.parse(out) as KillReport;
    const story = { requests: 1, faults: 0, preemptions: 0 };
    expect(report.mutants).toMatchObject([{ id: 'replays-counted', suite: 'checkout', caught: 1, story }]);
    expect(report.reference).toMatchObject([
      { suite: 'checkout', profile: 'none', runs: 3, falseAlarms: [] },
    ]);
  });

  it('tells what survived, with the command that hunts it again, and exits with 1', () => {
    const words = ['--only', 'stale-lookup-believed', '--profile', 'stripe', '--runs', '3', '--seed', '1'];
    const { code, out } = paystorm('mutants', ...words);
    expect(code).toBe(1);
    expect(out).toContain('survived    stale-lookup-believed on stripe: S1 held in 3 cases');
    expect(out).toContain(
      '--suite charge --target mutant:stale-lookup-believed --profile stripe --seed 1 --runs 3',
    );
  });

  it.each([
    {
      words: ['--only', 'ttl-in-second'],
      says: 'unknown --only "ttl-in-second": did you mean ttl-in-seconds? Known: ttl-in-seconds, ',
    },
    {
      words: ['--class', 'sagas'],
      says: 'unknown --class "sagas": did you mean saga? Known: saga, rule, ',
    },
    {
      words: ['--class', 'fraud', '--only', 'ttl-in-seconds'],
      says: '--class fraud has none of --only ttl-in-seconds; take --class idempotency, or leave it out',
    },
    { words: ['--trials', '0'], says: '--trials "0" is no number of trials; give a whole number from 1' },
    { words: ['--runs', 'many'], says: '--runs "many" is no budget; give a whole number' },
    { words: ['--seed', '-1'], says: '--seed "-1" is not a seed' },
    { words: ['--profile', 'strip'], says: 'unknown --profile "strip": did you mean stripe?' },
    { words: ['--trails', '2'], says: 'unknown flag of mutants "--trails": did you mean --trials?' },
    {
      words: ['--only', 'stale-lookup-believed', '--profile', 'none'],
      says: '--profile none hides stale-lookup-believed: nothing can break there; take one of stripe',
    },
  ])('answers $words in one line', ({ words, says }) => {
    const { code, out, err } = paystorm('mutants', ...words);
    expect(err.split('\n')).toEqual([expect.stringContaining(says), '']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it('ends at the next case when it is interrupted, and says what was hunted until then', async () => {
    const child = spawn(process.execPath, [bin, 'mutants', '--trials', '1000', '--runs', '1000000']);
    let out = '';
    // Interrupts are watched for from before the headline on.
    child.stdout.setEncoding('utf8').once('data', () => child.kill('SIGINT'));
    child.stdout.on('data', (text: string) => {
      out += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(130);
    expect(out).toContain('interrupted: these figures cover what was hunted until then');
  });
});
