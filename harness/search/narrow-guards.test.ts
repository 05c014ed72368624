// Convinces on a real run of a planted bug that a breaker of the usual width shows after eight things have come together:
// the breaker that opens at once has to be found along with the two requests that it needs, and nothing of the kind may
// be tried where there is little to drop.

import { describe, expect, it } from 'vitest';
import type { Case, ChargeStep } from '../cases/case.ts';
import { runCase } from '../run.ts';
import { findTarget } from '../targets/registry.ts';
import { plainCharge } from './minima.ts';
import { narrowGuards } from './narrow-guards.ts';

const charge: ChargeStep = { id: 'a', at: 0, ...plainCharge };

const target = findTarget('mutant:time-outs-not-counted');
const run = (subject: Case) => {
  if (target === undefined) throw new Error('no such bug');
  return runCase(subject, target);
};

const wide: Case = {
  paystorm: 1,
  target: 'mutant:time-outs-not-counted',
  profile: 'stripe',
  seed: 0,
  steps: [
    { ...charge, faults: [{ site: 'gateway.authorize', nth: 1, kind: 'delay', ms: 7_960 }] },
    { ...charge, id: 'b', key: 'k2', retries: [{ afterMs: 0 }] },
    { ...charge, id: 'c', key: 'k3', at: 768, retries: [{ afterMs: 778 }, { afterMs: 4_778 }] },
  ],
  episodes: [{ fromMs: 0, untilMs: 9_545, site: 'gateway.authorize', kind: 'refused', percent: 100 }],
};

describe('narrower guards', () => {
  it('make up for the requests that a wide one needs', async () => {
    const { broken, history } = await run(wide);
    expect(broken).toContain('S16');
    const offers = narrowGuards(wide, history);
    let end: Case | undefined;
    for (let offer = offers.next(false); offer.done !== true; offer = offers.next(end !== undefined)) {
      if ((await run(offer.value)).broken.includes('S16')) end = offer.value;
    }
    expect(end?.config?.breaker?.failureThreshold).toBe(1);
    expect(end?.steps).toHaveLength(2);
  });

  it('are left alone where few requests are left', async () => {
    const few: Case = { ...wide, steps: wide.steps.slice(0, 2) };
    const { history } = await run(few);
    expect(narrowGuards(few, history).next(false).done).toBe(true);
  });

  it('keep a retry as a request of its own, sent when it was sent', async () => {
    const { history } = await run(wide);
    const sent = history.crossings.find(({ actor, site }) => actor === 'c/2' && site === 'client.charge');
    const seen = new Set<string>();
    const offers = narrowGuards(wide, history);
    for (let offer = offers.next(false); offer.done !== true; offer = offers.next(false)) {
      expect(offer.value.steps.length).toBeLessThan(4);
      for (const step of offer.value.steps) seen.add(`${step.id} at ${step.at}`);
    }
    expect(seen).toContain(`c-2 at ${sent?.called.atMs}`);
    expect(seen).toContain('a at 0');
  });
});
