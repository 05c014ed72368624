// What a log of verdicts promises: every verdict is kept, and one stands for all executions of a payment until none relies
// on it.

import type { FraudVerdict, VerdictLog } from '../../src/fraud/verdict-log.ts';
import { type Contract, epochMs } from './contract.ts';
import { orRefused, same, shows } from './expectation.ts';
import { hostileTexts } from './hostile-text.ts';
import { allAtOnce, names } from './races.ts';

const all = { olderThanMs: 1_000, limit: 100 };

const answers = [
  { rule: 'velocity', decision: 'APPROVE', score: 0, reason: '3 of 5 in a day' },
  { rule: 'country', decision: 'REVIEW', score: 12.5, reason: 'other country' },
] as const;

function verdict(evaluationId: string, changed: Partial<FraudVerdict> = {}): FraudVerdict {
  return {
    attemptId: 'a',
    evaluationId,
    decision: 'APPROVE',
    score: 12.5,
    answers,
    atMs: epochMs,
    ...changed,
  };
}

function withdraw(log: VerdictLog, evaluationId: string, attemptId = 'a'): Promise<void> {
  return log.withdraw({ attemptId, evaluationId });
}

/** The contract of a `VerdictLog`. */
export const verdictContract: Contract<VerdictLog> = {
  'keep: the first verdict stands, and every one is kept, once': async ({ store, other }) => {
    const first = verdict('1');
    const second = verdict('2', { decision: 'BLOCK', resumes: '1' });
    same(await store.keep(first), first);
    same(await other.keep(second), first);
    same(await store.keep(second), first);
    same(await other.keep(first), first);
    same(await store.read('a'), { standing: first, verdicts: [first, second] });
    same(await store.read('b'), { standing: null, verdicts: [] });
  },

  'keep: of many at once one stands, and each is told so': async ({ store, connections }) => {
    for (const attemptId of names('payment', 8)) {
      const asked = names('evaluation', 6).map((id, index) =>
        verdict(id, { attemptId, decision: index % 2 === 0 ? 'APPROVE' : 'BLOCK' }),
      );
      const answers = await allAtOnce(connections, asked, (log, each) => log.keep(each));
      const { standing, verdicts } = await store.read(attemptId);
      for (const answer of answers) same(answer, standing, 'what stands');
      same(standing, verdicts[0] ?? null, 'what stands');
      const evaluations = verdicts.map(({ evaluationId }) => evaluationId).sort();
      same(evaluations, names('evaluation', 6), 'what was kept');
    }
  },

  'keep: the same at once is kept once': async ({ store, connections }) => {
    await allAtOnce(connections, names('', 8), (log) => log.keep(verdict('1')));
    same(await store.read('a'), { standing: verdict('1'), verdicts: [verdict('1')] });
  },

  'withdraw: a verdict stands until nobody relies on it': async ({ store }) => {
    await store.keep(verdict('1'));
    await store.keep(verdict('2'));
    await withdraw(store, '1');
    same((await store.read('a')).standing, verdict('1'));
    await withdraw(store, '1');
    same((await store.read('a')).standing, verdict('1'));
    await withdraw(store, '2');
    same(await store.read('a'), { standing: null, verdicts: [verdict('1'), verdict('2')] });
    const third = verdict('3', { decision: 'BLOCK' });
    same(await store.keep(third), third);
    same((await store.read('a')).standing, third);
  },

  'withdraw: of many at once the last one takes the verdict with it': async ({ store, connections }) => {
    for (const attemptId of names('payment', 6)) {
      const evaluations = names('evaluation', 6);
      for (const id of evaluations) await store.keep(verdict(id, { attemptId }));
      await allAtOnce(connections, evaluations.slice(1), (log, id) => withdraw(log, id, attemptId));
      shows((await store.read(attemptId)).standing, { evaluationId: 'evaluation1' });
      await withdraw(store, 'evaluation1', attemptId);
      same((await store.read(attemptId)).standing, null);
    }
  },

  'withdraw: what is undecided or withdrawn already is kept for audit and never stands': async ({
    store,
  }) => {
    const undecided = verdict('1', { undecided: true });
    same(await store.keep(undecided), null);
    await withdraw(store, '2');
    same(await store.keep(verdict('2')), null);
    same(await store.read('a'), { standing: null, verdicts: [undecided, verdict('2')] });
  },

  'prune: forgets payments by their last word, of which a withdrawal is one': async ({ store, clock }) => {
    for (const attemptId of ['withdrawn', 'early', 'kept again'])
      await store.keep(verdict('1', { attemptId }));
    clock.nowMs += 600;
    await withdraw(store, '1', 'withdrawn');
    await store.keep(verdict('2', { attemptId: 'kept again' }));
    clock.nowMs += 399;
    same(await store.prune(all), 0);
    clock.nowMs += 1;
    same(await store.prune(all), 1);
    same(await store.read('early'), { standing: null, verdicts: [] });
    same((await store.read('kept again')).verdicts.length, 2);
    clock.nowMs += 600;
    same(await store.prune({ ...all, limit: 0 }), 0);
    same(await store.prune({ ...all, limit: 1 }), 1);
    same((await store.read('withdrawn')).verdicts, []);
    same(await store.prune(all), 1);
  },

  'input: names that look alike are kept apart, or refused': async ({ store }) => {
    const taken: string[] = [];
    for (const text of hostileTexts) {
      const asked = verdict(text, { attemptId: text });
      const standing = await orRefused(store.keep(asked));
      if (standing === null) continue;
      same(standing, asked, JSON.stringify(text));
      taken.push(text);
    }
    for (const text of taken) {
      const only = verdict(text, { attemptId: text });
      same(await store.read(text), { standing: only, verdicts: [only] }, JSON.stringify(text));
    }
    same(taken.slice(0, 2), ['plain', 'PLAIN'], 'what must be taken');
  },
};
