// Convinces by time that moves only when it is told to: a bound that is left behind after an answer would still be pending.

import { expect, it } from 'vitest';
import { StoreUnavailableError } from '../errors/payment-error.ts';
import { bounded } from './bounded.ts';

function rig(answer: () => unknown) {
  const pending = new Set<() => void>();
  const after = (_: number, fire: () => void) => {
    pending.add(fire);
    return () => void pending.delete(fire);
  };
  const late = (message: string) => new StoreUnavailableError(message);
  return { pending, port: bounded({ ask: answer }, { runtime: { after }, afterMs: 50, late }) };
}

it('passes answers and failures on, and forgets its bound', async () => {
  const well = rig(async () => 'yes');
  expect(await well.port.ask()).toBe('yes');
  expect(well.pending.size).toBe(0);
  const ill = rig(() => Promise.reject(new RangeError('no')));
  await expect(ill.port.ask()).rejects.toThrow(RangeError);
  expect(ill.pending.size).toBe(0);
});

it('rejects when nothing comes in time', async () => {
  const { pending, port } = rig(() => new Promise(() => {}));
  const asked = expect(port.ask()).rejects.toThrow(
    'ask: no answer within 50 ms; it may still be carried out',
  );
  for (const fire of pending) fire();
  await asked;
});
