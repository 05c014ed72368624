// Convinces by whole runs of the reference: weather of a certain kind must do what the same fault does at each address
// that it covers, must leave everything else alone, and must count among what takes assumptions away.

import { expect, it } from 'vitest';
import type { Case, Episode } from './cases/case.ts';
import { runCase } from './run.ts';
import { reference } from './targets/reference.ts';

const charge = { do: 'charge', amountMinor: 500, currency: 'USD', process: 0 } as const;
const outage: Episode = {
  fromMs: 0,
  untilMs: 700,
  site: 'gateway.authorize',
  kind: 'response-lost',
  percent: 100,
};

function stormy(episodes: readonly Episode[], changed: Partial<Case> = {}): Case {
  const steps: Case['steps'] = [
    { id: 'a', at: 0, ...charge, key: 'k1' },
    { id: 'b', at: 400, ...charge, key: 'k2' },
    { id: 'c', at: 2_000, ...charge, key: 'k3' },
  ];
  return {
    paystorm: 1,
    target: 'reference',
    profile: 'stripe',
    seed: 1,
    steps,
    episodes: [...episodes],
    ...changed,
  };
}

async function struck(subject: Case): Promise<string[]> {
  const { history } = await runCase(subject, reference);
  return history.crossings.flatMap(({ actor, site, nth, faults }) =>
    faults.map((kind) => `${actor} ${site} ${nth} ${kind}`),
  );
}

it('strikes every request of its site while it lasts, and leads to what faults at their addresses lead to', async () => {
  const strikes = await struck(stormy([outage]));
  expect(strikes).toEqual([
    'a gateway.authorize 1 response-lost',
    'b gateway.authorize 1 response-lost',
    'a gateway.authorize 2 response-lost',
  ]);
  const site = 'gateway.authorize';
  const addressed = stormy([]);
  const faulty = addressed.steps.map((step) => {
    if (step.do !== 'charge' || step.id === 'c') return step;
    const occurrences = step.id === 'a' ? [1, 2] : [1];
    return { ...step, faults: occurrences.map((nth) => ({ site, nth, kind: 'response-lost' }) as const) };
  });
  const weather = await runCase(stormy([outage]), reference);
  const faults = await runCase({ ...addressed, steps: faulty }, reference);
  expect(weather.history.digest).toBe(faults.history.digest);
  expect(weather.broken).toEqual([]);
});

it('strikes the rest as before when a step, another episode or a fault is taken away', async () => {
  const half: Episode = { ...outage, percent: 50, untilMs: 60_000 };
  const other: Episode = { ...half, site: 'gateway.lookup', kind: 'rate-limited' };
  const first = (strikes: readonly string[], actor: string): string[] =>
    strikes.filter((strike) => strike.startsWith(`${actor} gateway.authorize 1`));
  const hits = new Set<number>();
  for (let seed = 1; seed <= 6; seed++) {
    const full = stormy([other, half], { seed });
    const all = await struck(full);
    const fewer = await struck({ ...full, steps: full.steps.slice(1), episodes: [half] });
    for (const actor of ['b', 'c']) expect(first(fewer, actor)).toEqual(first(all, actor));
    hits.add(first(all, 'b').length);
  }
  expect([...hits].sort()).toEqual([0, 1]);
});

it('counts among what takes assumptions away', async () => {
  const expiring: Episode = { ...outage, kind: 'key-expired' };
  const { history } = await runCase(stormy([expiring]), reference);
  expect(history.terms.broken).toEqual(['key-retention']);
});
