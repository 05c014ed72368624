// Convinces by running a small saga whose steps do what each test wrote down, and comparing the answer, the order of
// what was called, and what the journal keeps.

import { describe, expect, it } from 'vitest';
import {
  AuthenticationRequiredError,
  CardDeclinedError,
  GatewayRejectedError,
  IdempotencyConflictError,
  OutcomeUnknownError,
  RateLimitedError,
} from '../errors/payment-error.ts';
import { assertSagaSucceeded } from './result.ts';
import type { Resolved } from './step.ts';
import { ground, lossyJournal } from './testing.ts';
import {
  type Basket,
  declined,
  fail,
  lost,
  type Rig,
  record,
  rig,
  type Script,
  undone,
} from './testing-rig.ts';

describe('a saga whose steps succeed', () => {
  it('completes with every result in the context, in one journal operation more than it has steps', async () => {
    const base = ground();
    const { journal, operations } = lossyJournal(base.journal);
    const made = rig({}, { journal }, base);
    expect(await made.run()).toEqual({
      state: 'COMPLETED',
      context: { n: 1, a: 1, b: 1, pivot: 1, last: 1 },
      completed: ['a', 'b', 'pivot', 'last'],
      compensated: [],
    });
    expect(operations).toEqual(['open', 'save', 'save', 'save', 'leave']);
    expect(made.runtime.waiting()).toBe(0);
  });

  it('is not run again when it is delivered again, by whomever', async () => {
    const made = rig();
    const first = await made.run();
    expect(await made.run()).toEqual(first);
    let replays = 0;
    const onReplay = (): void => {
      replays += 1;
    };
    expect(await made.runtime.settle(made.again().execute('i', { n: 1 }, { onReplay }))).toEqual(first);
    await made.runtime.settle(made.again().execute('j', { n: 1 }, { onReplay }));
    expect(replays).toBe(1);
    expect(made.calls).toHaveLength(8);
  });

  it('tells of a replay when it had ended, and not while it is under way', async () => {
    const made = rig();
    const asked = async (): Promise<readonly unknown[]> => {
      let replays = 0;
      const onReplay = (): void => {
        replays += 1;
      };
      const { state } = await made.again().execute('i', { n: 1 }, { onReplay });
      return [state, replays];
    };
    expect(await made.runtime.settle(Promise.all([asked(), asked()]))).toEqual([
      ['COMPLETED', 0],
      ['RUNNING', 0],
    ]);
    expect(await made.runtime.settle(asked())).toEqual(['COMPLETED', 1]);
  });

  it('tells of a replay when it had been undone', async () => {
    const made = rig({ pivot: [fail(declined)] });
    await made.run();
    let replays = 0;
    const onReplay = (): void => {
      replays += 1;
    };
    const { state } = await made.runtime.settle(made.again().execute('i', { n: 1 }, { onReplay }));
    expect([state, replays]).toEqual(['COMPENSATED', 1]);
  });

  it('is refused under the same id with another context, and told apart from other ids', async () => {
    const made = rig();
    await made.run();
    await expect(made.run('i', { n: 2 })).rejects.toThrow(IdempotencyConflictError);
    await made.run('j', { n: 2 });
    expect(made.calls).toHaveLength(8);
  });

  it('hands each step the keys of its direction, the same in each attempt', async () => {
    const made = rig({ b: [fail(lost)], pivot: [fail(declined)], '~a': [fail(lost)] });
    await made.run('a/b');
    expect(made.calls.map((name, at) => `${name} ${made.told[at]?.idempotencyKey}`)).toEqual([
      'a test/a%2Fb/a/do',
      'b test/a%2Fb/b/do',
      'b test/a%2Fb/b/do',
      'pivot test/a%2Fb/pivot/do',
      '~b test/a%2Fb/b/undo',
      '~a test/a%2Fb/a/undo',
      '~a test/a%2Fb/a/undo',
    ]);
  });

  it('journals the intent before a step runs', async () => {
    const seen: string[] = [];
    const made: Rig = rig({
      b: [async () => void seen.push((await record(made)).progress)],
      pivot: [fail(declined)],
      '~b': [
        async () => {
          seen.push((await record(made)).progress);
          return undone;
        },
      ],
    });
    await made.run();
    expect(seen[0]).toContain('{"name":"b","state":"started"');
    expect(seen[1]).toContain('{"name":"b","state":"undoing"');
  });
});

