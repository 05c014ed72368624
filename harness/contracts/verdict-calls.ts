// Calls of a log of verdicts for parity: two payments and a few evaluations, which withdraw before and after they speak.

import fc from 'fast-check';
import type { FraudVerdict, VerdictLog } from '../../src/fraud/verdict-log.ts';
import { verdictTable } from '../../src/stores/verdict-table.ts';
import type { Call } from './explain.ts';
import type { PortModel } from './parity.ts';

const payments = ['p', 'q'] as const;
const attemptId = fc.constantFrom(...payments);
const evaluation = { attemptId, evaluationId: fc.constantFrom('1', '2', '3', '4') };

const verdict: fc.Arbitrary<FraudVerdict> = fc.record(
  {
    ...evaluation,
    decision: fc.constantFrom('APPROVE' as const, 'REVIEW' as const, 'BLOCK' as const),
    score: fc.constantFrom(0, 0.1, 70),
    answers: fc.constantFrom([], [{ rule: 'r', decision: 'APPROVE' as const, score: 0.1, reason: 'why' }]),
    atMs: fc.nat(9),
    undecided: fc.constant(true as const),
    resumes: fc.constant('1'),
  },
  {
    requiredKeys: ['attemptId', 'evaluationId', 'decision', 'score', 'answers', 'atMs'],
    // What was kept is compared with what comes back from a server.
    noNullPrototype: true,
  },
);

const calls: fc.Arbitrary<Call<VerdictLog>> = fc.oneof(
  { weight: 4, arbitrary: verdict.map((kept) => ({ do: 'keep' as const, with: kept })) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('withdraw' as const), with: fc.record(evaluation) }) },
  attemptId.map((asked) => ({ do: 'read' as const, with: asked })),
  fc.record({
    do: fc.constant('prune' as const),
    with: fc.record({ olderThanMs: fc.nat(80), limit: fc.nat(2) }),
  }),
);

/** A log of verdicts as its table. */
export const verdictModel: PortModel<VerdictLog> = {
  table: verdictTable,
  calls,
  looks: [
    ...payments.map((asked) => ({ do: 'read' as const, with: asked })),
    { do: 'prune', with: { olderThanMs: 0, limit: 9 } },
  ],
};
