// What code of a simulated process reads off its clocks.

import { type Ambient, currentAmbient } from './ambient.ts';
import { all, intercept, type Restore, replace, simulated } from './intercept.ts';

/** Captures `Date`, `performance.now` and `process.hrtime`. */
export function captureClock(): Restore {
  return all([
    replace(globalThis, 'Date', virtualDate(Date)),
    intercept(
      performance,
      'now',
      simulated((ambient) => ambient.monotonicMs()),
    ),
    // First the member, then its owner, whose stand-in takes the members over.
    intercept(process.hrtime, 'bigint', simulated(nanoseconds)),
    intercept(process, 'hrtime', simulated(hrtime)),
  ]);
}

// A proxy rather than a subclass: `instanceof`, `constructor` and the prototype stay those of every other date.
function virtualDate(real: DateConstructor): DateConstructor {
  const now = (): number => currentAmbient()?.wallMs() ?? real.now();
  return new Proxy(real, {
    construct(target, values: unknown[], newTarget) {
      const ambient = values.length === 0 ? currentAmbient() : undefined;
      return Reflect.construct(
        target,
        ambient === undefined ? values : [ambient.wallMs()],
        newTarget,
      ) as object;
    },
    apply(target) {
      const ambient = currentAmbient();
      return ambient === undefined ? target() : new target(ambient.wallMs()).toString();
    },
    get(target, name) {
      return name === 'now' ? now : Reflect.get(target, name);
    },
  });
}

function nanoseconds(ambient: Ambient): bigint {
  return BigInt(Math.round(ambient.monotonicMs() * 1e6));
}

function hrtime(ambient: Ambient, [since]: readonly unknown[]): [number, number] {
  const [seconds, rest] = (since as readonly [number, number] | undefined) ?? [0, 0];
  const ns = nanoseconds(ambient) - (BigInt(seconds) * 1_000_000_000n + BigInt(rest));
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
}
