// Convinces by what arrives at the gateway and what stands in the stores: first for each verdict and each way in which a
// call can end, then with a process that dies at each of its boundaries in turn, and at last with random crowds of
// payments whose effects are added up in every window.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AuthenticationRequiredError,
  CardDeclinedError,
  FraudBlockedError,
  FraudUndecidedError,
  GatewayTimeoutError,
  LeaseLostError,
  RateLimitedError,
  ValidationError,
} from '../errors/payment-error.ts';
import { endOf } from '../resilience/testing.ts';
import type { FraudEngine } from './engine.ts';
import { fraudCheck } from './fraud-check.ts';
import type { FraudRule } from './rule.ts';
import { type Payment, type ProcessOptions, type Shop, shop } from './testing.ts';
import { velocityRule } from './velocity-rule.ts';

const payment: Payment = { key: 'k', amountMinor: 500, currency: 'USD', customerId: 'c' };

const saying =
  (decision: 'APPROVE' | 'REVIEW' | 'CHALLENGE' | 'BLOCK'): FraudRule =>
  () => ({ decision, score: 0, reason: 'because' });

/** Two payments of a customer in a second. */
const twice: ProcessOptions['rules'] = ({ velocity }) => [
  velocityRule({
    name: 'customer',
    store: velocity,
    subject: ({ customerId }) => customerId,
    windowMs: 1_000,
    holdMs: 600,
    maxCount: 2,
  }),
];

/** How many more payments of the customer the velocity rule would admit. */
async function room({ velocity }: Shop): Promise<number> {
  const key = JSON.stringify(['customer', 'payments', 'c']);
  const asked = { key, attemptId: 'probe', evaluationId: 'p', amount: 0, cap: 9, windowMs: 1, holdMs: 1 };
  return 2 - (await velocity.reserve(asked)).used;
}

const reference = 'shop/k/charge/0';

describe('what a verdict does', () => {
  it.each(['APPROVE', 'REVIEW'] as const)('%s goes on as it is, and is kept', async (decision) => {
    const { process, sent, verdicts } = shop();
    await process({ rules: () => [saying(decision)] }).charge(payment);
    expect(sent).toEqual([expect.not.objectContaining({ challenge: true })]);
    expect(await verdicts.read(reference)).toMatchObject({ standing: { decision }, verdicts: [{}] });
  });

  it('CHALLENGE goes on with the demand for authentication', async () => {
    const { process, sent } = shop();
    await process({ rules: () => [saying('CHALLENGE')] }).charge(payment);
    expect(sent).toMatchObject([{ challenge: true, merchantReference: reference }]);
  });

  it('BLOCK sends nothing, is final, is audited, and is not judged again by a replay', async () => {
    const { process, sent, runtime, verdicts } = shop();
    const { charge } = process({ rules: () => [saying('BLOCK')] });
    expect(await endOf(charge(payment))).toBeInstanceOf(FraudBlockedError);
    expect(await endOf(charge(payment))).toBeInstanceOf(FraudBlockedError);
    expect(sent).toEqual([]);
    expect((await verdicts.read(reference)).verdicts).toHaveLength(1);
    expect(runtime.logged).toEqual([
      expect.objectContaining({ audit: 'rejected', code: 'fraud_blocked' }),
      expect.objectContaining({ audit: 'replay', code: 'fraud_blocked' }),
    ]);
  });

  it('a rule that fails sends nothing, is kept for audit, and leaves the key to be tried again', async () => {
    const { process, sent, verdicts, runtime } = shop();
    const broken = process({
      rules: () => [
        () => {
          throw new Error('4111 1111 1111 1111');
        },
      ],
    });
    expect(await endOf(broken.charge(payment))).toBeInstanceOf(FraudUndecidedError);
    expect(sent).toEqual([]);
    expect(runtime.logged).toMatchObject([{ audit: 'rejected', code: 'fraud_undecided' }]);
    const { standing, verdicts: kept } = await verdicts.read(reference);
    expect(standing).toBeNull();
    expect(kept).toMatchObject([{ decision: 'BLOCK', undecided: true }]);
    expect(JSON.stringify(kept)).not.toContain('4111');
    expect(await process({ rules: () => [saying('APPROVE')] }).charge(payment)).toBe('charged');
  });

  it('a rule that hangs is given up', async () => {
    const { process, runtime } = shop();
    const { charge } = process({ rules: () => [() => new Promise<never>(() => {})] });
    expect(await runtime.settle(endOf(charge(payment)))).toBeInstanceOf(FraudUndecidedError);
    expect(runtime.waiting()).toBe(0);
  });

  it('a context that is no payment, and one that cannot be made, send nothing', async () => {
    const { process, sent } = shop();
    const { charge } = process({ rules: () => [] });
    expect(await endOf(charge({ ...payment, amountMinor: 0.5 }))).toBeInstanceOf(ValidationError);
    const engine: FraudEngine = { evaluate: async () => expect.fail(), settle: async () => {} };
    const layer = fraudCheck({
      engine,
      contextOf: () => {
        throw new TypeError('no such member');
      },
      runtime: shop().runtime,
    });
    const send = layer(async () => 'sent');
    expect(await endOf(send({}, { merchantReference: 'r' }))).toBeInstanceOf(FraudUndecidedError);
    expect(sent).toEqual([]);
  });

  it('refuses to judge what nobody can recognise: outside the idempotent layer', async () => {
    const engine: FraudEngine = { evaluate: async () => expect.fail(), settle: async () => {} };
    const layer = fraudCheck({ engine, contextOf: () => payment, runtime: shop().runtime });
    expect(await endOf(layer(async () => 'sent')({}))).toBeInstanceOf(ValidationError);
  });
});

