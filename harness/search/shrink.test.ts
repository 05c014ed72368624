// Convinces by rules whose simplest case is known: whatever random case breaks a rule, shrinking must end at that
// simplest case and at no other, races with sweeps included. Starting cases are random ones with more put on top.

import { describe, expect, it } from 'vitest';
import { caseAt } from '../cases/arbitraries.ts';
import type { Case, Fault } from '../cases/case.ts';
import { measureCase } from '../cases/measure.ts';
import { chargesOf } from './edit.ts';
import { drawing, minima, plainCharge as plain, type Rule } from './minima.ts';
import { shrinkCase } from './shrink.ts';
import { madeUpResult } from './testing.ts';

describe('shrinkCase ends at the known minimum', () => {
  it('of two requests for one purchase on two processes within 40 ms', async () => {
    const rule: Rule = (subject) => {
      const steps = chargesOf(subject);
      return steps.some((a) =>
        steps.some(
          (b) =>
            a.key === b.key && a.scope === b.scope && a.process !== b.process && Math.abs(a.at - b.at) <= 40,
        ),
      );
    };
    const { left, shrunk } = await minima(rule, 300);
    expect(shrunk).toBeGreaterThan(30);
    expect(left).toEqual([
      {
        seed: 0,
        steps: [
          { id: 'a', at: 0, ...plain },
          { id: 'b', at: 0, ...plain, process: 1 },
        ],
        config: { processes: 2 },
      },
    ]);
  });

  it('of a lost answer and a retry after it', async () => {
    const rule: Rule = (subject) =>
      chargesOf(subject).some(
        (step) =>
          step.faults?.some(
            (fault) => fault.site === 'gateway.authorize' && fault.kind === 'response-lost',
          ) && step.retries?.some((retry) => retry.afterMs > 4_200),
      );
    const { left, shrunk } = await minima(rule, 2_500);
    expect(shrunk).toBeGreaterThan(10);
    const faults = [{ site: 'gateway.authorize', nth: 1, kind: 'response-lost' }];
    expect(left).toEqual([
      { seed: 0, steps: [{ id: 'a', at: 0, ...plain, faults, retries: [{ afterMs: 4_201 }] }] },
    ]);
  });

  it('of faults of which each meets an attempt that only the fault before it caused', async () => {
    const rule: Rule = (subject) =>
      chargesOf(subject).some((step) => {
        const at = (nth: number) =>
          step.faults?.filter((fault) => fault.site === 'gateway.authorize' && fault.nth === nth) ?? [];
        let nth = 1;
        while (at(nth).length > 0) {
          if (at(nth).some(({ kind }) => kind === 'late')) return true;
          nth += 1;
        }
        return false;
      });
    const { left, shrunk } = await minima(rule, 200, (subject, index) => {
      const [step] = chargesOf(subject);
      if (step === undefined) return;
      const site = 'gateway.authorize';
      step.faults = [];
      for (let nth = 1; nth <= index % 4; nth++) step.faults.push({ site, nth, kind: '500-before-commit' });
      step.faults.push({ site, nth: (index % 4) + 1, kind: 'late', ms: 700 });
    });
    expect(shrunk).toBeGreaterThan(170);
    expect(left).toEqual([
      {
        seed: 0,
        steps: [{ id: 'a', at: 0, ...plain, faults: [{ site: 'gateway.authorize', nth: 1, kind: 'late' }] }],
      },
    ]);
  });

  it('of one key for two payloads', async () => {
    const rule: Rule = (subject) => {
      const steps = chargesOf(subject);
      return steps.some((a) =>
        steps.some((b) => a.key === b.key && a.scope === b.scope && a.amountMinor < b.amountMinor),
      );
    };
    const { left, shrunk } = await minima(rule, 300);
    expect(shrunk).toBeGreaterThan(10);
    const small = { id: 'a', at: 0, ...plain };
    const large = { ...small, amountMinor: 101 };
    for (const subject of left) {
      expect([
        { seed: 0, steps: [small, { ...large, id: 'b' }] },
        { seed: 0, steps: [large, { ...small, id: 'b' }] },
      ]).toContainEqual(subject);
    }
  });

  it('of two jumps of a clock that need each other', async () => {
    const rule: Rule = (subject) => {
      let clock = 0;
      for (const step of subject.steps) if (step.do === 'clock') clock += step.jumpMs;
      return clock === 0 && subject.steps.some((step) => step.do === 'charge' && step.currency === 'KWD');
    };
    const { left, shrunk } = await minima(rule, 200, (subject) => {
      const [step] = chargesOf(subject);
      if (step !== undefined) step.currency = 'KWD';
      subject.steps.unshift({ id: 'x', at: 5, do: 'clock', process: 0, jumpMs: 5_000 });
      subject.steps.push({ id: 'y', at: 7, do: 'clock', process: 0, jumpMs: -5_000 });
    });
    expect(shrunk).toBeGreaterThan(150);
    expect(left).toEqual([{ seed: 0, steps: [{ id: 'a', at: 0, ...plain, currency: 'KWD' }] }]);
  });

  it('of two retries that only go together, with one between them that stays', async () => {
    const rule: Rule = (subject) =>
      chargesOf(subject).some(
        ({ retries = [] }) => retries.length % 2 === 1 && retries.some(({ afterMs }) => afterMs >= 5_000),
      );
    const { left } = await minima(rule, 50, (subject) => {
      const retries = [10, 5_000, 10].map((afterMs) => ({ afterMs }));
      subject.steps = [{ id: 'z', at: 50, ...plain, retries }];
      delete subject.background;
    });
    expect(left).toEqual([{ seed: 0, steps: [{ id: 'a', at: 0, ...plain, retries: [{ afterMs: 5_000 }] }] }]);
  });

  it('of several faults that one of another kind stands for', async () => {
    const rule: Rule = (subject) =>
      chargesOf(subject).some(({ faults = [] }) => {
        const kindsAt = (nth: number) => faults.filter((fault) => fault.nth === nth).map(({ kind }) => kind);
        return kindsAt(1).includes('edge-504') || [1, 2, 3].every((nth) => kindsAt(nth).includes('hang'));
      });
    const { left } = await minima(rule, 50, (subject) => {
      const hang = (nth: number): Fault => ({ site: 'gateway.authorize', nth, kind: 'hang' });
      subject.steps.push({ id: 'z', at: 50, ...plain, faults: [1, 2, 3].map(hang) });
    });
    const faults = [{ site: 'gateway.authorize', nth: 1, kind: 'edge-504' }];
    expect(left).toEqual([{ seed: 0, steps: [{ id: 'a', at: 0, ...plain, faults }] }]);
  });

  it('of two spans that must keep their distance while a third number stays', async () => {
    const rule: Rule = (subject) =>
      chargesOf(subject).some((step) => {
        const [fault] = step.faults ?? [];
        const [retry] = step.retries ?? [];
        return step.at >= 7 && fault?.ms !== undefined && retry?.afterMs === fault.ms + 100;
      });
    const { left } = await minima(rule, 50, (subject, index) => {
      const faults: Fault[] = [{ site: 'store.claim', nth: 1, kind: 'delay', ms: 5_000 + index }];
      subject.steps.push({ id: 'z', at: 50, ...plain, faults, retries: [{ afterMs: 5_100 + index }] });
    });
    const faults = [{ site: 'store.claim', nth: 1, kind: 'delay', ms: 0 }];
    expect(left).toEqual([
      { seed: 0, steps: [{ id: 'a', at: 7, ...plain, faults, retries: [{ afterMs: 100 }] }] },
    ]);
  });
});

