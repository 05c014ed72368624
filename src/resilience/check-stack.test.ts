// Convinces by judging all 5 040 orders of the seven layers against the rule in other words than those of the table, and
// by reading the order back from whatever has been wrapped.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { checkStack } from './check-stack.ts';
import { logExecution } from './log-execution.ts';
import type { LayerKind } from './operation.ts';
import { retry } from './retry.ts';
import { stack } from './stack.ts';
import { timer } from './timer.ts';

const recommended: readonly LayerKind[] = [
  'idempotent',
  'circuitBreaker',
  'retry',
  'rateLimit',
  'timeout',
  'timer',
  'logExecution',
];

const layers = (...kinds: readonly LayerKind[]) => kinds.map((kind) => ({ kind }));

function* orders(kinds: readonly LayerKind[]): Generator<readonly LayerKind[]> {
  if (kinds.length === 0) yield [];
  for (const [index, first] of kinds.entries())
    for (const rest of orders(kinds.toSpliced(index, 1))) yield [first, ...rest];
}

describe('checkStack', () => {
  it('warns of an order exactly when the rule says that it is unsafe', () => {
    let unsafe = 0;
    let judged = 0;
    for (const order of orders(recommended)) {
      const outside = order.slice(0, order.indexOf('idempotent'));
      const aboveRetry = order.slice(0, order.indexOf('retry'));
      const expected = [
        ...outside.filter((kind) => kind !== 'timer').map((kind) => `${kind} idempotent`),
        ...aboveRetry
          .filter((kind) => kind === 'rateLimit' || kind === 'logExecution')
          .map((kind) => `${kind} retry`),
      ];
      const found = checkStack(layers(...order)).map(({ outer, inner }) => `${outer} ${inner}`);
      expect(found.toSorted()).toEqual(expected.toSorted());
      judged += 1;
      if (found.length > 0) unsafe += 1;
    }
    // Of the six layers with rules, idempotent has to come first and retry before two of the other four: 1/6 · 1/3.
    expect([judged, judged - unsafe]).toEqual([5_040, 5_040 / 18]);
  });

  it('says what breaks, why and what to do', () => {
    const [warning, ...others] = checkStack(layers('timeout', 'idempotent'));
    expect(others).toEqual([]);
    expect(warning).toEqual({
      outer: 'timeout',
      inner: 'idempotent',
      invariant: 'L1',
      because: expect.stringContaining('the sweep'),
      fix: expect.stringContaining('inside idempotent'),
      message: expect.stringMatching(/^timeout outside idempotent breaks L1: .+; put timeout inside/),
    });
  });

  it('finds a layer wherever it stands, however often', () => {
    expect(checkStack(layers('retry', 'custom', 'timer', 'idempotent'))).toHaveLength(1);
    expect(checkStack(layers('idempotent', 'retry', 'idempotent'))).toHaveLength(1);
  });

  it('refuses a cache on a charge in any place, and nothing on a read', () => {
    expect(checkStack(layers('idempotent', 'cached', 'timeout'))).toMatchObject([{ outer: 'cached' }]);
    expect(checkStack(layers('cached'))).toMatchObject([{ outer: 'cached' }]);
    expect(checkStack(layers('cached', 'rateLimit', 'retry'), { charge: false })).toEqual([]);
  });

  it('reads the order of a wrapped operation', () => {
    const runtime = manualRuntime();
    const wrong = [logExecution({ runtime }), retry({ runtime })];
    const operation = timer({ runtime, metric: () => {} })(stack(...wrong)(async () => 'charged'));
    expect(checkStack(operation)).toMatchObject([
      { outer: 'logExecution', inner: 'retry', invariant: 'S20' },
    ]);
    expect(checkStack(async () => 'charged')).toEqual([]);
  });

  it.each([undefined, null, 'retry', 5, [undefined], [{}], ['retry'], retry({ runtime: manualRuntime() })])(
    'refuses %s',
    (nonsense) => {
      expect(() => checkStack(nonsense as never)).toThrow(ValidationError);
    },
  );
});
