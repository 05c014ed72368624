// What options of layers have in common. A mistake in them is found when the layer is made, not at the first payment.

import { ValidationError } from '../errors/payment-error.ts';
import { maxTimerMs } from '../kernel/runtime.ts';

/** Demands on the options of one layer; each throws ValidationError naming the layer, the option and what it got. */
export interface OptionCheck {
  /** A whole number ≥ 1. */
  count(name: string, value: unknown): void;
  /** A finite factor ≥ 1. */
  factor(name: string, value: unknown): void;
  /** Milliseconds above 0, finite. */
  span(name: string, value: unknown): void;
  /** Milliseconds from `leastMs` up to what a timer can hold. */
  delay(name: string, value: unknown, leastMs?: number): void;
  /** A function. */
  callback(name: string, value: unknown): void;
  /** One of `allowed`. */
  choice(name: string, value: unknown, allowed: readonly string[]): void;
  /** A text that is not empty. */
  text(name: string, value: unknown): void;
  /** A runtime with at least these methods. */
  runtime(value: unknown, methods: readonly string[]): void;
}

/** The demands of the layer called `layer`. */
export function optionCheck(layer: string): OptionCheck {
  const refusal = (rule: string, got: unknown): ValidationError =>
    new ValidationError(`${layer}: ${rule}, got ${shown(got)}`);
  return {
    count(name, value) {
      if (Number.isSafeInteger(value) && Number(value) >= 1) return;
      throw refusal(`${name} must be a whole number ≥ 1`, value);
    },
    factor(name, value) {
      if (typeof value === 'number' && value >= 1 && value < Number.POSITIVE_INFINITY) return;
      throw refusal(`${name} must be a finite factor ≥ 1`, value);
    },
    span(name, value) {
      if (typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY) return;
      throw refusal(`${name} must be a finite number of milliseconds above 0`, value);
    },
    delay(name, value, leastMs = 0) {
      if (typeof value === 'number' && value >= leastMs && value <= maxTimerMs) return;
      const bounds = `between ${leastMs} and ${maxTimerMs} ms, which is what a timer can hold`;
      throw refusal(`${name} must be ${bounds}`, value);
    },
    callback(name, value) {
      if (typeof value !== 'function') throw refusal(`${name} must be a function`, value);
    },
    choice(name, value, allowed) {
      if (typeof value === 'string' && allowed.includes(value)) return;
      throw refusal(`${name} must be one of ${allowed.join(', ')}`, value);
    },
    text(name, value) {
      if (typeof value === 'string' && value !== '') return;
      throw refusal(`${name} must be a text that is not empty`, value);
    },
    runtime(value, methods) {
      if (methods.every((name) => typeof memberOf(value, name) === 'function')) return;
      const missing = methods.filter((name) => typeof memberOf(value, name) !== 'function');
      throw new ValidationError(
        `${layer}: its runtime has no ${missing.join(', ')}; pass systemRuntime(), or those methods of your own`,
      );
    },
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Numbers and words as they are; of anything else the type, for it may hold what no message should. */
function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint'
    ? String(value)
    : value === null
      ? 'null'
      : typeof value;
}
