// Convinces by drawing many cases: with stores in a server every kind that its server can have comes up and the codec takes
// each case; without one nothing changes.

import { describe, expect, it } from 'vitest';
import { type RealFaultKind, realFaultKinds, servicesWith } from '../faults/real-kinds.ts';
import { caseAt } from './arbitraries.ts';
import { type Case, everyFault } from './case.ts';
import { checkCase } from './codec.ts';

const options = { suite: 'all', target: 'reference', profile: 'stripe', dedup: 'every-answer' } as const;
const ofServers: ReadonlySet<string> = new Set(realFaultKinds);

function kindsIn(subject: Case): readonly RealFaultKind[] {
  return everyFault(subject).flatMap(({ kind }) => (ofServers.has(kind) ? [kind as RealFaultKind] : []));
}

describe.each(['redis', 'postgres'] as const)('cases with stores in %s', (stores) => {
  const played = { ...options, tier: 'real', stores } as const;
  const drawn = Array.from({ length: 1_000 }, (_, index) => caseAt(5, index, played));

  it('hold every fault that its server can have, and no other', () => {
    const kinds = new Set(drawn.flatMap(kindsIn));
    expect([...kinds].sort()).toEqual(
      realFaultKinds.filter((kind) => servicesWith(kind).includes(stores)).sort(),
    );
  });

  it('are cases', () => {
    for (const subject of drawn) expect(checkCase(subject)).toEqual(subject);
  });
});

it('is not heard of elsewhere: the same case is drawn', () => {
  const real = { ...options, tier: 'real', stores: 'memory' } as const;
  for (let index = 0; index < 300; index++) {
    const plain = caseAt(5, index, options);
    expect(kindsIn(plain)).toEqual([]);
    expect(caseAt(5, index, real)).toEqual({ ...plain, tier: 'real' });
  }
});
