// How this convinces: what makes a run repeatable is tried by repeating runs, in this process and in another; what makes
// runs worth repeating is counted: how many different histories small delays reach. The rest of a run's life (healing,
// settling, asking again) is read off histories in which it shows.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Case, ChargeStep, Fault } from './cases/case.ts';
import type { History } from './history/history.ts';
import { storm } from './storm.ts';
import { asWritten } from './targets/as-written.ts';
import { reference } from './targets/reference.ts';
import type { Target } from './targets/target.ts';
import { randomStreams } from './world/random.ts';

function charge(id: string, changed: Partial<ChargeStep> = {}): ChargeStep {
  return { id, at: 0, do: 'charge', key: 'k1', amountMinor: 500, currency: 'USD', process: 0, ...changed };
}

function aCase(changed: Partial<Case> = {}): Case {
  return { paystorm: 1, target: 'reference', profile: 'stripe', seed: 7, steps: [charge('a')], ...changed };
}

const lost: Fault = { site: 'gateway.authorize', nth: 1, kind: 'response-lost' };

const eventful = aCase({
  config: { processes: 2, skewMs: [0, 900], jitter: 'full', sweepEveryMs: 30_000, sweeps: 3 },
  steps: [
    charge('a', { faults: [lost], retries: [{ afterMs: 1_000 }, { afterMs: 90_000, process: 1 }] }),
    charge('b', { at: 3, process: 1 }),
    charge('c', {
      key: 'k2',
      faults: [
        { site: 'store.complete', nth: 1, kind: 'crash-after-apply', restartAfterMs: 700 },
        { site: 'client.charge', nth: 1, kind: 'duplicated' },
      ],
      retries: [{ afterMs: 10 }],
    }),
    { id: 'jump', at: 1_000, do: 'clock', process: 1, jumpMs: -60_000 },
    charge('d', { at: 2_000, key: 'k3', faults: [{ site: 'gateway.authorize', nth: 1, kind: 'stall' }] }),
  ],
  background: { 'sweep:1': [{ site: 'store.list', nth: 1, kind: 'response-lost' }] },
});

const capturesOf = ({ books }: History): number =>
  books.charges.filter(({ status }) => status === 'captured').length;

