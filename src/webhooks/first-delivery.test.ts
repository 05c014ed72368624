// Convinces by the first and the second call around the end of a mark, and by showing the weakness that it warns of.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryDeliveryMarks } from '../stores/memory-delivery-marks.ts';
import { isFirstDelivery } from './first-delivery.ts';

describe('the first delivery', () => {
  it('is the first within 80 hours, or the time given, per id', async () => {
    const runtime = manualRuntime();
    const store = memoryDeliveryMarks(runtime);
    expect(await isFirstDelivery('e', store)).toBe(true);
    expect(await isFirstDelivery('f', store, 1_000)).toBe(true);
    await runtime.advance(999);
    expect(await isFirstDelivery('f', store)).toBe(false);
    await runtime.advance(1);
    expect(await isFirstDelivery('f', store)).toBe(true);
    await runtime.advance(80 * 3_600_000 - 1_001);
    expect(await isFirstDelivery('e', store)).toBe(false);
    await runtime.advance(1);
    expect(await isFirstDelivery('e', store)).toBe(true);
  });

  it('is one of concurrent ones', async () => {
    const store = memoryDeliveryMarks(manualRuntime());
    const answers = await Promise.all([1, 2, 3].map(() => isFirstDelivery('e', store)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('loses the event whose process died after it, as its documentation says', async () => {
    const store = memoryDeliveryMarks(manualRuntime());
    const processed: string[] = [];
    await isFirstDelivery('e', store);
    if (await isFirstDelivery('e', store)) processed.push('e');
    expect(processed).toEqual([]);
  });

  it('needs an id and a time', async () => {
    const store = memoryDeliveryMarks(manualRuntime());
    for (const id of ['', undefined, 7])
      await expect(isFirstDelivery(id as string, store)).rejects.toThrow(ValidationError);
    for (const ttlMs of [0, -1, Number.NaN])
      await expect(isFirstDelivery('e', store, ttlMs)).rejects.toThrow(ValidationError);
  });
});