describe('how the end of a call is counted', () => {
  it.each<[string, unknown, number]>([
    ['a decline', new CardDeclinedError('no'), 2],
    ['a refusal without effect', new RateLimitedError('429'), 2],
    ['an unknown outcome', new GatewayTimeoutError('silence'), 1],
    ['a step-up', new AuthenticationRequiredError('3ds'), 1],
    ['a lost lease', new LeaseLostError('late'), 1],
    ['a bug', new TypeError('undefined is not a function'), 1],
  ])('%s', async (_, error, left) => {
    const rig = shop();
    const answer = () => {
      throw error;
    };
    await endOf(rig.process({ rules: twice, answer }).charge(payment));
    expect(await room(rig)).toBe(left);
  });

  it('a success counts once, and so do its replays', async () => {
    const rig = shop();
    const { charge } = rig.process({ rules: twice });
    await charge(payment);
    await charge(payment);
    await charge(payment);
    expect(await room(rig)).toBe(1);
    await charge({ ...payment, key: 'l' });
    expect(await endOf(charge({ ...payment, key: 'm' }))).toBeInstanceOf(FraudBlockedError);
    expect(await room(rig)).toBe(0);
  });

  it('what a later rule blocks is given back', async () => {
    const rig = shop();
    const { charge } = rig.process({ rules: (stores) => [...twice(stores), saying('BLOCK')] });
    await endOf(charge(payment));
    expect(await room(rig)).toBe(2);
  });

  it('what was released with the key is judged anew', async () => {
    const rig = shop();
    const answer = () => {
      throw new RateLimitedError('429');
    };
    await endOf(rig.process({ rules: twice, answer }).charge(payment));
    const blocking = rig.process({ rules: () => [saying('BLOCK')] });
    expect(await endOf(blocking.charge(payment))).toBeInstanceOf(FraudBlockedError);
  });

  it('an execution that takes over an unknown outcome finds the approval standing, though rules have changed', async () => {
    const rig = shop();
    const silent = () => {
      throw new GatewayTimeoutError('silence');
    };
    await endOf(rig.process({ rules: twice, answer: silent }).charge(payment));
    const blocking = rig.process({ rules: (stores) => [...twice(stores), saying('BLOCK')] });
    expect(await blocking.charge(payment)).toBe('charged');
    expect(await room(rig)).toBe(1);
    expect((await rig.verdicts.read(reference)).verdicts).toMatchObject([
      {},
      { decision: 'APPROVE', resumes: expect.any(String) },
    ]);
  });

  it('an approval that is covered no more waits, and is neither sent nor finally refused', async () => {
    const rig = shop();
    const silent = () => {
      throw new GatewayTimeoutError('silence');
    };
    await endOf(rig.process({ rules: twice, answer: silent }).charge(payment));
    await rig.runtime.advance(1_600);
    const { charge } = rig.process({ rules: twice });
    await charge({ ...payment, key: 'l' });
    await charge({ ...payment, key: 'm' });
    expect(await endOf(charge(payment))).toMatchObject({ code: 'outcome_unknown' });
    expect(rig.effects).toHaveLength(2);
    await rig.runtime.advance(1_000);
    expect(await charge(payment)).toBe('charged');
  });
});

