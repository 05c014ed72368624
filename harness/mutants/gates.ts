// Planted bugs of the fraud and redaction classes: whom the shop lets through, and what it tells its log.

import { fraudEngine } from '../../src/fraud/engine.ts';
import { velocityRule } from '../../src/fraud/velocity-rule.ts';
import type { VelocityStore } from '../../src/fraud/velocity-store.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withEntrances, withParts, withVelocity } from './shop-replace.ts';

const planted: readonly PlantedShop[] = [
  {
    id: 'velocity-store-fails-open',
    class: 'fraud',
    mistake: 'a payment that could not be counted is let through',
    exposure: everywhere({ breaks: 'S24', requests: 1, faults: 1 }),
    start: withVelocity((velocity) => ({
      reserve: (request) => velocity.reserve(request).catch(() => ({ admitted: true, used: 0 })),
    })),
  },
  {
    id: 'velocity-check-then-record',
    class: 'fraud',
    mistake: 'a cap of one payment an hour is looked at first, and the payment counted once it has succeeded',
    exposure: everywhere({ breaks: 'S24', requests: 2, faults: 0 }),
    start: (env) =>
      withParts((parts) => {
        const { shop } = env;
        if (shop === undefined) return parts;
        const { verdicts, velocity } = shop;
        const capped = velocityRule({
          name: 'shop',
          store: checkThenRecord(velocity),
          subject: () => 'everybody',
          windowMs: 3_600_000,
          maxCount: 1,
        });
        return { ...parts, fraud: fraudEngine({ runtime: env.runtime, verdicts, rules: [capped] }) };
      })(env),
  },
  {
    id: 'replays-counted',
    class: 'fraud',
    mistake: 'the cap is counted at the door, for every request that comes in',
    exposure: everywhere({ breaks: 'S24', requests: 1, faults: 0 }),
    start: withEntrances((subject, { runtime, shop }) => ({
      async checkout(intent) {
        const key = JSON.stringify(['card', 'payments', intent.scope]);
        const names = { attemptId: runtime.id('request'), evaluationId: runtime.id('evaluation') };
        const amounts = { amount: 1, cap: 100, windowMs: 3_600_000, holdMs: 3_600_000 };
        await shop?.velocity.reserve({ key, ...names, ...amounts }).catch(() => undefined);
        return (await subject.checkout?.(intent)) ?? { kind: 'unknown', code: 'internal_error', body: '' };
      },
    })),
  },
  {
    id: 'declined-payments-counted',
    class: 'fraud',
    mistake: 'a payment that was declined stays counted, as if it had gone through',
    exposure: everywhere({ breaks: 'S24', requests: 2, faults: 1 }),
    start: withVelocity(() => ({ release: async () => undefined })),
  },
  {
    id: 'confirmed-under-another-name',
    class: 'fraud',
    mistake: 'what is checked under the name of the payment is counted once more under that of its charge',
    exposure: everywhere({ breaks: 'S24', requests: 1, faults: 0 }),
    start: withVelocity((velocity) => ({
      confirm: (payment) => velocity.confirm({ ...payment, attemptId: `${payment.attemptId}/charge` }),
    })),
  },
  {
    id: 'whole-request-logged',
    class: 'redaction',
    mistake: 'a request that failed is logged as it came, for whoever looks into it',
    exposure: everywhere({ breaks: 'S21', requests: 1, faults: 0 }),
    start: withEntrances((subject, { runtime }) => ({
      async checkout(intent) {
        const answer = (await subject.checkout?.(intent)) ?? {
          kind: 'unknown',
          code: 'internal_error',
          body: '',
        };
        if (answer.kind !== 'ok') runtime.log({ notice: 'checkout failed', request: JSON.stringify(intent) });
        return answer;
      },
    })),
  },
  {
    id: 'request-echoed-to-the-client',
    class: 'redaction',
    mistake: 'the answer to an order quotes the order, and whatever its customer wrote',
    exposure: everywhere({ breaks: 'S21', requests: 1, faults: 0 }),
    start: withEntrances((subject) => ({
      async checkout(intent) {
        const answer = (await subject.checkout?.(intent)) ?? {
          kind: 'unknown',
          code: 'internal_error',
          body: '',
        };
        return { ...answer, body: JSON.stringify({ answer: answer.body, order: intent }) };
      },
    })),
  },
];

/** Planted bugs of the fraud check and of redaction. */
export const gateMutants: readonly Mutant[] = planted.map(plantShop);

function checkThenRecord(velocity: VelocityStore): VelocityStore {
  return {
    ...velocity,
    async reserve(request) {
      const answer = await velocity.reserve(request);
      const { key, attemptId, evaluationId, windowMs } = request;
      if (answer.admitted) await velocity.release({ key, attemptId, evaluationId, windowMs });
      return answer;
    },
  };
}