describe('a run', () => {
  it('is the same every time', async () => {
    const first = await storm(eventful, reference);
    await storm(aCase({ seed: 8 }), asWritten);
    const second = await storm(eventful, reference);
    expect(second).toEqual(first);
    expect(first.crossings.length).toBeGreaterThan(30);
  });

  it('is the same in another process', async () => {
    const script = `
      const { storm } = await import(${JSON.stringify(new URL('./storm.ts', import.meta.url).href)});
      const { reference } = await import(${JSON.stringify(new URL('./targets/reference.ts', import.meta.url).href)});
      console.log((await storm(${JSON.stringify(eventful)}, reference)).digest);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(stdout.trim()).toBe((await storm(eventful, reference)).digest);
  });

  it('depends on its seed only through what is drawn', async () => {
    const digest = async (seed: number, jitter: 'none' | 'full'): Promise<string> => {
      const refused: Fault = { site: 'gateway.authorize', nth: 1, kind: 'refused' };
      const subject = aCase({ seed, config: { jitter }, steps: [charge('a', { faults: [refused] })] });
      return (await storm(subject, reference)).digest;
    };
    expect(await digest(1, 'none')).toBe(await digest(2, 'none'));
    expect(await digest(1, 'full')).not.toBe(await digest(2, 'full'));
  });

  it('leaves no error of the payment family without a stack afterwards', async () => {
    const { NetworkError } = await import('../src/errors/payment-error.ts');
    await storm(aCase({ steps: [charge('a', { faults: [lost] })] }), reference);
    expect(new NetworkError('reset', { effect: 'unknown' }).stack).toContain('storm.test.ts');
  });

  it('shows where a mistake in the target was made', async () => {
    const broken: Target = {
      ...reference,
      start: () => {
        throw new TypeError('a mistake in the target');
      },
    };
    const error: unknown = await storm(aCase(), broken).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).stack).toContain('storm.test.ts');
  });
});

describe('interleavings', () => {
  const order = ({ crossings }: History): string =>
    crossings
      .flatMap(({ id, called, applied, replied }) =>
        [called, applied, replied].map((instant, half) => [instant?.order ?? -1, `${id}.${half}`] as const),
      )
      .filter(([at]) => at >= 0)
      .sort(([a], [b]) => a - b)
      .map(([, half]) => half)
      .join(' ');

  it('differ with small delays, because every boundary is an event', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 2_000; seed++) {
      const drawn = randomStreams(seed)('delays');
      const delay = (site: Fault['site']): Fault => ({
        site,
        nth: 1,
        kind: 'delay',
        ms: Math.floor(drawn() * 4),
      });
      const sitesOfACharge = ['store.claim', 'gateway.authorize', 'store.complete'] as const;
      const steps = ['a', 'b', 'c'].map((id) => charge(id, { key: id, faults: sitesOfACharge.map(delay) }));
      orders.add(order(await storm(aCase({ steps }), reference)));
    }
    expect(orders.size).toBeGreaterThan(500);
  });

  it('are one and the same without delays', async () => {
    const orders = new Set<string>();
    const steps = ['a', 'b', 'c'].map((id) => charge(id));
    for (let seed = 0; seed < 50; seed++) orders.add(order(await storm(aCase({ seed, steps }), reference)));
    expect(orders.size).toBe(1);
  });
});

describe('the end of a run', () => {
  it('brings crashed processes back, sweeps, and asks every client’s question once more', async () => {
    const gone: Fault = {
      site: 'store.complete',
      nth: 1,
      kind: 'crash-before-apply',
      restartAfterMs: 31_536_000_000,
    };
    const history = await storm(aCase({ steps: [charge('a', { faults: [gone] })] }), reference);
    const actors = new Set(history.crossings.map(({ actor }) => actor));
    expect([...actors]).toEqual(['a', 'settle:1', 'settle:2', 'ask:1']);
    const asked = history.crossings.findLast(({ site }) => site === 'client.charge');
    expect(asked?.reply).toMatchObject({ ok: true, value: { kind: 'ok', chargeId: 'ch_1', replayed: true } });
    expect(capturesOf(history)).toBe(1);
  });

  it('heals once, and lets no fault strike from then on', async () => {
    // Two calls wait for each other in the process until the settling sweep lets them go on, into a fault.
    let waiting: (() => void)[] = [];
    const patient: Target = {
      ...reference,
      start: (env) => ({
        async charge() {
          await new Promise<void>((resolve) => waiting.push(resolve));
          await env.runtime.sleep(5);
          return { kind: 'unknown', code: 'x', body: '{}' };
        },
        async recover() {
          for (const resume of waiting) resume();
          waiting = [];
        },
      }),
    };
    const fault: Fault = { site: 'clock.sleep', nth: 1, kind: 'crash-before-apply' };
    const history = await storm(aCase({ steps: [charge('a', { faults: [fault] })] }), patient);
    expect(history.incidents.map(({ kind }) => kind)).toEqual(['started', 'healed', 'settled']);
    const slept = history.crossings.find(({ actor, site }) => actor === 'a' && site === 'clock.sleep');
    expect(slept?.faults).toEqual([]);
    expect(slept?.replied).toBeDefined();
  });

  it('asks for a payment under every body that was sent for it, once', async () => {
    const steps = [charge('a', { retries: [{ afterMs: 5, amountMinor: 900 }, { afterMs: 5 }] })];
    const { crossings } = await storm(aCase({ steps }), reference);
    const asked = crossings.filter(({ actor, site }) => actor.startsWith('ask:') && site === 'client.charge');
    expect(asked.map(({ request }) => (request as { amountMinor: number }).amountMinor)).toEqual([500, 900]);
  });
});

describe('guards', () => {
  const fresh = ({ crossings }: History): readonly string[] =>
    crossings
      .filter(({ actor, site }) => actor.startsWith('fresh:') && site === 'client.charge')
      .map(({ process }) => process);

  it('that may have opened are asked for two new payments each, in their process alone', async () => {
    const faults = [1, 2, 3].map((nth): Fault => ({ site: 'gateway.authorize', nth, kind: 'refused' }));
    const steps = [charge('a', { faults }), charge('b', { at: 5_000, process: 1 })];
    const config = { processes: 2, breaker: { failureThreshold: 1 } };
    expect(fresh(await storm(aCase({ config, steps }), reference))).toEqual(['p0', 'p0']);
    expect(fresh(await storm(aCase({ config: { processes: 2 }, steps }), reference))).toEqual([]);
  });

  it('that saw nothing but answers, declines included, are left alone', async () => {
    const faults = [{ site: 'gateway.authorize', nth: 1, kind: 'hard-decline' }] as const;
    expect(fresh(await storm(aCase({ steps: [charge('a', { faults: [...faults] })] }), reference))).toEqual(
      [],
    );
  });
});

describe('targets', () => {
  const twice = aCase({ steps: [charge('a', { faults: [lost], retries: [{ afterMs: 1_000 }] })] });

  it('the reference charges once where the response is lost', async () => {
    const { books } = await storm(twice, reference);
    expect(
      books.charges.map(({ paymentToken }) => paymentToken).filter((token) => token.includes('k1')),
    ).toHaveLength(1);
  });

  it('the textbook stack charges again', async () => {
    expect(capturesOf(await storm(twice, asWritten))).toBeGreaterThan(1);
  });

  it('retry after the attempt before has ended, wherever the case says', async () => {
    const steps = [charge('a', { retries: [{ afterMs: 1_000, process: 1 }] })];
    const { crossings } = await storm(aCase({ config: { processes: 2 }, steps }), reference);
    const [first, second] = crossings.filter(({ site }) => site === 'client.charge');
    expect(second?.actor).toBe('a/1');
    expect(second?.process).toBe('p1');
    expect(second?.called.atMs).toBe((first?.replied?.atMs ?? 0) + 1_000);
  });
});
