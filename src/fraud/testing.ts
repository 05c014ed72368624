// What the tests of the fraud check share: a charging stack over stores and a gateway that can be slow, silent or the
// last thing that a process does.

import { idempotent } from '../idempotency/idempotent.ts';
import type { IdempotencyOptions } from '../idempotency/options.ts';
import { sweeper } from '../idempotency/sweeper.ts';
import { type ManualRuntime, manualRuntime } from '../kernel/testing.ts';
import type { Call, Operation } from '../resilience/operation.ts';
import { stack } from '../resilience/stack.ts';
import { memoryIdempotencyStore } from '../stores/memory-idempotency-store.ts';
import { memoryVelocityStore } from '../stores/memory-velocity-store.ts';
import { memoryVerdictLog } from '../stores/memory-verdict-log.ts';
import { fraudEngine } from './engine.ts';
import { fraudCheck } from './fraud-check.ts';
import type { FraudContext, FraudDecision, FraudRule } from './rule.ts';
import { velocityRule } from './velocity-rule.ts';
import type { VelocityStore } from './velocity-store.ts';
import type { VerdictLog } from './verdict-log.ts';

/** A payment of the tests; the rest of it is its context. */
export interface Payment extends FraudContext {
  readonly key: string;
}

/** Everything of one shop that outlives its processes. */
export interface Shop {
  readonly runtime: ManualRuntime;
  readonly velocity: VelocityStore;
  readonly verdicts: VerdictLog;
  /** The effects at the gateway, one for each key that was charged. */
  readonly effects: { readonly key: string; readonly atMs: number; readonly amountMinor: number }[];
  /** Calls that arrived at the gateway. */
  readonly sent: Call[];
  /** A process over the shop's stores. Each await of a store and of the gateway passes through `boundary`. */
  process(options: ProcessOptions): Process;
}

/** How one process runs. */
export interface ProcessOptions {
  readonly rules: (stores: Pick<Shop, 'velocity'>) => readonly FraudRule[];
  /** Comes before and after everything that leaves the process. Where it never settles, the process has died. */
  readonly boundary?: (name: string, half: 'apply' | 'reply') => Promise<void>;
  /** What the gateway does instead of charging. */
  readonly answer?: (payment: Payment, call: Call) => unknown;
}

/** A running process. */
export interface Process {
  readonly charge: Operation<Payment, unknown>;
  readonly sweep: () => Promise<unknown>;
}

/** A shop with leases of 300 ms, at a gateway that replays every answer and takes no effect later than 100 ms. */
export function shop(): Shop {
  const runtime = manualRuntime();
  const idempotency = memoryIdempotencyStore(runtime);
  const durable = { velocity: memoryVelocityStore(runtime), verdicts: memoryVerdictLog(runtime) };
  const effects: Shop['effects'] = [];
  const sent: Call[] = [];

  const process = ({ rules, boundary = atOnce, answer }: ProcessOptions): Process => {
    const velocity = through('velocity', durable.velocity, boundary);
    const options: IdempotencyOptions<Payment, unknown> = {
      runtime,
      store: through('idempotency', idempotency, boundary),
      scope: () => 'shop',
      key: ({ key }) => key,
      leaseMs: 300,
      maxRenewals: 0,
      resolve: {
        capabilities: {
          dedup: 'every-answer',
          lookup: { by: ['reference'], consistentAfterMs: 0 },
          keyRetentionMs: 86_400_000,
          maxEffectDelayMs: 100,
          cancelByKey: false,
          captureModes: ['automatic'],
        },
        find: async ({ by, ...named }) => {
          const key = by === 'reference' && 'merchantReference' in named ? named.merchantReference : '';
          const found = effects.find((effect) => effect.key === key);
          return found === undefined ? { kind: 'absent' } : { kind: 'found', result: 'charged' };
        },
      },
    };
    const send: Operation<Payment, unknown> = async (payment, call = {}) => {
      call.fence?.();
      await boundary('gateway', 'apply');
      sent.push(call);
      const key = call.merchantReference ?? '';
      if (answer !== undefined) answer(payment, call);
      if (!effects.some((effect) => effect.key === key))
        effects.push({ key, atMs: runtime.monotonicMs(), amountMinor: payment.amountMinor });
      await boundary('gateway', 'reply');
      return 'charged';
    };
    const engine = fraudEngine({
      rules: rules({ velocity }),
      verdicts: through('verdicts', durable.verdicts, boundary),
      runtime,
    });
    const checked = fraudCheck<Payment, unknown, Payment>({
      engine,
      contextOf: (payment) => payment,
      runtime,
    });
    return {
      charge: stack(idempotent(options), checked)(send),
      sweep: sweeper(options)(checked(send)),
    };
  };
  return { runtime, ...durable, effects, sent, process };
}

/** The usual payment. */
export const payment: Payment = { key: 'k', amountMinor: 500, currency: 'USD', customerId: 'c' };

/** A rule that always says the same. */
export function saying(decision: FraudDecision): FraudRule {
  return () => ({ decision, score: 0, reason: 'because' });
}

/** Two payments of a customer in a second. */
export const twice: ProcessOptions['rules'] = ({ velocity }) => [
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
export async function room({ velocity }: Shop): Promise<number> {
  const key = JSON.stringify(['customer', 'payments', 'c']);
  const asked = { key, attemptId: 'probe', evaluationId: 'p', amount: 0, cap: 9, windowMs: 1, holdMs: 1 };
  return 2 - (await velocity.reserve(asked)).used;
}

async function atOnce(): Promise<void> {}

/** The same port with every call crossing the boundary twice. */
function through<Port extends object>(
  name: string,
  port: Port,
  boundary: NonNullable<ProcessOptions['boundary']>,
): Port {
  return new Proxy(port, {
    get(target, member) {
      const method: unknown = Reflect.get(target, member);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await boundary(`${name}.${String(member)}`, 'apply');
        const reply: unknown = await method.apply(target, args);
        await boundary(`${name}.${String(member)}`, 'reply');
        return reply;
      };
    },
  });
}