describe('shrinkCase', () => {
  const always: Rule = () => true;
  const big = caseAt(5, 17, drawing);

  it('spends no more than its budget and says that it did not finish', async () => {
    let runs = 0;
    const run = async (candidate: Case) => {
      runs += 1;
      return madeUpResult(candidate, { broken: candidate.steps.length > 0 ? ['S1'] : [] });
    };
    const found = madeUpResult(big, { broken: ['S1'] });
    const end = await shrinkCase(big, { invariant: 'S1', found, run, budget: 3 });
    expect([runs, end.executions, end.finished]).toEqual([3, 3, false]);
  });

  it('stops at the signal with the simplest case so far', async () => {
    const stop = new AbortController();
    let kept: Case | undefined;
    const run = async (candidate: Case) => {
      const breaks = candidate.steps.length > 0;
      if (breaks) {
        kept = candidate;
        stop.abort();
      }
      return madeUpResult(candidate, { broken: breaks ? ['S1'] : [] });
    };
    const found = madeUpResult(big, { broken: ['S1'] });
    const end = await shrinkCase(big, { invariant: 'S1', found, run, stopSignal: stop.signal });
    expect(end.case).toEqual(kept);
    expect(end.finished).toBe(false);
  });

  it('does not slip to another invariant', async () => {
    const run = async (candidate: Case) =>
      madeUpResult(candidate, { broken: chargesOf(candidate).length > 1 ? ['S1', 'L1'] : ['L1'] });
    const subject = { ...big, steps: [0, 1, 2].map((at) => ({ id: `s${at}`, at, ...plain })) };
    const end = await shrinkCase(subject, { invariant: 'S1', found: await run(subject), run });
    expect(measureCase(end.case).requests).toBe(2);
    expect(end.result.broken).toContain('S1');
  });

  it('collects what made the harness fail and goes on', async () => {
    const run = async (candidate: Case) => {
      if (candidate.steps.length === 0) throw new Error('an empty world');
      return madeUpResult(candidate, { broken: ['S1'] });
    };
    const end = await shrinkCase(big, { invariant: 'S1', found: await run(big), run });
    expect(end.errors.length).toBeGreaterThan(0);
    expect(String(end.errors[0]?.error)).toContain('an empty world');
    expect(end.case.steps).toHaveLength(1);
  });

  it('drops what a saved case says about itself', async () => {
    const saved: Case = { ...big, expect: { breaks: 'S1' }, found: { tool: '0', historyHash: '0' } };
    const run = async (candidate: Case) =>
      madeUpResult(candidate, { broken: always(candidate) ? ['S1'] : [] });
    const end = await shrinkCase(saved, { invariant: 'S1', found: await run(saved), run });
    expect(end.case).toEqual({ paystorm: 1, target: 'reference', profile: 'stripe', seed: 0, steps: [] });
  });
});
