// Convinces by errands whose outcome is known: an order that loses the audit records of replays is hunted down to a
// story that breaks again in a fresh world, and the recommended order is not; asking twice gives equal answers.

import { describe, expect, it } from 'vitest';
import { runCase } from '../../run.ts';
import { movedOutside, type Order, recommendedOrder } from '../../targets/orders.ts';
import { findTarget } from '../../targets/registry.ts';
import { runErrand } from './errands.ts';
import { workload } from './workload.ts';

const unsafe: Order = movedOutside(recommendedOrder, { outer: 'logExecution', inner: 'idempotent' });
const asked = { gateway: 'stripe', seed: 3, runs: 30 } as const;
const hunted = { gateways: ['stripe', 'none'], seed: 3, runs: 30 } as const;
const slow = { timeout: 30_000 };

describe('a hunt', slow, () => {
  it('comes back with a small story that breaks again, and with the same when it is sent again', async () => {
    const outcome = await runErrand('hunt', { order: unsafe, ...hunted });
    const witness = outcome.witnesses.find(({ invariant }) => invariant === 'S20');
    expect(witness).toMatchObject({ requests: 1, faults: 0 });
    expect(outcome.runsToFailure).toBe(1);
    const target = findTarget(witness?.case.target ?? '');
    if (witness === undefined || target === undefined) throw new Error('the story names no target');
    const again = await runCase(witness.case, target);
    expect({ broken: again.broken, hash: again.history.digest }).toEqual({
      broken: ['S20'],
      hash: witness.historyHash,
    });
    expect(await runErrand('hunt', { order: unsafe, ...hunted })).toEqual(outcome);
  });

  it('comes back with nothing from an order that holds, having run all its cases on each gateway', async () => {
    const outcome = await runErrand('hunt', { order: recommendedOrder, ...hunted });
    expect(outcome).toEqual({
      runs: 60,
      runsToFailure: undefined,
      witnesses: [],
      errorCount: 0,
      firstError: undefined,
    });
  });
});

describe('other errands', slow, () => {
  it('storm until something breaks', async () => {
    const outcome = await runErrand('storm', { order: unsafe, ...asked });
    expect(outcome.runs).toBe(1);
    expect(outcome.witnesses.map(({ invariant }) => invariant)).toEqual(['S20']);
  });

  it('shrink a case against an order, for each invariant that it breaks there', async () => {
    const { steps } = workload(unsafe, { weather: 'healthy', gateway: 'stripe', seed: 3 });
    const busy = {
      paystorm: 1,
      target: 'reference',
      profile: 'stripe',
      seed: 3,
      config: { processes: 2 },
    } as const;
    const asked = { case: { ...busy, steps: steps.slice(0, 8) } };
    const witnesses = await runErrand('shrink', { order: unsafe, ...asked });
    expect(witnesses).toMatchObject([{ invariant: 'S20', requests: 1, faults: 0 }]);
    expect(await runErrand('shrink', { order: recommendedOrder, ...asked })).toEqual([]);
  });

  it('confront any order with cases that were found against another', async () => {
    const { witnesses } = await runErrand('storm', { order: unsafe, ...asked });
    const cases = witnesses.map((witness) => witness.case);
    const twice = { cases: [...cases, ...cases], toTheEnd: true };
    expect(await runErrand('confront', { order: unsafe, ...twice })).toEqual({ broken: ['S20'], runs: 2 });
    expect(await runErrand('confront', { order: recommendedOrder, ...twice })).toEqual({
      broken: [],
      runs: 2,
    });
    const once = { ...twice, toTheEnd: false };
    expect(await runErrand('confront', { order: unsafe, ...once })).toEqual({ broken: ['S20'], runs: 1 });
    expect(await runErrand('confront', { order: recommendedOrder, ...once })).toEqual({
      broken: [],
      runs: 2,
    });
  });

  it('spend a day, the same whenever it is spent', async () => {
    const day = { order: unsafe, weather: 'healthy', gateway: 'stripe', seed: 3 } as const;
    const measured = await runErrand('measure', day);
    expect(measured).toMatchObject({ broken: ['S20'], because: expect.stringContaining('audit log') });
    expect(await runErrand('measure', day)).toEqual(measured);
  });
});
