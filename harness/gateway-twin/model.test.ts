// Convinces by disagreement: random sequences of sends, faults, waiting and look-ups are played both to the twin and
// to a reference of a dozen lines, the `apply` of the exhaustive model from which the design's rules were
// derived. Every answer and the whole book must agree after every step, for every kind of gateway.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ProfileName, profiles } from '../cases/case.ts';
import type { FaultKind } from '../faults/kinds.ts';
import { Slow } from '../world/boundary.ts';
import type { LookupAnswer } from './answer.ts';
import { aCharge, injection, rig } from './twin-rig.ts';

const retentionMs = 100;
const lagMs = 5;

type Act =
  | { readonly do: 'send'; readonly key: string; readonly fault: FaultKind | undefined; readonly ms: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'lookup'; readonly stale: boolean }
  | { readonly do: 'fetch'; readonly key: string };

interface Known {
  readonly sinceMs: number;
  status: number | 'executing';
}

/** The reference: one intent, what each kind of gateway says to a key, and the keys that captured. */
function reference(profile: ProfileName) {
  const keys = new Map<string, Known>();
  const captured: { key: string; atMs: number }[] = [];
  let origins: { key: string; dueMs: number; known: Known }[] = [];
  let nowMs = 0;

  function evaluate(key: string, fault: FaultKind | undefined): number {
    if (fault === '500-before-commit') return 500;
    if (fault === 'hard-decline') return 402;
    captured.push({ key, atMs: nowMs });
    return fault === '500-after-commit' ? 500 : 200;
  }
  function keep(key: string, known: Known, status: number): void {
    known.status = status;
    if (profile === 'checkout' && status !== 200 && keys.get(key) === known) keys.delete(key);
  }
  function current(key: string): Known | undefined {
    const known = keys.get(key);
    if (known === undefined || known.status === 'executing') return known;
    return nowMs - known.sinceMs < retentionMs ? known : undefined;
  }
  return {
    captured,
    send(key: string, fault: FaultKind | undefined, ms: number): string {
      if (fault === 'key-expired') keys.delete(key);
      if (fault === 'rate-limited') return '429';
      const known = current(key);
      if (known !== undefined) {
        if (fault === 'edge-504') return '504';
        if (known.status === 'executing' || profile === 'mango') return '409';
        return `${known.status} replayed`;
      }
      const fresh: Known = { sinceMs: nowMs, status: 'executing' };
      if (profile !== 'none') keys.set(key, fresh);
      if (fault === 'edge-504' || fault === 'slow') {
        origins.push({ key, dueMs: nowMs + ms, known: fresh });
        return fault === 'slow' ? 'slow' : '504';
      }
      const status = evaluate(key, fault);
      keep(key, fresh, status);
      return String(status);
    },
    wait(ms: number): void {
      const untilMs = nowMs + ms;
      const due = origins.filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
      origins = origins.filter((origin) => !due.includes(origin));
      for (const { key, dueMs, known } of due) {
        nowMs = dueMs;
        keep(key, known, evaluate(key, undefined));
      }
      nowMs = untilMs;
    },
    lookup(stale: boolean): string {
      const seen = captured.findIndex(({ atMs }) => atMs <= nowMs - (stale ? lagMs : 0));
      return seen === -1 ? 'absent' : `found ch_${seen + 1}`;
    },
    fetch(key: string): string {
      if (profile === 'none') return 'absent';
      const status = current(key)?.status;
      if (status === undefined || status === 'executing') return 'absent';
      return status === 200 ? 'found' : `answered ${status}`;
    },
  };
}

function subject(profile: ProfileName) {
  const { twin, far } = rig(profile, {
    keyRetentionMs: retentionMs,
    lookup: { by: ['reference', 'key'], consistentAfterMs: lagMs },
  });
  return {
    captured: () => twin.books().charges.map(({ idempotencyKey: key, at }) => ({ key, atMs: at.atMs })),
    send(key: string, fault: FaultKind | undefined, ms: number): string {
      const inject = fault === undefined ? undefined : injection(fault, ms);
      const answer = twin.authorize(aCharge({ idempotencyKey: key }), inject);
      if (!(answer instanceof Slow)) return `${answer.status}${answer.replayed ? ' replayed' : ''}`;
      far.after(answer.afterMs, answer.finish);
      return 'slow';
    },
    wait: far.advance,
    lookup(stale: boolean): string {
      const request = { by: 'reference', merchantReference: 'order-1' } as const;
      const found = twin.lookup(request, stale ? injection('stale') : undefined);
      return found.kind === 'found' ? `found ${found.charge.id}` : found.kind;
    },
    fetch(key: string): string {
      const found: LookupAnswer = twin.lookup({ by: 'key', idempotencyKey: key });
      return found.kind === 'answered' ? `answered ${found.answer.status}` : found.kind;
    },
  };
}

const key = fc.constantFrom('k0', 'k1');
const fault = fc.option(
  fc.constantFrom<FaultKind[]>(
    '500-before-commit',
    '500-after-commit',
    'hard-decline',
    'rate-limited',
    'edge-504',
    'slow',
    'key-expired',
  ),
  { nil: undefined },
);
const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('send'), key, fault, ms: fc.integer({ min: 1, max: 20 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 4, 5, 10, 99, 100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lookup'), stale: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fetch'), key }) },
);

test.each(profiles)('the twin of %s agrees with the reference', async (profile) => {
  const seen = new Set<string>();
  await fc.assert(
    fc.property(fc.array(acts, { maxLength: 25 }), (sequence) => {
      const model = reference(profile);
      const twin = subject(profile);
      const play = (act: Act, on: Omit<typeof model, 'captured'>) => {
        if (act.do === 'send') return on.send(act.key, act.fault, act.ms);
        if (act.do === 'lookup') return on.lookup(act.stale);
        return act.do === 'fetch' ? on.fetch(act.key) : on.wait(act.ms);
      };
      for (const act of sequence) {
        const expected = play(act, model);
        expect(play(act, twin)).toBe(expected);
        if (expected !== undefined) seen.add(expected.replace(/ch_.*/, 'charge'));
      }
      expect(twin.captured()).toEqual(model.captured);
    }),
    { numRuns: 1000 },
  );
  // The comparison is worth something only if it went where the gateways differ.
  expect([...seen].sort()).toEqual(expect.arrayContaining(reached[profile]));
});

const reached: Readonly<Record<ProfileName, string[]>> = {
  stripe: [
    '200 replayed',
    '402 replayed',
    '409',
    '500 replayed',
    '504',
    'absent',
    'answered 500',
    'found charge',
  ],
  mango: ['200', '409', '504', 'absent', 'answered 402', 'answered 500', 'found', 'found charge'],
  checkout: ['200 replayed', '402', '409', '500', 'absent', 'found'],
  none: ['200', '402', '500', '504', 'absent', 'found charge'],
};