/** A boundary at which the process dies. */
function dyingAt(nth: number): NonNullable<ProcessOptions['boundary']> {
  let crossed = 0;
  return async () => {
    crossed += 1;
    if (crossed > nth) await new Promise(() => {});
  };
}

describe('a process that dies', () => {
  it('at any boundary: one charge, one count, and the next execution comes to an end', async () => {
    let boundaries = 0;
    for (let nth = 0; ; nth += 1) {
      const rig = shop();
      let died = true;
      void rig
        .process({ rules: twice, boundary: dyingAt(nth) })
        .charge(payment)
        .then(() => {
          died = false;
        });
      await rig.runtime.advance(300);
      const { charge } = rig.process({ rules: twice });
      expect(await charge(payment)).toBe('charged');
      expect(rig.effects).toHaveLength(1);
      expect(await room(rig)).toBe(1);
      if (!died) break;
      boundaries = nth + 1;
    }
    // Claim, read, reserve, keep, gateway, confirm and complete, each with two halves.
    expect(boundaries).toBe(14);
  });

  it('at any boundary of a refusal: refused by the next execution as well, and nothing is sent', async () => {
    for (let nth = 0; nth <= 14; nth += 1) {
      const rig = shop();
      const rules: ProcessOptions['rules'] = (stores) => [...twice(stores), saying('BLOCK')];
      void endOf(rig.process({ rules, boundary: dyingAt(nth) }).charge(payment));
      await rig.runtime.advance(300);
      expect(await endOf(rig.process({ rules }).charge(payment))).toBeInstanceOf(FraudBlockedError);
      expect(rig.sent).toEqual([]);
    }
  });
});

const visit = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  afterMs: fc.nat(400),
  delaysMs: fc.array(fc.nat(90), { minLength: 3, maxLength: 8 }),
  diesAt: fc.option(fc.nat(14), { freq: 3 }),
  declines: fc.boolean(),
  silent: fc.boolean(),
});

describe('a crowd of payments, clients that ask again, processes that stall and die', () => {
  it('never has more than the cap in any window, and charges each key once', async () => {
    let full = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 3, maxLength: 14 }), async (visits) => {
        const rig = shop();
        for (const { key, afterMs, delaysMs, diesAt, declines, silent } of visits) {
          let crossed = 0;
          const boundary: ProcessOptions['boundary'] = async (name) => {
            crossed += 1;
            if (diesAt !== null && crossed > diesAt) await new Promise(() => {});
            const ms = delaysMs[crossed % delaysMs.length] ?? 0;
            if (ms > 0) await rig.runtime.sleep(name === 'gateway' ? Math.min(ms, 40) : ms);
          };
          // What the gateway decides is a matter of the payment, so that its answers replay.
          const answer = (given: Payment, { merchantReference }: { merchantReference?: string }) => {
            const isCharged = rig.effects.some((effect) => effect.key === merchantReference);
            if (given.key === 'd' && declines && !isCharged) throw new CardDeclinedError('no');
          };
          const { charge } = rig.process({ rules: twice, boundary, answer });
          void endOf(charge({ ...payment, key: silent ? key : `${key}${afterMs % 3}` })).then((end) => {
            if (end instanceof FraudBlockedError) full += 1;
          });
          await rig.runtime.advance(afterMs);
        }
        await rig.runtime.advance(3_000);
        const { sweep } = rig.process({ rules: twice });
        await rig.runtime.settle(endOf(sweep()));
        const { effects } = rig;
        expect(new Set(effects.map(({ key }) => key)).size).toBe(effects.length);
        for (const { atMs } of effects) {
          const window = effects.filter((other) => other.atMs > atMs - 1_000 && other.atMs <= atMs);
          expect(window.length).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 300 },
    );
    expect(full).toBeGreaterThan(50);
  });
});
