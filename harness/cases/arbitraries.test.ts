// Convinces by drawing thousands of cases under every profile and holding each against the codec and against the
// promises that it must leave standing; and by drawing the same case alone and among others.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenAssumptions } from '../faults/assumptions.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import { caseAt, cases } from './arbitraries.ts';
import { everyFault, profiles } from './case.ts';
import { checkCase } from './codec.ts';
import { distribution } from './distribution.ts';

const optionsOf = (profile: (typeof profiles)[number]) => ({
  target: 'reference',
  profile,
  dedup: capabilitiesOf(profile).dedup,
});

const draw = (count: number, options: Parameters<typeof caseAt>[2]) =>
  Array.from({ length: count }, (_, index) => caseAt(11, index, options));

describe('caseAt', () => {
  it.each(profiles)('draws cases that can be carried out and leave every promise standing: %s', (profile) => {
    const options = optionsOf(profile);
    for (const subject of draw(3_000, options)) {
      expect(checkCase(subject)).toEqual(subject);
      expect(brokenAssumptions(everyFault(subject), capabilitiesOf(profile))).toEqual([]);
    }
  });

  it('breaks an assumption when it is asked to', () => {
    const options = {
      ...optionsOf('none'),
      breaking: ['single-delivery', 'key-retention', 'bounded-delay'] as const,
    };
    const broken = new Set<string>();
    for (const subject of draw(2_000, options)) {
      checkCase(subject);
      const capabilities = capabilitiesOf('none', { effectDelay: subject.config?.effectDelay });
      for (const assumption of brokenAssumptions(everyFault(subject), capabilities)) broken.add(assumption);
    }
    expect([...broken].sort()).toEqual(['bounded-delay', 'key-retention', 'single-delivery']);
  });

  it('depends on nothing but seed and index', () => {
    const options = optionsOf('stripe');
    const inOrder = draw(50, options);
    const backwards = Array.from({ length: 50 }, (_, index) =>
      caseAt(11, 49 - index, { ...options }),
    ).reverse();
    expect(backwards).toEqual(inOrder);
    const texts = new Set(inOrder.map((subject) => JSON.stringify(subject)));
    expect(texts.size).toBe(50);
    for (const [seed, index] of [
      [12, 0],
      [11 + 2 ** 32, 0],
      [11, 2 ** 32],
      [0, 11],
    ] as const) {
      expect(caseAt(seed, index, options)).not.toEqual(caseAt(11, 0, options));
    }
  });

  it('draws everything that it can draw', () => {
    const drawn = draw(4_000, optionsOf('stripe'));
    const { steps, kinds, sites, ...shares } = distribution(drawn);
    expect(Object.keys(kinds)).toHaveLength(29);
    expect(Object.keys(sites)).toHaveLength(13);
    expect(Object.keys(steps).map(Number)).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 8]));
    for (const share of [shares.withProcesses, shares.withSweeps, shares.withClocks]) {
      expect(share).toBeGreaterThan(200);
    }
    const text = JSON.stringify(drawn);
    for (const word of [
      '"scope":"club"',
      '"KWD"',
      '"JPY"',
      '"skewMs"',
      '"waitMs"',
      '"leaseMs"',
      '"background"',
      '"k3"',
    ]) {
      expect(text).toContain(word);
    }
  });
});

describe('cases', () => {
  it("serves fast-check's own runners", () => {
    fc.assert(fc.property(cases(optionsOf('checkout')), (subject) => checkCase(subject).steps.length > 0));
  });
});

describe('distribution', () => {
  it('counts what a case holds', () => {
    const fault = { site: 'store.list', nth: 1, kind: 'refused' } as const;
    const charge = {
      id: 'a',
      at: 0,
      do: 'charge',
      key: 'k1',
      amountMinor: 5,
      currency: 'USD',
      process: 0,
    } as const;
    const clock = { id: 'b', at: 0, do: 'clock', process: 0, jumpMs: 5 } as const;
    const counted = distribution([
      {
        paystorm: 1,
        target: 'reference',
        profile: 'stripe',
        seed: 0,
        config: { processes: 2, sweepEveryMs: 1_000 },
        steps: [{ ...charge, retries: [{ afterMs: 0, faults: [{ ...fault, site: 'store.claim' }] }] }, clock],
        background: { 'sweep:1': [fault] },
      },
    ]);
    expect(counted).toEqual({
      cases: 1,
      steps: { 2: 1 },
      retries: { 1: 1 },
      faults: { 2: 1 },
      kinds: { refused: 2 },
      sites: { 'store.claim': 1, 'store.list': 1 },
      withProcesses: 1,
      withSweeps: 1,
      withClocks: 1,
    });
  });
});
