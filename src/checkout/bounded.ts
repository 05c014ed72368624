// No call to the outside may take for ever: whoever hangs would hold a lease, and a client, as long.

import type { PaymentError } from '../errors/payment-error.ts';
import type { Timers } from '../kernel/runtime.ts';

/** How long a call may take. */
export interface Bound {
  readonly runtime: Pick<Timers, 'after'>;
  /** Milliseconds. */
  readonly afterMs: number;
  /** What a call that takes longer is rejected with. It may still be carried out. */
  readonly late: (message: string) => PaymentError;
}

/** The same port, each of whose methods rejects when it has not settled in time. */
export function bounded<Port extends object>(port: Port, { runtime, afterMs, late }: Bound): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          const cancel = runtime.after(afterMs, () =>
            reject(late(`${String(name)}: no answer within ${afterMs} ms; it may still be carried out`)),
          );
          Promise.resolve(Reflect.apply(member, target, args)).then(
            (value) => {
              cancel();
              resolve(value);
            },
            (error: unknown) => {
              cancel();
              reject(error);
            },
          );
        });
    },
  });
}
