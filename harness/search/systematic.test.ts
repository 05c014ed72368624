// Convinces by counting: on made-up runs whose boundaries are known, every fault at every boundary must come exactly
// once, then every ordered pair exactly once; on the real world, the faults must strike.

import { describe, expect, it } from 'vitest';
import type { Case } from '../cases/case.ts';
import { everyFault } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';
import type { Crossing } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import { runCase } from '../run.ts';
import { reference } from '../targets/reference.ts';
import { basesFor } from './bases.ts';
import { boundariesOf, faultsAt } from './boundaries.ts';
import { drawing } from './minima.ts';
import { type SystematicCase, systematicCases } from './systematic.ts';
import { madeUpResult } from './testing.ts';

const options = { ...drawing, seed: 3 };

function crossing(actor: string, site: Site, order: number): Crossing {
  return {
    id: order,
    actor,
    process: 'p0',
    incarnation: 1,
    site,
    nth: 1,
    request: {},
    faults: [],
    called: { atMs: order, order },
  };
}

/** Crosses two boundaries, and a third one only after a fault at the first. */
async function madeUpRun(subject: Case) {
  const crossings = [crossing('a', 'store.claim', 1), crossing('a', 'clock.sleep', 2)];
  if (everyFault(subject).some((fault) => fault.site === 'store.claim')) {
    crossings.push(crossing('a', 'store.read', 3));
  }
  // After healing nothing can be struck, and a duplicate is no actor of the case.
  crossings.push(crossing('a/dup', 'store.claim', 4), crossing('ask:1', 'store.claim', 2_000_000));
  return madeUpResult(subject, { crossings });
}

async function all(run: typeof madeUpRun): Promise<SystematicCase[]> {
  const cases: SystematicCase[] = [];
  for await (const subject of systematicCases(run, options)) cases.push(subject);
  return cases;
}

const countAt = (site: Site) => faultsAt({ actor: 'a', site, nth: 1, order: 0 }, options).length;

describe('systematicCases', () => {
  it('puts each fault at each boundary once, then each second fault after each first', async () => {
    const cases = await all(madeUpRun);
    const bases = basesFor(options, options.seed).length;
    const [claim, sleep, read] = [countAt('store.claim'), countAt('clock.sleep'), countAt('store.read')];
    const ones = cases.filter(({ strategy }) => strategy === 'one-fault');
    const twos = cases.filter(({ strategy }) => strategy === 'two-faults');
    expect(ones).toHaveLength(bases * (claim + sleep));
    expect(twos).toHaveLength(bases * claim * (sleep + read));
    expect(cases.slice(bases + ones.length)).toEqual(twos);
    expect(new Set(cases.map((subject) => JSON.stringify(subject.case))).size).toBe(cases.length);
  });

  it('comes in the same order every time', async () => {
    expect(await all(madeUpRun)).toEqual(await all(madeUpRun));
  });

  it('goes on past a case on which the harness fails', async () => {
    const failing = async (subject: Case) => {
      if (everyFault(subject).some(({ kind }) => kind === 'stall')) throw new Error('escaped');
      return await madeUpRun(subject);
    };
    const kinds = (cases: SystematicCase[]) =>
      new Set(
        cases
          .filter(({ strategy }) => strategy === 'one-fault')
          .map((subject) => JSON.stringify(subject.case)),
      );
    expect(kinds(await all(failing))).toEqual(kinds(await all(madeUpRun)));
  });

  it('strikes the real reference target where it says', async () => {
    const run = (subject: Case) => runCase(subject, reference);
    let count = 0;
    for await (const { case: subject, strategy } of systematicCases(run, options)) {
      if (strategy === 'two-faults') break;
      checkCase(subject);
      if (strategy === 'no-fault') continue;
      count += 1;
      if (count % 5 !== 0) continue;
      const { history } = await run(subject);
      const fault = everyFault(subject).at(-1);
      expect(history.crossings.flatMap(({ faults }) => faults)).toContain(fault?.kind);
    }
    expect(count).toBeGreaterThan(200);
  });

  it('discovers what a sweep crosses', async () => {
    const run = (subject: Case) => runCase(subject, reference);
    const sites = new Set<string>();
    for await (const { case: subject, strategy } of systematicCases(run, options)) {
      if (strategy === 'two-faults') break;
      for (const faults of Object.values(subject.background ?? {}))
        for (const { site } of faults) sites.add(site);
    }
    expect([...sites]).toContain('store.list');
    const { history } = await run({ ...drawing0, steps: [] });
    expect(boundariesOf(history)).toEqual([]);
  });
});

const drawing0 = { paystorm: 1, target: 'reference', profile: 'stripe', seed: 0 } as const;
