// What the tests of ledger, outbox and queue share: facts about payments, and stores under a process that dies.

import type { PaymentFact } from './payment-entries.ts';

/** A capture, refund, … of 5.00 USD of payment `m1` unless told otherwise. */
export function fact(change: Partial<PaymentFact> & { readonly reference?: string } = {}): PaymentFact {
  const { reference = 'm1', ...rest } = change;
  return {
    payment: { merchantReference: reference, gatewayId: `ch_${reference}` },
    operation: `op_${reference}`,
    amountMinor: 500,
    currency: 'USD',
    occurredAtMs: 1_000,
    ...rest,
  };
}

/** Where a process dies: at its `nth` store operation (from 1), which is applied before that or is not. */
export interface Death {
  readonly nth: number;
  readonly applied: boolean;
}

/** A process that is about to die. */
export interface Mortal {
  /** The store as the process sees it. */
  seen<Store extends object>(store: Store): Store;
  isDead(): boolean;
}

/**
 * A process that dies at one of its store operations: that one never answers it, and no later one reaches any of its
 * stores, as nothing else of a dead process does.
 */
export function mortal({ nth, applied }: Death): Mortal {
  let operations = 0;
  return {
    isDead: () => operations >= nth,
    seen: (store) =>
      new Proxy(store, {
        get(target, name, receiver) {
          const method: unknown = Reflect.get(target, name, receiver);
          if (typeof method !== 'function') return method;
          return (...args: readonly unknown[]): unknown => {
            operations += 1;
            if (operations < nth) return Reflect.apply(method, target, args);
            if (operations === nth && applied) void Reflect.apply(method, target, args);
            return new Promise(() => {});
          };
        },
      }),
  };
}

/** What `work` rejected with; fails when it did not. */
export async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it was accepted');
    },
    (error: unknown) => error,
  );
}
