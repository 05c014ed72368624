// Convinces by counting: a contender that skips calls, or that is refused some, would pass for a fast one. The
// layers of ours are read from the stacks themselves.

import { expect, it } from 'vitest';
import { layersOf } from '../../src/resilience/layer.ts';
import { recommendedOrder } from '../targets/orders.ts';
import { type Charge, layered, wholeStack } from './charge-stacks.ts';
import { type ChargeContenders, chargeContenders } from './stack-cost.ts';

function counted() {
  let calls = 0;
  const operation: Charge = async ({ amountMinor, currency }) => {
    calls += 1;
    return {
      id: `ch_${calls}`,
      status: 'captured',
      amountMinor,
      capturedMinor: amountMinor,
      currency,
      merchantReference: 'reference',
    };
  };
  const contenders = chargeContenders(operation);
  const callsOf = async (name: keyof ChargeContenders): Promise<number> => {
    calls = 0;
    await contenders[name]();
    return calls;
  };
  return { callsOf };
}

it.each(['layers', 'empty', 'cockatiel', 'fresh'] as const)(
  'calls the operation a thousand times in every run of %s',
  async (name) => {
    const { callsOf } = counted();
    expect(await callsOf(name)).toBe(1_000);
    expect(await callsOf(name)).toBe(1_000);
  },
);

it('charges in the first run of replays and never again', async () => {
  const { callsOf } = counted();
  expect(await callsOf('replay')).toBe(1_000);
  expect(await callsOf('replay')).toBe(0);
});

it.each(['layers', 'empty', 'fresh', 'replay'] as const)(
  'does not take a failure for a call of %s',
  async (name) => {
    const failed = chargeContenders(() => Promise.reject(new DOMException('gone', 'AbortError')))[name]();
    await expect(failed).rejects.toThrow();
  },
);

it('measures all layers, in the recommended order', () => {
  const operation: Charge = () => Promise.reject(new Error('not called'));
  const kinds = recommendedOrder.flatMap((name) =>
    name === 'logExecution' ? (['timer', name] as const) : [name],
  );
  expect(layersOf(wholeStack(operation))).toEqual(kinds);
  expect(layersOf(layered(operation))).toEqual(kinds.slice(1));
});
