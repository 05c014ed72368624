// Convinces by the reference target and one challenged payment: whoever asks after the payer has answered must bring it
// to its end, at whatever moment the answer comes, and the books must agree with what the client is told.

import { describe, expect, it } from 'vitest';
import type { Case, Step } from './cases/case.ts';
import { profiles } from './cases/case.ts';
import { challengeLifetimeMs } from './gateway-twin/challenges.ts';
import type { Answer } from './history/history.ts';
import { runCase } from './run.ts';
import { reference } from './targets/reference.ts';

type StepUp = Extract<Step, { readonly do: 'step-up' }>;

const answered = (at: number, outcome: StepUp['outcome'] = 'authenticated', id = 'b'): StepUp => ({
  id,
  at,
  do: 'step-up',
  key: 'k1',
  outcome,
});

/** A challenged payment that its client asks for again after each of `retriesMs`. */
function challenged(stepUps: readonly StepUp[], changed: Partial<Case> = {}, retriesMs: number[] = []): Case {
  return {
    paystorm: 1,
    target: 'reference',
    profile: 'stripe',
    seed: 1,
    steps: [
      {
        id: 'a',
        at: 0,
        do: 'charge',
        key: 'k1',
        amountMinor: 500,
        currency: 'USD',
        process: 0,
        faults: [{ site: 'gateway.authorize', nth: 1, kind: '3ds-challenge' }],
        retries: retriesMs.map((afterMs) => ({ afterMs })),
      },
      ...stepUps,
    ],
    ...changed,
  };
}

/** What clients were told in turn, the closing question included; what the books hold; and who stored the end. */
async function ends(subject: Case) {
  const { history, broken } = await runCase(subject, reference);
  expect(broken).toEqual([]);
  const told = history.crossings
    .filter(({ site, actor }) => site === 'client.charge' && !actor.startsWith('fresh'))
    .map(({ reply }) => (reply?.ok === true ? (reply.value as Answer).kind : 'nothing'));
  const books = history.books.charges.map(({ status }) => status);
  const stored = history.crossings.find(({ site }) => site === 'store.complete' || site === 'store.fail');
  return { told, books, by: stored?.actor };
}

describe('a payment whose payer is challenged', () => {
  it.each(profiles)('is brought to its end by the client who asks again: %s', async (profile) => {
    expect(await ends(challenged([answered(3_000)], { profile }, [1_000, 5_000]))).toEqual({
      told: ['pending', 'pending', 'ok', 'ok'],
      books: ['captured'],
      by: 'a/2',
    });
    expect(await ends(challenged([answered(3_000, 'failed')], { profile }, [1_000, 5_000]))).toEqual({
      told: ['pending', 'pending', 'failed', 'failed'],
      books: ['failed'],
      by: 'a/2',
    });
  });

  it('is brought to its end by a sweep', async () => {
    const config = { sweepEveryMs: 10_000, sweeps: 2 };
    expect(await ends(challenged([answered(15_000)], { config }))).toEqual({
      told: ['pending', 'ok'],
      books: ['captured'],
      by: 'sweep:2',
    });
  });

  it('is brought to its end after the storm', async () => {
    const { by, ...end } = await ends(challenged([answered(15_000)]));
    expect(end).toEqual({ told: ['pending', 'ok'], books: ['captured'] });
    expect(by).toMatch(/^settle:/);
  });

  it.each([
    ['in the last moment', challengeLifetimeMs + 23, 'ok', 'captured'],
    ['too late', challengeLifetimeMs + 25, 'failed', 'failed'],
    ['before there is a payment', 10, 'failed', 'failed'],
  ] as const)('goes by an answer %s', async (...[, at, told, status]) => {
    expect(await ends(challenged([answered(at)]))).toMatchObject({
      told: ['pending', told],
      books: [status],
    });
  });

  it('goes by the first of several answers', async () => {
    const twice = [answered(1_000, 'failed'), answered(1_000, 'authenticated', 'c')];
    expect(await ends(challenged(twice, {}, [5_000]))).toMatchObject({
      told: ['pending', 'failed', 'failed'],
    });
    const again = [answered(1_000), answered(2_000, 'failed', 'c')];
    expect(await ends(challenged(again, {}, [5_000]))).toMatchObject({ told: ['pending', 'ok', 'ok'] });
  });

  it('is told in the history, with how it came out', async () => {
    const { history } = await runCase(challenged([answered(3_000, 'failed')]), reference);
    expect(history.incidents.filter(({ kind }) => kind === 'stepped-up')).toEqual([
      { kind: 'stepped-up', paymentToken: 'tok:shop:k1', outcome: 'failed', at: expect.anything() },
    ]);
    const other = await runCase(challenged([answered(3_000)]), reference);
    expect(other.history.digest).not.toBe(history.digest);
  });
});
