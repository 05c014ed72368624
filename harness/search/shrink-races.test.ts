// Convinces by races between requests and sweeps whose simplest case is known: it must be reached from every start.

import { describe, expect, it } from 'vitest';
import type { Case, Fault } from '../cases/case.ts';
import { chargesOf } from './edit.ts';
import { minima, plainCharge as plain } from './minima.ts';

function delayOf(faults: readonly Fault[] | undefined, site: Fault['site']): number {
  let delay = 0;
  for (const fault of faults ?? []) {
    if (fault.site === site && fault.nth === 1 && fault.kind === 'delay') delay += fault.ms ?? 50;
  }
  return delay;
}

describe('shrinkCase ends at the known minimum of a race with a sweep', () => {
  // A made-up service: a request claims 1 ms after it came and completes 40 ms later; sweep k lists at k times its
  // interval. Delays of the case come on top.
  const sweepsOf = ({ config = {}, background = {} }: Case) => {
    const everyMs = config.sweepEveryMs;
    if (everyMs === undefined) return [];
    return Array.from({ length: config.sweeps ?? 1 }, (_, index) => {
      const faults = background[`sweep:${index + 1}`];
      const listedAt = (index + 1) * everyMs + delayOf(faults, 'store.list');
      return { listedAt, claimedAt: listedAt + 2 + delayOf(faults, 'store.claim') };
    });
  };
  const requestsOf = (subject: Case) =>
    chargesOf(subject).map((step) => {
      const claimedAt =
        step.at + delayOf(step.faults, 'client.charge') + 1 + delayOf(step.faults, 'store.claim');
      return { claimedAt, completedAt: claimedAt + 40 + delayOf(step.faults, 'gateway.authorize') };
    });
  const raceOf =
    (
      meets: (
        request: ReturnType<typeof requestsOf>[number],
        sweep: ReturnType<typeof sweepsOf>[number],
      ) => boolean,
    ) =>
    (subject: Case) =>
      sweepsOf(subject).some((sweep) => requestsOf(subject).some((request) => meets(request, sweep)));

  it('that lists while the request is under way', async () => {
    const rule = raceOf(
      (request, sweep) => request.claimedAt < sweep.listedAt && sweep.listedAt < request.completedAt,
    );
    const { left, shrunk } = await minima(rule, 900, (subject, index) => {
      delete subject.episodes;
      if (index % 3 === 0) subject.config = { ...subject.config, sweepEveryMs: 1_000, sweeps: 4 };
      const step = chargesOf(subject).at(-1);
      if (step !== undefined && index % 2 === 0)
        step.faults = [{ site: 'gateway.authorize', nth: 1, kind: 'delay', ms: 9_000 }];
    });
    expect(shrunk).toBeGreaterThan(100);
    expect(left).toEqual([
      { seed: 0, steps: [{ id: 'a', at: 60, ...plain }], config: { sweepEveryMs: 100 } },
    ]);
  });

  it('that lists before the request completes and claims after it', async () => {
    const rule = raceOf(
      (request, sweep) => sweep.listedAt < request.completedAt && request.completedAt < sweep.claimedAt,
    );
    const { left, shrunk, mostExecutions } = await minima(rule, 250, (subject, index) => {
      const name = `sweep:${(index % 4) + 1}`;
      const everyMs = [1_000, 10_000, 31_000][index % 3] ?? 0;
      subject.config = { ...subject.config, sweepEveryMs: everyMs, sweeps: 4 };
      subject.background = {
        [name]: [{ site: 'store.claim', nth: 1, kind: 'delay', ms: everyMs - (index % 7) * 100 }],
      };
      const at = everyMs * ((index % 4) + 1) + (index % 11) * 60;
      subject.steps.push({ id: 'z', at, ...plain, process: 0 });
    });
    expect(shrunk).toBeGreaterThan(160);
    expect(mostExecutions).toBeLessThan(1_000);
    expect(left).toEqual([
      { seed: 0, steps: [{ id: 'a', at: 60, ...plain }], config: { sweepEveryMs: 100 } },
    ]);
  });

  it('that a delay is needed for, whoever carried it at first', async () => {
    // Two requests overlap only where one is held up by more than 200 ms within itself.
    const rule = raceOf(
      (request, sweep) =>
        request.claimedAt < sweep.listedAt &&
        sweep.claimedAt < request.completedAt &&
        request.completedAt - request.claimedAt > 240,
    );
    const { left, shrunk } = await minima(rule, 250, (subject, index) => {
      subject.config = { ...subject.config, sweepEveryMs: 1_000, sweeps: 4 };
      const faults: Fault[] = [{ site: 'gateway.authorize', nth: 1, kind: 'delay', ms: 300 + (index % 900) }];
      if (index % 2 === 0) faults.push({ site: 'client.charge', nth: 1, kind: 'delay', ms: 45 });
      subject.steps.push({ id: 'z', at: 700 + (index % 290), ...plain, faults });
    });
    expect(shrunk).toBeGreaterThan(120);
    const faults = [{ site: 'gateway.authorize', nth: 1, kind: 'delay', ms: 201 }];
    expect(left).toEqual([
      { seed: 0, steps: [{ id: 'a', at: 0, ...plain, faults }], config: { sweepEveryMs: 100 } },
    ]);
  });
});
