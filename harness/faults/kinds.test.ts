// How this convinces: the facts are checked against what the kinds have to mean, one sentence of the catalogue at a time.

import { describe, expect, it } from 'vitest';
import { sites } from '../history/sites.ts';
import { decide } from './decide.ts';
import { everyFaultKind, type FaultKind, faultFacts, faultKinds, groupOf, strikes } from './kinds.ts';
import { realFaultKinds, servicesWith } from './real-kinds.ts';

describe('fault kinds', () => {
  it('can each strike somewhere', () => {
    for (const kind of faultKinds)
      expect(
        sites.some((site) => strikes(kind, site)),
        kind,
      ).toBe(true);
  });

  it('have no wire to fail where there is none: a sleep only waits, stalls or dies', () => {
    const atSleep = faultKinds.filter((kind) => strikes(kind, 'clock.sleep'));
    expect(atSleep).toEqual(['delay', 'reply-delay', 'stall', 'crash-before-apply', 'crash-after-apply']);
  });

  it('do not crash clients, whose programs are not under the storm', () => {
    for (const kind of faultKinds.filter((kind) => strikes(kind, 'client.checkout'))) {
      const plan = decide([{ kind }]);
      expect([plan.crash, plan.stallMs, plan.inject], kind).toEqual(['no', 0, undefined]);
    }
  });

  it('strike a movement only where it is the one that they are about', () => {
    const at = (kind: FaultKind) => sites.filter((site) => strikes(kind, site));
    expect(at('refund-fails-later')).toEqual(['gateway.refund']);
    expect(at('refund-bounces')).toEqual(['gateway.refund']);
    expect(at('authorization-expires')).toEqual(['gateway.authorize']);
    expect(at('late-authorization')).toEqual(['gateway.authorize']);
  });

  it('inject only what the gateway can be told to do', () => {
    for (const kind of faultKinds) {
      const injects = decide([{ kind }]).inject !== undefined;
      expect(faultFacts[kind].layer === 'gateway', kind).toBe(injects);
    }
  });

  it('take a duration wherever their enactment waits', () => {
    for (const kind of faultKinds) {
      const [short, long] = [decide([{ kind, ms: 1 }]), decide([{ kind, ms: 2 }])];
      if (faultFacts[kind].defaultMs !== undefined) expect(long, kind).not.toEqual(short);
    }
  });
});

describe('fault kinds of real servers', () => {
  it('are told from the others by what they need, and strike stores only', () => {
    const needServers = everyFaultKind.filter((kind) => faultFacts[kind].needs === 'servers');
    expect(needServers).toEqual(realFaultKinds);
    for (const kind of realFaultKinds) {
      const struck = sites.filter((site) => strikes(kind, site));
      expect(new Set(struck.map(groupOf)), kind).toEqual(new Set(['store']));
    }
  });

  it('that befall a writing transaction strike no look-up', () => {
    for (const site of ['store.read', 'saga.list', 'ledger.totals', 'outbox.deadLetters'] as const) {
      expect([site, strikes('postgres-deadlock', site)]).toEqual([site, false]);
      expect([site, strikes('postgres-disk-full', site)]).toEqual([site, false]);
      expect([site, strikes('postgres-shutdown', site)]).toEqual([site, true]);
    }
    expect(strikes('postgres-deadlock', 'store.claim')).toBe(true);
  });

  it('belong to the service that they are named after, or to both', () => {
    expect(servicesWith('redis-busy')).toEqual(['redis']);
    expect(servicesWith('postgres-slots')).toEqual(['postgres']);
    expect(servicesWith('reply-truncated')).toEqual(['redis', 'postgres']);
  });

  it('take away what was acknowledged only where the server forgets', () => {
    const forgetting = realFaultKinds.filter((kind) => faultFacts[kind].breaks !== undefined);
    expect(forgetting).toEqual(['redis-failover', 'redis-eviction']);
  });

  it('are left to the other side, which is told how long they last', () => {
    for (const kind of realFaultKinds) {
      expect(decide([{ kind }]).inject, kind).toMatchObject({ kind, ms: faultFacts[kind].defaultMs ?? 0 });
    }
  });
});

it('sorts every site into its group', () => {
  const groups = Map.groupBy(sites, groupOf);
  expect(groups.get('client')).toEqual([
    'client.charge',
    'client.checkout',
    'client.refund',
    'client.reconcile',
  ]);
  expect(groups.get('clock')).toEqual(['clock.sleep']);
  expect(groups.get('lookup')).toEqual(['gateway.lookup', 'gateway.lookup-refund']);
  expect(groups.get('report')).toEqual(['gateway.report', 'gateway.redeliver']);
  expect(groups.get('service')).toEqual([
    'inventory.reserve',
    'inventory.release',
    'shipping.ship',
    'oncall.page',
  ]);
  expect(groups.get('webhook')).toEqual(['webhook.deliver']);
  expect(groups.get('mutation')).toEqual([
    'gateway.authorize',
    'gateway.capture',
    'gateway.void',
    'gateway.refund',
  ]);
  const stores = new Set(groups.get('store')?.map((site) => site.split('.')[0]));
  expect([...stores]).toEqual([
    'store',
    'saga',
    'inbox',
    'ledger',
    'outbox',
    'velocity',
    'tickets',
    'verdicts',
  ]);
});
