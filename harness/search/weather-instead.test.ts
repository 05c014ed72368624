// Convinces on real runs of a planted bug that shows when a store cannot be reached twice in a row, and on one whose
// faults are of different sites and cannot be one weather.

import { describe, expect, it } from 'vitest';
import type { Case, ChargeStep, Fault } from '../cases/case.ts';
import { runCase } from '../run.ts';
import { findTarget } from '../targets/registry.ts';
import { plainCharge } from './minima.ts';
import { shrinkCase } from './shrink.ts';
import { weatherInstead } from './weather-instead.ts';

const charge: ChargeStep = { id: 'a', at: 0, ...plainCharge };

function caseOf(target: string, faults: Fault[]): Case {
  return { paystorm: 1, target, profile: 'stripe', seed: 0, steps: [{ ...charge, faults }] };
}

function runOf(name: string): (subject: Case) => ReturnType<typeof runCase> {
  const target = findTarget(name);
  if (target === undefined) throw new Error(`no such target: ${name}`);
  return (subject) => runCase(subject, target);
}

describe('weather instead of faults', () => {
  it('is one trouble where there were two', async () => {
    const run = runOf('mutant:store-outage-told-as-declined');
    const subject = caseOf('mutant:store-outage-told-as-declined', [
      { site: 'store.claim', nth: 1, kind: 'response-lost' },
      { site: 'store.claim', nth: 2, kind: 'refused' },
    ]);
    const found = await run(subject);
    expect(found.broken).toContain('S13');
    const { case: end } = await shrinkCase(subject, { invariant: 'S13', found, run });
    expect(end.steps).toEqual([charge]);
    expect(end.episodes).toHaveLength(1);
  });

  it('lasts until the last fault has struck, and leaves out what never struck', async () => {
    const subject = caseOf('reference', [
      { site: 'gateway.authorize', nth: 1, kind: 'refused' },
      { site: 'gateway.authorize', nth: 2, kind: 'dns' },
      { site: 'gateway.authorize', nth: 9, kind: 'hang' },
    ]);
    const { history } = await runOf('reference')(subject);
    const second = history.crossings.find(({ site, nth }) => site === 'gateway.authorize' && nth === 2);
    const { value: offer } = weatherInstead(subject, history).next(false);
    const untilMs = (second?.called.atMs ?? 0) + 1;
    expect(offer?.episodes).toEqual([
      { fromMs: 0, untilMs, site: 'gateway.authorize', kind: 'refused', percent: 100 },
    ]);
    expect(offer?.steps).toEqual([
      { ...charge, faults: [{ site: 'gateway.authorize', nth: 9, kind: 'hang' }] },
    ]);
  });

  it('is nothing for faults of several sites', async () => {
    const subject = caseOf('reference', [
      { site: 'gateway.authorize', nth: 1, kind: 'refused' },
      { site: 'store.complete', nth: 1, kind: 'response-lost' },
    ]);
    const { history } = await runOf('reference')(subject);
    expect(weatherInstead(subject, history).next(false).done).toBe(true);
  });
});
