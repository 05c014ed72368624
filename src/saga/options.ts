// What a saga has to be told, with the defaults and their bounds.

import { ValidationError } from '../errors/payment-error.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { SagaEvent, SagaPage } from './event.ts';
import type { SagaJournal } from './journal.ts';
import type { SagaStep } from './step.ts';

/** Options of `saga`. Durations are milliseconds. */
export interface SagaOptions<Context extends object> {
  /** Part of every key, so it must not change while sagas are under way. */
  readonly name: string;
  readonly runtime: Runtime;
  readonly steps: readonly SagaStep<Context>[];
  readonly journal: SagaJournal;
  /**
   * Called when a saga is stuck: in FAILED_COMPENSATION, or beside a compensation that goes on. At least once for
   * each time; while it throws, recovery calls again.
   */
  readonly onCall: (page: SagaPage) => unknown;
  /** Retries of a compensation that failed, and of resolving a step within one drive. Default 3. */
  readonly compensationRetries?: number;
  /** The nth retry waits n times this. Default 500. */
  readonly compensationDelayMs?: number;
  /** How long a saga is held without a write or a renewal. Default 90 000. */
  readonly leaseMs?: number;
  /** How often a running step renews the lease at most. Default 3. */
  readonly maxRenewals?: number;
  /** A saga that has not passed its pivot this long after its start is compensated. Default: no limit. */
  readonly timeoutMs?: number;
  /** When recovery first looks again at what can't be decided yet; doubles each time. Default 5 000. */
  readonly lookAgainMs?: number;
  /** The longest that it waits. Default 300 000. */
  readonly maxLookAgainMs?: number;
  /** After so long without an end people are called. Default 604 800 000: a week, for refunds to bank accounts take days. */
  readonly repairAfterMs?: number;
  /** How many sagas one recovery takes up. Default 100. */
  readonly recoveryLimit?: number;
  /** Told of every transition after it was journalled; what it throws is dropped. */
  readonly observe?: (event: SagaEvent) => unknown;
}

/** Options with every default filled in. */
export type SagaSettings<Context extends object> = Required<Omit<SagaOptions<Context>, 'timeoutMs'>> &
  Pick<SagaOptions<Context>, 'timeoutMs'>;

const methods = ['wallMs', 'monotonicMs', 'sleep', 'after', 'random', 'id', 'log'];
const order = ['compensable', 'pivot', 'retriable'];

/**
 * Fills in the defaults.
 *
 * @throws ValidationError when a number is out of range, a function is none, or the steps do not make a saga.
 */
export function settingsOf<Context extends object>(options: SagaOptions<Context>): SagaSettings<Context> {
  const settings = {
    compensationRetries: 3,
    compensationDelayMs: 500,
    leaseMs: 90_000,
    maxRenewals: 3,
    lookAgainMs: 5_000,
    maxLookAgainMs: 300_000,
    repairAfterMs: 604_800_000,
    recoveryLimit: 100,
    observe: () => undefined,
    ...options,
  };
  const check = optionCheck('saga');
  checkName('saga: name', settings.name);
  check.runtime(settings.runtime, methods);
  for (const name of ['onCall', 'observe'] as const) check.callback(name, settings[name]);
  for (const name of ['compensationRetries', 'maxRenewals'] as const) whole(name, settings[name]);
  check.count('recoveryLimit', settings.recoveryLimit);
  check.delay('compensationDelayMs', settings.compensationDelayMs);
  for (const name of ['leaseMs', 'lookAgainMs', 'maxLookAgainMs'] as const)
    check.delay(name, settings[name], 1);
  check.span('repairAfterMs', settings.repairAfterMs);
  if (settings.timeoutMs !== undefined) check.delay('timeoutMs', settings.timeoutMs, 1);
  checkSteps(settings.steps);
  return settings;
}

/**
 * Returns `name` when it may be part of a key.
 *
 * @throws ValidationError when it is no text, empty, longer than 255 characters, or not Unicode.
 */
export function checkName(what: string, name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length <= 255 && name.isWellFormed()) return name;
  throw new ValidationError(`${what} has to be Unicode text of 1 to 255 characters; it is part of every key`);
}

function whole(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= 1_000) return;
  throw new ValidationError(`saga: ${name} must be a whole number from 0 to 1000, got ${value}`);
}

function checkSteps<Context extends object>(steps: readonly SagaStep<Context>[]): void {
  if (!Array.isArray(steps) || steps.length === 0)
    throw new ValidationError('saga: steps is empty or no list; a saga has at least one step');
  const names = new Set<string>();
  let rank = 0;
  for (const step of steps as readonly SagaStep<Context>[]) {
    const name = checkName('saga: the name of a step', step.name);
    const check = optionCheck(`saga step ${name}`);
    if (names.has(name)) throw new ValidationError(`saga: two steps are called ${name}; names are keys`);
    names.add(name);
    check.choice('kind', step.kind, order);
    check.choice('onUnknown', step.onUnknown, ['resend', 'resolve']);
    check.callback('execute', step.execute);
    if (step.onUnknown === 'resolve') check.callback('resolve', step.resolve);
    if (step.compensate !== undefined) checkCompensable(step, check.callback);
    const next = order.indexOf(step.kind);
    if (next < rank || (next === rank && step.kind === 'pivot'))
      throw new ValidationError(
        `saga: step ${name} is ${step.kind} and comes too late; first compensable steps, then at most one pivot, then retriable ones`,
      );
    rank = next;
  }
}

function checkCompensable<Context>(
  { name, kind, compensate }: SagaStep<Context>,
  callback: (name: string, value: unknown) => void,
): void {
  callback('compensate', compensate);
  if (kind === 'compensable') return;
  throw new ValidationError(`saga: step ${name} is ${kind}, so it is never undone; remove its compensate`);
}
