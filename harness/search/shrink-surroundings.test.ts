// Convinces by rules about weather, guards, gateways and payers whose simplest case is known, put on top of random cases;
// and by a made-up run in which a crossing is struck by whatever lasts when it is made, so that weather and a fault at an
// address can stand for each other.

import { describe, expect, it } from 'vitest';
import { caseAt } from '../cases/arbitraries.ts';
import type { Case, Episode } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';
import type { Crossing } from '../history/history.ts';
import { carriersOf, chargesOf } from './edit.ts';
import { drawing, minima, plainCharge as plain, type Rule } from './minima.ts';
import { shrinkCase } from './shrink.ts';
import { madeUpResult } from './testing.ts';

const others: readonly Episode[] = [
  { fromMs: 5, untilMs: 90_000, site: 'gateway.lookup', kind: 'rate-limited', percent: 30, retryAfter: '5' },
  { fromMs: 700, untilMs: 701, site: 'store.read', kind: 'stall', percent: 100, ms: 35_000 },
];

/** Adds `episode` to a case, before, between or after others. */
function cloud(subject: Case, episode: Episode, index: number): void {
  subject.episodes = [...others];
  subject.episodes.splice(index % 3, 0, episode);
}

describe('shrinkCase ends at the known minimum', () => {
  it('of weather that has to last', async () => {
    const rule: Rule = ({ episodes = [] }) =>
      episodes.some(
        ({ site, fromMs, untilMs, percent }) =>
          site === 'store.claim' && untilMs - fromMs >= 300 && percent >= 40,
      );
    const { left, shrunk } = await minima(rule, 60, (subject, index) => {
      const fromMs = index * 37;
      const kind = index % 2 === 0 ? 'refused' : 'delay';
      const untilMs = fromMs + 400 + index * 11;
      cloud(subject, { fromMs, untilMs, site: 'store.claim', kind, percent: 40 + (index % 61) }, index);
    });
    expect(shrunk).toBe(60);
    const episode = { fromMs: 0, untilMs: 300, site: 'store.claim', kind: 'response-lost', percent: 100 };
    expect(left).toEqual([{ seed: 0, steps: [], episodes: [episode] }]);
  });

  it('of weather that must spare some', async () => {
    const rule: Rule = ({ episodes = [] }) =>
      episodes.some(({ kind, percent }) => kind === 'hang' && percent >= 7 && percent < 100);
    const { left } = await minima(rule, 30, (subject, index) => {
      const at = { fromMs: 1_000, untilMs: 9_000, site: 'gateway.authorize' } as const;
      cloud(subject, { ...at, kind: 'hang', percent: 60 + index }, index);
    });
    const episode = { fromMs: 0, untilMs: 1, site: 'gateway.authorize', kind: 'hang', percent: 7 };
    expect(left).toEqual([{ seed: 0, steps: [], episodes: [episode] }]);
  });

  it('of weather of which one strike mattered', async () => {
    const struck = (subject: Case): boolean =>
      crossingsOf(subject).some(({ nth, faults }) => nth === 3 && faults.includes('refused'));
    const run = async (subject: Case) =>
      madeUpResult(checkCase(subject), {
        broken: struck(subject) ? ['S1'] : [],
        crossings: crossingsOf(subject),
      });
    const left = new Set<string>();
    for (let index = 0; index < 40; index++) {
      const subject = caseAt(5, index, drawing);
      for (const carrier of carriersOf(subject)) carrier.faults = [];
      cloud(
        subject,
        { fromMs: 0, untilMs: 300_000, site: 'store.claim', kind: 'refused', percent: 100 },
        index,
      );
      if (!struck(subject)) continue;
      const end = await shrinkCase(subject, { invariant: 'S1', found: await run(subject), run });
      expect(end.finished).toBe(true);
      left.add(JSON.stringify([end.case.steps, end.case.episodes]));
    }
    const faults = [{ site: 'store.claim', nth: 3, kind: 'refused' }];
    expect([...left]).toEqual([JSON.stringify([[{ id: 'a', at: 0, ...plain, faults }], undefined])]);
  });

  it('of a guard of which one number matters', async () => {
    const rule: Rule = ({ config }) =>
      (config?.breaker?.recoveryTimeoutMs ?? 0) > 500 && config?.limit?.mode === 'wait';
    const { left } = await minima(rule, 40, (subject, index) => {
      const breaker = { failureThreshold: 1 + (index % 3), windowMs: 2_000, halfOpenProbes: 2 };
      const { breaker: _, limit: __, ...others } = subject.config ?? {};
      subject.config = {
        ...others,
        breaker: { ...breaker, recoveryTimeoutMs: 501 + index * 100, slowCallMs: 500 },
        limit: { maxCalls: 2, periodMs: 1_000, mode: 'wait' },
        keyRetentionMs: 400_000,
        consistentAfterMs: 5_000,
      };
    });
    const config = { breaker: { recoveryTimeoutMs: 501 }, limit: { mode: 'wait' } };
    expect(left).toEqual([{ seed: 0, steps: [], config }]);
  });

  it('of a guard of which a count matters', async () => {
    const rule: Rule = ({ config }) => (config?.limit?.maxCalls ?? 0) >= 2;
    const { left } = await minima(rule, 20, (subject, index) => {
      subject.config = { ...subject.config, limit: { maxCalls: 2 + index, periodMs: 50 } };
    });
    expect(left).toEqual([{ seed: 0, steps: [], config: { limit: { maxCalls: 2 } } }]);
  });

  it('of a payer who answers some time after the charge', async () => {
    const rule: Rule = (subject) =>
      subject.steps.some(
        (step) =>
          step.do === 'step-up' &&
          chargesOf(subject).some(
            ({ key, scope, at }) => key === step.key && scope === step.scope && step.at - at >= 200,
          ),
      );
    const { left, shrunk } = await minima(rule, 60, (subject, index) => {
      const charge = chargesOf(subject).at(-1);
      if (charge === undefined) return;
      const { key, scope, at } = charge;
      const named = scope === undefined ? { key } : { key, scope };
      const outcome = index % 2 === 0 ? 'failed' : 'authenticated';
      subject.steps.push({ id: 'up', at: at + 200 + index * 31, do: 'step-up', ...named, outcome });
    });
    expect(shrunk).toBeGreaterThan(50);
    const stepUp = { id: 'b', at: 200, do: 'step-up', key: 'k1', outcome: 'authenticated' };
    expect(left).toEqual([{ seed: 0, steps: [{ id: 'a', at: 0, ...plain }, stepUp] }]);
  });

  it('of a sweep that must carry its fault, without those that never ran', async () => {
    const rule: Rule = ({ background = {} }) =>
      Object.values(background).some((faults) => faults.some(({ kind }) => kind === 'crash-after-apply'));
    const { left } = await minima(rule, 40, (subject, index) => {
      const sweeps = 2 + (index % 3);
      subject.config = { ...subject.config, sweepEveryMs: 1_000, sweeps };
      const faults = [{ site: 'store.list', nth: 1, kind: 'crash-after-apply' } as const];
      subject.background = { [`sweep:${1 + (index % sweeps)}`]: faults };
    });
    const background = { 'sweep:1': [{ site: 'store.list', nth: 1, kind: 'crash-after-apply' }] };
    expect(left).toEqual([{ seed: 0, steps: [], config: { sweepEveryMs: 100 }, background }]);
  });
});

/** Every charge claims three times, 100 ms apart; each claim meets its own faults and the weather, which is certain. */
function crossingsOf(subject: Case): Crossing[] {
  const crossings: Crossing[] = [];
  for (const step of subject.steps) {
    if (step.do !== 'charge') continue;
    for (let nth = 1; nth <= 3; nth++) {
      const atMs = step.at + nth * 100;
      const own = (step.faults ?? []).filter((fault) => fault.site === 'store.claim' && fault.nth === nth);
      const met = (subject.episodes ?? []).filter(
        ({ site, fromMs, untilMs }) => site === 'store.claim' && fromMs <= atMs && atMs < untilMs,
      );
      const id = crossings.length;
      crossings.push({
        id,
        actor: step.id,
        process: 'p0',
        incarnation: 1,
        site: 'store.claim',
        nth,
        request: {},
        faults: [...own, ...met].map(({ kind }) => kind),
        called: { atMs, order: id },
      });
    }
  }
  return crossings;
}