describe('a saga whose step fails', () => {
  it('undoes what was done in exact reverse order, and says why', async () => {
    const made = rig({ pivot: [fail(declined)] });
    const result = await made.run();
    expect(result).toMatchObject({ state: 'COMPENSATED', completed: ['a', 'b'], compensated: ['b', 'a'] });
    expect(result.error).toBeInstanceOf(CardDeclinedError);
    expect(made.calls).toEqual(['a', 'b', 'pivot', '~b', '~a']);
    expect(() => assertSagaSucceeded(result)).toThrow(CardDeclinedError);
    expect(await made.run()).toEqual(result);
  });

  it('does not undo the step that had no effect', async () => {
    const made = rig({ b: [fail(new RateLimitedError('slow down'))] });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATED', compensated: ['a'] });
    expect(made.calls).toEqual(['a', 'b', '~a']);
  });

  it('sends an unknown step again under its key, and goes on when it turns out done', async () => {
    const made = rig({ b: [fail(lost), fail(new TypeError('a bug'))] });
    expect(await made.run()).toMatchObject({ state: 'COMPLETED' });
    expect(made.calls).toEqual(['a', 'b', 'b', 'b', 'pivot', 'last']);
    expect(made.runtime.sleptMs).toEqual([500, 1_000]);
  });

  it('undoes nothing earlier while a step is unknown, and stays COMPENSATING', async () => {
    const made = rig({ b: Array<Script>(8).fill(fail(lost)) });
    const result = await made.run();
    expect(result).toMatchObject({ state: 'COMPENSATING', completed: ['a'], compensated: [] });
    expect(() => assertSagaSucceeded(result)).toThrow(OutcomeUnknownError);
    expect(made.calls).not.toContain('~a');
    await made.runtime.advance(5_000);
    expect(await made.runtime.settle(made.saga.recover())).toEqual({ found: 1, ended: 1 });
    expect(made.calls.slice(-3)).toEqual(['b', '~b', '~a']);
    expect(await made.run()).toMatchObject({ state: 'COMPENSATED', compensated: ['b', 'a'] });
  });

  it('never turns back at a pivot that may have happened', async () => {
    const made = rig({ pivot: Array<Script>(4).fill(fail(lost)) });
    expect(await made.run()).toMatchObject({ state: 'RUNNING', completed: ['a', 'b'] });
    expect(made.calls.filter((name) => name.startsWith('~'))).toEqual([]);
    expect(await made.run()).toMatchObject({ state: 'COMPLETED' });
  });

  it('waits for a payer who has to authenticate', async () => {
    const made = rig({ b: [fail(new AuthenticationRequiredError('step up'))] });
    const result = await made.run();
    expect(result).toMatchObject({ state: 'RUNNING', error: { code: 'authentication_required' } });
    expect(() => assertSagaSucceeded(result)).toThrow(AuthenticationRequiredError);
    expect(await made.run()).toMatchObject({ state: 'COMPLETED' });
  });

  it('undoes a step whose result cannot be journalled', async () => {
    const made = rig({ b: [() => ({ when: new Map() })] });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATED', error: { code: 'validation_error' } });
    expect(made.calls).toEqual(['a', 'b', '~b', '~a']);
  });

  it('compensates a step whose repeated key is refused for good: only the refusal says that it did not happen', async () => {
    const made = rig({ b: [fail(lost), ...Array<Script>(2).fill(fail(new GatewayRejectedError('no')))] });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATED' });
    expect(made.calls).toEqual(['a', 'b', 'b', 'b', '~b', '~a']);
  });
});

describe('a step that resolves itself', () => {
  it('is told from when on nothing can have been sent, and that does not move while it asks again', async () => {
    const seen: number[] = [];
    const answers: Resolved<Basket>[] = [{ kind: 'unknown' }, { kind: 'unknown' }, { kind: 'not-done' }];
    let executions = 0;
    const made = rig(
      {},
      {
        steps: [
          {
            name: 'a',
            kind: 'pivot',
            onUnknown: 'resolve',
            async execute() {
              executions += 1;
              await made.runtime.sleep(2_000);
              if (executions === 1) throw lost;
              return { a: executions };
            },
            async resolve(_, { sentUntilMs }) {
              seen.push(sentUntilMs);
              return answers.shift() ?? { kind: 'unknown' };
            },
          },
        ],
      },
    );
    expect(await made.run()).toMatchObject({ state: 'COMPLETED', context: { a: 2 } });
    expect(seen).toEqual([2_000, 2_000, 2_000]);
  });
});

describe('after the pivot', () => {
  it('only goes forward: retries, then leaves the rest to recovery with a growing delay', async () => {
    const made = rig({ last: Array<Script>(12).fill(fail(new RateLimitedError('slow down'))) });
    expect(await made.run()).toMatchObject({ state: 'RUNNING', completed: ['a', 'b', 'pivot'] });
    const waits: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      const { dueAtMs = 0 } = await record(made);
      waits.push(dueAtMs - made.runtime.monotonicMs());
      await made.runtime.advance(dueAtMs - made.runtime.monotonicMs());
      await made.runtime.settle(made.saga.recover());
    }
    const { dueAtMs = 0 } = await record(made);
    expect([...waits, dueAtMs - made.runtime.monotonicMs()]).toEqual([5_000, 10_000, 20_000]);
    await made.runtime.advance(20_000);
    expect(await made.runtime.settle(made.saga.recover())).toEqual({ found: 1, ended: 1 });
    expect(made.calls.filter((name) => name !== 'last')).toEqual(['a', 'b', 'pivot']);
  });

  it('a permanent failure calls people and waits for a repair, which goes forward', async () => {
    const made = rig({ last: [fail(declined)] });
    const result = await made.run();
    expect(result).toMatchObject({ state: 'FAILED_COMPENSATION', error: { code: 'card_declined' } });
    expect(made.pages).toMatchObject([{ id: 'i', stuck: [{ step: 'last' }] }]);
    expect(await made.runtime.settle(made.saga.repair('i'))).toMatchObject({ state: 'COMPLETED' });
    expect(made.calls).toEqual(['a', 'b', 'pivot', 'last', 'last']);
  });

  it('ignores that the caller gave up', async () => {
    const controller = new AbortController();
    const made = rig({
      last: [
        () => {
          controller.abort();
          throw new RateLimitedError('slow down');
        },
      ],
    });
    expect(await made.run('i', {}, controller.signal)).toMatchObject({ state: 'COMPLETED' });
  });
});
