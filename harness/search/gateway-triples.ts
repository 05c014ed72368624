// Three faults at the gateway in a row, one kind for each thing that an answer can prove. Rules about fresh gateway
// keys break no sooner: a key has to be spent, the next one to charge in secret, and the proof of it to be lost.

import type { CaseOptions } from '../cases/arbitraries.ts';
import type { Case, Fault } from '../cases/case.ts';
import type { RunResult } from '../run.ts';
import { basesFor } from './bases.ts';
import { type Boundary, discover, laterThan, type Placed, withFault } from './boundaries.ts';

/** Nothing done and nobody told; done and nobody told; answered with neither; refused for long; done later; declined. */
const proofs: readonly Pick<Fault, 'kind' | 'retryAfter'>[] = [
  { kind: '500-before-commit' },
  { kind: '500-after-commit' },
  { kind: 'response-lost' },
  { kind: 'rate-limited', retryAfter: '60' },
  { kind: 'edge-504' },
  { kind: 'hard-decline' },
];

const depth = 3;

/**
 * Every sequence of three such faults at the sends of one charge that its client repeats twice. Each fault is placed
 * at a send that the case makes after the fault before it has struck.
 */
export async function* gatewayTriples(
  run: (subject: Case) => Promise<RunResult>,
  options: CaseOptions & { readonly seed: number },
): AsyncGenerator<Case, void, void> {
  const [base] = basesFor(options, options.seed);
  const [charge] = base?.case.steps ?? [];
  if (base === undefined || charge?.do !== 'charge') return;
  const repeated = { ...charge, retries: [{ afterMs: 2_000 }, { afterMs: 2_000 }] };
  yield* deepened({ ...base.case, steps: [repeated] }, []);

  async function* deepened(subject: Case, placed: readonly Placed[]): AsyncGenerator<Case, void, void> {
    const last = placed.at(-1);
    const crossed = await discover(run, subject);
    for (const boundary of sendsAmong(last === undefined ? crossed : laterThan(last, crossed))) {
      for (const next of faultsAtSend(boundary)) {
        const deeper = withFault(subject, next);
        if (placed.length + 1 < depth) yield* deepened(deeper, [...placed, next]);
        else yield deeper;
      }
    }
  }
}

function sendsAmong(boundaries: readonly Boundary[]): readonly Boundary[] {
  return boundaries.filter(({ site }) => site === 'gateway.authorize');
}

function faultsAtSend({ actor, site, nth }: Boundary): readonly Placed[] {
  return proofs.map((proof) => ({ actor, fault: { site, nth, ...proof } }));
}
