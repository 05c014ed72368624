// Convinces by what arrives at the gateway and what stands in the stores, for each verdict and each way in which a call
// can end.

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
import { payment, room, saying, shop, twice } from './testing.ts';

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

  it('a decline gives back what earlier executions of the payment hold as well', async () => {
    const rig = shop();
    const ends = [new GatewayTimeoutError('silence'), new CardDeclinedError('no')];
    const answer = () => {
      throw ends.shift() ?? expect.fail();
    };
    const { charge } = rig.process({ rules: twice, answer });
    await endOf(charge(payment));
    expect(await room(rig)).toBe(1);
    expect(await endOf(charge(payment))).toBeInstanceOf(CardDeclinedError);
    expect(await room(rig)).toBe(2);
  });

  it('an execution that sent nothing gives back nothing of one that may have', async () => {
    const rig = shop();
    const ends = [new GatewayTimeoutError('silence'), new RateLimitedError('429')];
    const answer = () => {
      throw ends.shift() ?? expect.fail();
    };
    const { charge } = rig.process({ rules: twice, answer });
    await endOf(charge(payment));
    await endOf(charge(payment));
    expect(ends).toEqual([]);
    expect(await room(rig)).toBe(1);
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
