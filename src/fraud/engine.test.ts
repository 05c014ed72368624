// Convinces by rules that note when they are asked, and by what the log of verdicts holds afterwards.

import { describe, expect, it } from 'vitest';
import { FraudUndecidedError, StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { endOf } from '../resilience/testing.ts';
import { memoryVerdictLog } from '../stores/memory-verdict-log.ts';
import { type FraudEngineOptions, fraudEngine } from './engine.ts';
import type { FraudContext, FraudRule, RuleAnswer } from './rule.ts';

const context: FraudContext = { amountMinor: 500, currency: 'USD' };

function judging(rules: readonly FraudRule[], options: Partial<FraudEngineOptions> = {}) {
  const runtime = manualRuntime();
  const verdicts = memoryVerdictLog({ monotonicMs: () => 0 });
  const engine = fraudEngine({ rules, verdicts, runtime, ...options });
  return { runtime, verdicts, engine, judge: (attemptId = 'a') => engine.evaluate(context, attemptId) };
}

/** A rule that says one thing and notes what happens to it. */
function noting(name: string, answer: Partial<RuleAnswer>, events: string[] = []): FraudRule {
  const rule: FraudRule = () => {
    events.push(`${name} asked`);
    return { decision: 'APPROVE', score: 0, reason: name, ...answer };
  };
  const settle: FraudRule['settle'] = async (_, __, end) => void events.push(`${name} ${end}`);
  return Object.assign(rule, { ruleName: name, settle });
}

describe('a verdict', () => {
  it('comes from the rules in order, up to the first BLOCK, and says what each said', async () => {
    const events: string[] = [];
    const { judge, verdicts } = judging([
      noting('one', { score: 10 }, events),
      noting('two', { decision: 'BLOCK', score: 100 }, events),
      noting('three', {}, events),
    ]);
    const verdict = await judge();
    expect(verdict).toMatchObject({ decision: 'BLOCK', score: 110, attemptId: 'a' });
    expect(verdict.answers).toEqual([
      { rule: 'one', decision: 'APPROVE', score: 10, reason: 'one' },
      { rule: 'two', decision: 'BLOCK', score: 100, reason: 'two' },
    ]);
    expect(events.slice(0, 2)).toEqual(['one asked', 'two asked']);
    expect(events).not.toContain('three asked');
    expect(await verdicts.read('a')).toEqual({ standing: verdict, verdicts: [verdict] });
  });

  it.each<[RuleAnswer['decision'][], string]>([
    [['APPROVE', 'REVIEW', 'APPROVE'], 'REVIEW'],
    [['REVIEW', 'CHALLENGE'], 'CHALLENGE'],
    [['CHALLENGE', 'REVIEW'], 'CHALLENGE'],
    [['CHALLENGE', 'BLOCK'], 'BLOCK'],
    [[], 'APPROVE'],
  ])('of %j is %s, the severest', async (said, decision) => {
    const rules = said.map((each, nth) => noting(`r${nth}`, { decision: each }));
    expect(await judging(rules).judge()).toMatchObject({ decision });
  });

  it.each([
    [24, 25, 'APPROVE'],
    [25, 25, 'REVIEW'],
  ])('with scores of %i and %i is %s', async (one, two, decision) => {
    const rules = [noting('one', { score: one }), noting('two', { score: two })];
    expect(await judging(rules).judge()).toMatchObject({ decision, score: one + two });
    expect(await judging(rules, { reviewThreshold: 51 }).judge()).toMatchObject({ decision: 'APPROVE' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['another word', { decision: 'ALLOW', score: 0, reason: '' }],
    ['a member of every object', { decision: 'toString', score: 0, reason: '' }],
    ['no score', { decision: 'APPROVE', reason: '' }],
    ['a score that is none', { decision: 'APPROVE', score: Number.NaN, reason: '' }],
    ['a negative score', { decision: 'APPROVE', score: -50, reason: '' }],
    ['no reason', { decision: 'APPROVE', score: 0 }],
    ['a promise that breaks', new Error('down')],
  ])('of a rule that answers %s blocks and is undecided; what was counted is given back', async (_, said) => {
    const events: string[] = [];
    const { judge, verdicts } = judging([
      noting('one', {}, events),
      async () => {
        if (said instanceof Error) throw said;
        return said as never;
      },
    ]);
    expect(await judge()).toMatchObject({ decision: 'BLOCK', undecided: true });
    expect(events).toEqual(['one asked', 'one not-sent']);
    expect((await verdicts.read('a')).standing).toBeNull();
  });

  it('stands: a later evaluation asks only rules that count, and they can only ask for patience', async () => {
    const events: string[] = [];
    const answer = { decision: 'CHALLENGE' as 'CHALLENGE' | 'BLOCK' };
    const plain: FraudRule = () => {
      events.push('plain asked');
      return { score: 0, reason: '', ...answer };
    };
    const { judge } = judging([plain, noting('counts', {}, events)]);
    const first = await judge();
    answer.decision = 'BLOCK';
    expect(await judge()).toMatchObject({ decision: 'CHALLENGE', resumes: first.evaluationId });
    expect(events).toEqual(['plain asked', 'counts asked', 'counts asked']);
  });

  it('is not acted upon unless it is kept', async () => {
    const events: string[] = [];
    const verdicts = {
      ...memoryVerdictLog({ monotonicMs: () => 0 }),
      keep: () => Promise.reject(new StoreUnavailableError('down')),
    };
    const { judge } = judging([noting('counts', {}, events)], { verdicts });
    expect(await endOf(judge())).toBeInstanceOf(StoreUnavailableError);
    expect(events).toEqual(['counts asked', 'counts not-sent']);
  });

  it('of two executions at once is one: the second takes up what the first had kept', async () => {
    const events: string[] = [];
    const said: RuleAnswer[] = [
      { decision: 'CHALLENGE', score: 0, reason: '' },
      { decision: 'BLOCK', score: 0, reason: '' },
    ];
    const { judge, verdicts } = judging([
      async () => said.shift() ?? expect.fail(),
      noting('counts', {}, events),
    ]);
    const [first, second] = await Promise.all([judge(), judge()]);
    expect([first.decision, second.decision]).toEqual(['CHALLENGE', 'CHALLENGE']);
    expect(events).toEqual(['counts asked', 'counts asked']);
    expect((await verdicts.read('a')).standing).toEqual(first);
  });

  it('is refused without a cover, and the evaluation relies on nothing then', async () => {
    const cover = { decision: 'APPROVE' as 'APPROVE' | 'BLOCK' };
    const rule = Object.assign((): RuleAnswer => ({ ...cover, score: 0, reason: '' }), {
      settle: async () => {},
    });
    const { judge, engine, verdicts } = judging([rule]);
    const first = await judge();
    cover.decision = 'BLOCK';
    expect(await endOf(judge())).toBeInstanceOf(FraudUndecidedError);
    expect((await verdicts.read('a')).standing).toEqual(first);
    await engine.settle(context, first, 'not-sent');
    expect((await verdicts.read('a')).standing).toBeNull();
  });
});

describe('a payment that is none', () => {
  it.each<[string, Partial<FraudContext>, string]>([
    ['a fraction', { amountMinor: 0.1 }, 'a'],
    ['a negative amount', { amountMinor: -1 }, 'a'],
    ['no currency', { currency: 'dollars' }, 'a'],
    ['no name', {}, ''],
  ])('%s is refused before any rule is asked', async (_, changed, attemptId) => {
    const { engine } = judging([() => expect.fail()]);
    expect(await endOf(engine.evaluate({ ...context, ...changed }, attemptId))).toBeInstanceOf(
      ValidationError,
    );
  });
});

describe('options', () => {
  it.each<[string, Record<string, unknown>]>([
    ['rules that are no functions', { rules: [{}] }],
    ['rules that are no array', { rules: undefined }],
    ['rules that would share a count', { rules: [noting('a', {}), noting('a', {})] }],
    ['a threshold of none', { reviewThreshold: 0 }],
    ['a threshold that is none', { reviewThreshold: Number.NaN }],
    ['no time for rules', { ruleTimeoutMs: 0 }],
    ['no runtime', { runtime: {} }],
  ])('refuses %s', (_, options) => {
    expect(() => judging([], options)).toThrow(ValidationError);
  });
});
