// What is to befall the operations of one life at their servers: announced when an operation is ordered, armed when its
// worker says on which connection it goes, and ended when it has.

import type { ArmedConnection } from '../../backends/arming.ts';
import type { Strike, Striker } from '../../backends/fault-acts.ts';
import type { Striking } from '../../faults/decide.ts';
import { faultFacts } from '../../faults/kinds.ts';

/** See the file comment. */
export interface Assailant {
  expect(operation: number, faults: readonly Striking[]): void;
  /** Where to connect anew, if anywhere. */
  arm(operation: number, on: ArmedConnection): Promise<Pick<Strike, 'connectTo'> | undefined>;
  end(operation: number): Promise<void>;
}

/** An assailant by means of `strike`. */
export function assailant(strike: Striker): Assailant {
  const expected = new Map<number, readonly Striking[]>();
  const strikes = new Map<number, Strike>();
  return {
    expect: (operation, faults) => void expected.set(operation, faults),
    async arm(operation, on) {
      const faults = expected.get(operation);
      // Once is enough: an operation that is sent again, as by a script that the server had forgotten, is another one.
      if (faults === undefined || strikes.has(operation)) return undefined;
      const toAct = faults.map(({ kind, ms }) => ({ kind, ms: ms ?? faultFacts[kind].defaultMs ?? 0 }));
      const begun = await strike(on, toAct);
      strikes.set(operation, begun);
      return begun.connectTo === undefined ? undefined : { connectTo: begun.connectTo };
    },
    async end(operation) {
      expected.delete(operation);
      await strikes.get(operation)?.end();
      strikes.delete(operation);
    },
  };
}
