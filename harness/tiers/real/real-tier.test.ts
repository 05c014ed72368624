// Convinces by playing the same cases in two tiers: with stores in memory and without chance in what is struck, real processes
// over HTTP must leave the history that the msw tier leaves, kills and lost messages included. Then on real servers: what
// must hold holds, and the textbook stack charges twice. Last, nobody outlives an orchestrator that is killed.

import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { openTestPostgres, openTestRedis } from '../../backends/testing.ts';
import { caseAt } from '../../cases/arbitraries.ts';
import type { Case, ChargeStep, Fault } from '../../cases/case.ts';
import { checkCase } from '../../cases/codec.ts';
import type { History } from '../../history/history.ts';
import { runCase } from '../../run.ts';
import { asWritten } from '../../targets/as-written.ts';
import { reference } from '../../targets/reference.ts';
import { closeRealTier } from './real-tier.ts';

afterAll(closeRealTier);

const held = { suite: 'all', target: 'reference', profile: 'stripe', dedup: 'every-answer' } as const;

const charge: ChargeStep = {
  id: 'a',
  at: 0,
  do: 'charge',
  key: 'k1',
  amountMinor: 500,
  currency: 'USD',
  process: 0,
};

function charging(faults: Fault[], changed: Partial<Case> = {}): Case {
  const steps = [{ ...charge, faults, retries: [{ afterMs: 1_000 }] }];
  return checkCase({ paystorm: 1, target: 'reference', profile: 'stripe', seed: 7, steps, ...changed });
}

/** Who crossed what, and how that ended, in order. */
function trace({ crossings, incidents, books }: History): unknown {
  const lines = crossings.map(({ actor, process: by, incarnation, site, nth, effect, reply }) => {
    const ended = [effect, reply].map((one) => (one === undefined ? '-' : one.ok ? 'ok' : one.error.code));
    return `${by}.${incarnation} ${actor} ${site}#${nth} ${ended.join(' ')}`;
  });
  const happened = incidents.map(({ kind, process: to = '' }) => `${kind} ${to}`);
  return {
    lines,
    happened,
    charges: books.charges.map(({ status, capturedMinor }) => [status, capturedMinor]),
  };
}

async function inTiers(subject: Case): Promise<{ real: unknown; msw: unknown }> {
  const play = async (tier: 'real' | 'msw'): Promise<unknown> =>
    trace((await runCase({ ...subject, tier }, reference)).history);
  return { real: await play('real'), msw: await play('msw') };
}

describe('a real process', () => {
  it.each([
    ['is killed before it is heard', { site: 'gateway.authorize', nth: 1, kind: 'crash-before-apply' }],
    ['is killed before it hears', { site: 'gateway.authorize', nth: 1, kind: 'crash-after-apply' }],
    ['is killed while it sleeps', { site: 'store.complete', nth: 1, kind: 'crash-after-apply' }],
    ['is stopped past its lease', { site: 'store.claim', nth: 1, kind: 'stall', ms: 120_000 }],
    ['hears nothing of a charge', { site: 'gateway.authorize', nth: 1, kind: 'response-lost' }],
    ['hears half of it', { site: 'gateway.authorize', nth: 1, kind: 'reset-mid-body' }],
    ['hears nothing for ever', { site: 'gateway.authorize', nth: 1, kind: 'hang' }],
  ] as const)('that %s leaves the history of a simulated one', async (_, fault) => {
    const { real, msw } = await inTiers(charging([fault]));
    expect(real).toEqual(msw);
  });

  it('holds every invariant in drawn cases of everything', async () => {
    for (let index = 0; index < 8; index++) {
      const { broken } = await runCase(caseAt(11, index, { ...held, tier: 'real' }), reference);
      expect([index, broken]).toEqual([index, []]);
    }
  }, 120_000);
});

const redis = await openTestRedis();
const postgres = await openTestPostgres();
redis.suite('with stores in Redis', () => {
  it('holds every invariant in drawn cases', async () => {
    process.env['PAYSTORM_REDIS_URL'] = redis.url;
    for (let index = 0; index < 6; index++) {
      const { broken } = await runCase(
        caseAt(3, index, { ...held, tier: 'real', stores: 'redis' }),
        reference,
      );
      expect([index, broken]).toEqual([index, []]);
    }
  }, 120_000);

  it('knows what became of a write whose answer was lost on the wire', async () => {
    const lost: Fault = { site: 'store.complete', nth: 1, kind: 'response-lost' };
    const subject = charging([lost], { tier: 'real', stores: 'redis' });
    // A server that has never seen the script refuses its hash first, and then that answer is what is lost.
    await runCase(charging([], { tier: 'real', stores: 'redis' }), reference);
    const { broken, history } = await runCase(subject, reference);
    const written = history.crossings.find(({ faults }) => faults.includes('response-lost'));
    expect(broken).toEqual([]);
    expect(written?.effect).toMatchObject({ ok: true, value: { written: true } });
    expect(written?.reply).toMatchObject({ ok: false, error: { code: 'store_unavailable' } });
  }, 60_000);

  it('charges twice with the textbook stack', async () => {
    const lost: Fault = { site: 'gateway.authorize', nth: 1, kind: 'response-lost' };
    const subject = charging([lost], { target: 'as-written', tier: 'real', stores: 'redis' });
    const { broken, history } = await runCase(subject, asWritten);
    expect(broken).toContain('S1');
    expect(history.books.charges.map(({ status }) => status)).toEqual(['captured', 'captured']);
  }, 60_000);
});

postgres.suite('with stores in Postgres', () => {
  it('holds every invariant in drawn cases', async () => {
    process.env['PAYSTORM_POSTGRES_URL'] = postgres.url;
    for (let index = 0; index < 6; index++) {
      const options = { ...held, tier: 'real', stores: 'postgres' } as const;
      const { broken } = await runCase(caseAt(3, index, options), reference);
      expect([index, broken]).toEqual([index, []]);
    }
  }, 120_000);
});

describe('an orchestrator that is killed', () => {
  it('leaves no worker behind, not even one that is stopped', async () => {
    const program = new URL('./testing-orphans.ts', import.meta.url);
    const orchestrator = spawn(process.execPath, [program.pathname], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids = await new Promise<readonly number[]>((resolve) => {
      createInterface(orchestrator.stdout).once('line', (line) => resolve(JSON.parse(line) as number[]));
    });
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.filter(isThere)).toEqual(pids);
    orchestrator.kill('SIGKILL');
    await expect.poll(() => pids.filter(isThere), { timeout: 20_000 }).toEqual([]);
  }, 60_000);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
