// Convinces by drawing thousands of cases under every profile and holding each against the codec and against the
// promises that it must leave standing; and by drawing the same case alone and among others.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenAssumptions } from '../faults/assumptions.ts';
import { faultFacts, faultKinds } from '../faults/kinds.ts';
import { boundedEffectDelayMs, capabilitiesOf } from '../gateway-twin/profiles.ts';
import { caseAt, cases } from './arbitraries.ts';
import { everyStrike, profiles } from './case.ts';
import { checkCase } from './codec.ts';
import { distribution, tally } from './distribution.ts';

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
      const capabilities = capabilitiesOf(profile, subject.config);
      expect(brokenAssumptions(everyStrike(subject), capabilities)).toEqual([]);
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
      for (const assumption of brokenAssumptions(everyStrike(subject), capabilities)) broken.add(assumption);
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

  it.each(profiles)('lets look-ups be stale only where the gateway says that they may be: %s', (profile) => {
    const stale = new Set<boolean>();
    for (const subject of draw(3_000, optionsOf(profile))) {
      const { consistentAfterMs } = capabilitiesOf(profile, subject.config).lookup;
      const kinds = everyStrike(subject).map(({ kind }) => kind);
      if (kinds.includes('stale')) stale.add(consistentAfterMs > 0);
    }
    expect([...stale]).toEqual([true]);
  });

  it('lets the protection of a key end before, during and after the time in which it is asked for again', () => {
    const beyondMs = draw(3_000, optionsOf('mango')).flatMap(({ config }) =>
      config?.keyRetentionMs === undefined
        ? []
        : [config.keyRetentionMs - 4 * (config.leaseMs ?? 90_000) - boundedEffectDelayMs],
    );
    expect(Math.min(...beyondMs)).toBeLessThan(0);
    for (const ms of [0, 1, 1_000, 35_000, 100_000]) expect(beyondMs).toContain(ms);
  });

  it('asks payers who are challenged, and nobody else', () => {
    for (const subject of draw(3_000, optionsOf('stripe'))) {
      for (const step of subject.steps) {
        if (step.do !== 'step-up') continue;
        const challenged = subject.steps.some(
          (other) =>
            other.do === 'charge' &&
            other.key === step.key &&
            other.scope === step.scope &&
            JSON.stringify(other).includes('3ds-challenge'),
        );
        expect(challenged).toBe(true);
      }
    }
  });

  it('draws everything that it can draw', () => {
    const drawn = draw(4_000, optionsOf('stripe'));
    const { steps, kinds, sites, episodes, shares } = distribution(drawn);
    expect(Object.keys(kinds)).toHaveLength(30);
    expect(Object.keys(sites)).toHaveLength(13);
    expect(Object.keys(episodes).length).toBeGreaterThan(25);
    expect(Object.keys(steps).map(Number)).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 8]));
    for (const [trait, share] of Object.entries(shares)) expect([trait, share > 200]).toEqual([trait, true]);
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
      '"halfOpenProbes":2',
      '"slowCallMs"',
      '"mode":"wait"',
      '"outcome":"failed"',
      '-again"',
    ]) {
      expect(text).toContain(word);
    }
  });
});

describe('caseAt, about orders', () => {
  const ordersOf = (profile: (typeof profiles)[number]) =>
    ({ ...optionsOf(profile), suite: 'checkout' }) as const;

  it.each(profiles)('draws cases that can be carried out and leave every promise standing: %s', (profile) => {
    for (const subject of draw(2_000, ordersOf(profile))) {
      expect(checkCase(subject)).toEqual(subject);
      expect(subject.steps.some((step) => step.do === 'checkout')).toBe(true);
      const capabilities = capabilitiesOf(profile, subject.config);
      expect(brokenAssumptions(everyStrike(subject), capabilities)).toEqual([]);
    }
  });

  it('draws everything that it can draw', () => {
    const drawn = draw(4_000, ordersOf('stripe'));
    const { kinds, sites } = distribution(drawn);
    const promised = faultKinds.filter((kind) => faultFacts[kind].breaks === undefined);
    expect(Object.keys(kinds).sort()).toEqual([...promised].sort());
    expect(Object.keys(sites).length).toBeGreaterThan(40);
    const text = JSON.stringify(drawn);
    for (const word of [
      '"do":"refund"',
      '"act":"opened"',
      '"act":"won"',
      '"act":"lost"',
      '"do":"reconcile"',
      '"do":"step-up"',
      '"risk":"blocked"',
      '"risk":"challenged"',
      '"note":"card 4111',
      '"scheme":"github"',
      '"rotates":true',
      '"retries":0',
      '"twin:deliver:evt_1"',
      '"twin:row:txn_ch_1_1"',
      '"sweep:1"',
      '"episodes"',
    ]) {
      expect(text).toContain(word);
    }
  });

  it('asks for an order and returns its money more than once, and less and more than it cost', () => {
    const drawn = draw(1_000, ordersOf('stripe'));
    const differences = new Set<number>();
    let repeated = 0;
    for (const { steps } of drawn) {
      const orders = steps.filter((step) => step.do === 'checkout');
      if (new Set(orders.map(({ key }) => key)).size < orders.length) repeated += 1;
      for (const step of steps) {
        if (step.do !== 'refund') continue;
        const order = orders.find(({ key }) => key === step.order);
        differences.add(Math.sign(step.amountMinor - (order?.amountMinor ?? 0)));
      }
    }
    expect([...differences].sort()).toEqual([-1, 0, 1]);
    expect(repeated).toBeGreaterThan(100);
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
        config: { processes: 2, sweepEveryMs: 1_000, skewMs: [0, 0], limit: { maxCalls: 1 } },
        steps: [{ ...charge, retries: [{ afterMs: 0, faults: [{ ...fault, site: 'store.claim' }] }] }, clock],
        background: { 'sweep:1': [fault] },
      },
      {
        paystorm: 1,
        target: 'reference',
        profile: 'stripe',
        seed: 0,
        config: { leaseMs: 1_000, waitMs: 5, breaker: {}, keyRetentionMs: 1_000, consistentAfterMs: 0 },
        steps: [charge, { id: 'b', at: 0, do: 'step-up', key: 'k1', outcome: 'failed' }],
        episodes: [{ fromMs: 0, untilMs: 5, site: 'store.claim', kind: 'delay', percent: 5 }],
      },
    ]);
    expect(counted).toEqual({
      cases: 2,
      steps: { 2: 2 },
      retries: { 0: 1, 1: 1 },
      faults: { 0: 1, 2: 1 },
      kinds: { refused: 2 },
      sites: { 'store.claim': 1, 'store.list': 1 },
      episodes: { delay: 1 },
      shares: {
        'several processes': 1,
        'other leases': 1,
        'waiting duplicates': 1,
        'skewed clocks': 0,
        'jumping clocks': 1,
        sweeps: 1,
        'a narrow breaker': 1,
        'a narrow limit': 1,
        weather: 1,
        'step-ups': 1,
        'short key retention': 1,
        'other staleness': 1,
      },
    });
    const twice = tally();
    twice.merge(counted);
    twice.merge(counted);
    expect(twice.distribution()).toMatchObject({ cases: 4, episodes: { delay: 2 }, shares: { weather: 2 } });
  });
});
