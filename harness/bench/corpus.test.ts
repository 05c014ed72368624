// How this convinces: what the corpus claims to be is counted in the histories of its cases. The drives that speed is
// compared with must reach the very same histories, or they would be measured on less work.

import { describe, expect, it } from 'vitest';
import type { DeliveryIntent } from '../history/shop.ts';
import { runCase } from '../run.ts';
import { storm } from '../storm.ts';
import { reference } from '../targets/reference.ts';
import { corpus, fewestEvents, fewestOfShop, fewestRequests, shopCorpus } from './corpus.ts';
import { fakeTimerDrive, schedulerDrive } from './drives.ts';

const cases = corpus();

it('has enough cases, for every gateway', () => {
  expect(cases.length).toBeGreaterThanOrEqual(20);
  expect(new Set(cases.map(({ profile }) => profile)).size).toBe(4);
});

describe.each(cases.map((subject) => [subject.seed, subject] as const))('case %i', (_, subject) => {
  it('is large enough, is struck by faults, and holds', async () => {
    const { history, broken } = await runCase(subject, reference);
    const sent = history.crossings.filter(
      ({ site, actor }) => site === 'client.charge' && !/^ask:|\/dup$/.test(actor),
    );
    expect(sent.length).toBeGreaterThanOrEqual(fewestRequests);
    expect(history.events).toBeGreaterThanOrEqual(fewestEvents);
    expect(history.crossings.some(({ faults }) => faults.length > 0)).toBe(true);
    expect(broken).toEqual([]);
  });

  it('is the same history under every drive', async () => {
    const { digest } = await storm(subject, reference);
    expect((await storm(subject, reference, schedulerDrive)).digest).toBe(digest);
    expect((await storm(subject, reference, fakeTimerDrive)).digest).toBe(digest);
  });
});

const orders = shopCorpus();

it('has enough cases of orders, no two of one seed, for every gateway', () => {
  expect(new Set(orders.map(({ seed }) => seed)).size).toBe(24);
  expect(new Set(orders.map(({ profile }) => profile)).size).toBe(4);
});

describe.each(orders.map((subject) => [subject.seed, subject] as const))(
  'case of orders %i',
  (_, subject) => {
    it('is large enough, is struck by faults, and holds', async () => {
      const { history, broken } = await runCase(subject, reference);
      // What the aftermath asks for has names of its own.
      const steps = new Set(subject.steps.flatMap((step) => ('id' in step ? step.id : [])));
      const asked = (site: string): number =>
        history.crossings.filter((one) => one.site === site && steps.has(one.actor)).length;
      expect(asked('client.checkout')).toBeGreaterThanOrEqual(fewestOfShop.checkouts);
      expect(asked('client.refund')).toBeGreaterThanOrEqual(fewestOfShop.refunds);
      expect(asked('client.reconcile')).toBeGreaterThanOrEqual(fewestOfShop.reconciliations);
      const events = history.crossings.flatMap(({ site, request, applied }) => {
        if (site !== 'webhook.deliver' || applied === undefined) return [];
        const { authentic, eventId } = request as DeliveryIntent;
        return authentic ? eventId : [];
      });
      expect(new Set(events).size).toBeGreaterThanOrEqual(fewestOfShop.webhooks);
      expect(history.crossings.some(({ faults }) => faults.length > 0)).toBe(true);
      expect(broken).toEqual([]);
    });
  },
);
