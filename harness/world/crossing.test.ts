// How this convinces: the table says for every kind of fault, in words of its own, what is applied when and what the
// caller sees when. Each row is tried at every site where its kind can strike. A kind without a row does not compile.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../cases/case.ts';
import { type FaultKind, faultKinds, groupOf, type SharedFaultKind, strikes } from '../faults/kinds.ts';
import { type Site, sites } from '../history/sites.ts';
import { Slow } from './boundary.ts';
import { crossOnce, latestMs, oneProcess, recorded, type Seen } from './one-process.ts';

/** What is expected where a message takes `there` ms to arrive and `back` ms to return; every fault is given 7 ms. */
type Row = (there: number, back: number) => Seen;

const answered = (applied: Seen['applied'], saw: string, sawAtMs: number): Seen => ({
  applied,
  saw,
  sawAtMs,
});
const at = (atMs: number, inject?: string): Seen['applied'][number] => ({ atMs, inject });
const injected =
  (kind: FaultKind): Row =>
  (there, back) =>
    answered([at(there, kind)], 'ok', there + back);

const rows: Readonly<Record<SharedFaultKind, Row>> = {
  delay: (there, back) => answered([at(there + 7)], 'ok', there + 7 + back),
  'reply-delay': (there, back) => answered([at(there)], 'ok', there + back + 7),
  drip: (there, back) => answered([at(there)], 'ok', there + back + 7),
  stall: (there, back) => answered([at(there)], 'ok', there + Math.max(7, back)),
  'crash-before-apply': () => ({ applied: [] }),
  'crash-after-apply': (there) => ({ applied: [at(there)] }),
  refused: (there, back) => answered([], 'refused', there + back),
  dns: (there, back) => answered([], 'dns', there + back),
  'request-lost': (there, back) => answered([], 'reset', there + back),
  'response-lost': (there, back) => answered([at(there)], 'reset', there + back),
  'reset-mid-body': (there, back) => answered([at(there)], 'cut', there + back),
  'malformed-json': (there, back) => answered([at(there)], 'malformed', there + back),
  hang: (there) => ({ applied: [at(there)] }),
  duplicated: (there, back) => answered([at(there), at(there + 7)], 'ok', there + back),
  late: (there, back) => answered([at(there + back + 7)], 'reset', there + back),
  stale: injected('stale'),
  'rate-limited': injected('rate-limited'),
  '500-before-commit': injected('500-before-commit'),
  '500-after-commit': injected('500-after-commit'),
  'edge-504': injected('edge-504'),
  'in-progress': injected('in-progress'),
  'bodyless-409': injected('bodyless-409'),
  slow: injected('slow'),
  'soft-decline': injected('soft-decline'),
  'hard-decline': injected('hard-decline'),
  '3ds-required': injected('3ds-required'),
  '3ds-abandoned': injected('3ds-abandoned'),
  '3ds-challenge': injected('3ds-challenge'),
  pending: injected('pending'),
  'partial-approval': injected('partial-approval'),
  'key-expired': injected('key-expired'),
  'refund-fails-later': injected('refund-fails-later'),
  'refund-bounces': injected('refund-bounces'),
  'authorization-expires': injected('authorization-expires'),
  'late-authorization': injected('late-authorization'),
  'webhook-early': injected('webhook-early'),
  'webhook-reordered': injected('webhook-reordered'),
  'webhook-late': injected('webhook-late'),
  'webhook-never': injected('webhook-never'),
  'webhook-duplicated': injected('webhook-duplicated'),
  'webhook-two-ids': injected('webhook-two-ids'),
  'webhook-old-secret': injected('webhook-old-secret'),
  'webhook-both-secrets': injected('webhook-both-secrets'),
  'webhook-forged': injected('webhook-forged'),
  'webhook-tampered': injected('webhook-tampered'),
  'webhook-unsigned': injected('webhook-unsigned'),
  'webhook-stale': injected('webhook-stale'),
  'row-late': injected('row-late'),
  'row-duplicated': injected('row-duplicated'),
  'row-missing': injected('row-missing'),
  'row-next-day': injected('row-next-day'),
  'row-other-amount': injected('row-other-amount'),
  'row-other-currency': injected('row-other-currency'),
  'row-other-status': injected('row-other-status'),
  'service-refuses': injected('service-refuses'),
};

/** There and back, milliseconds: a sleep takes its 100 ms on the way there. */
function waysOf(site: Site): readonly [number, number] {
  const group = groupOf(site);
  if (group === 'clock') return [100, 0];
  if (group === 'webhook') return [2, 2];
  if (group === 'service') return [10, 10];
  return group === 'store' ? [1, 1] : [20, 20];
}

const inside = sites.filter((site) => groupOf(site) !== 'client');
const pairs = faultKinds.flatMap((kind) =>
  inside.filter((site) => strikes(kind, site)).map((site) => [kind, site] as const),
);
const striking = (kind: FaultKind, site: Site, ms = 7): Fault => ({
  site,
  nth: 1,
  kind,
  ms,
  restartAfterMs: 50,
});

describe('every fault wherever it can strike', () => {
  it.each(pairs)('%s at %s', async (kind, site) => {
    const rig = oneProcess();
    const seen = crossOnce(rig, { site, faults: [striking(kind, site)] });
    await rig.settle();
    expect(seen).toEqual(rows[kind](...waysOf(site)));
  });

  it('leaves a record of what happened, and of the fault', async () => {
    const rig = oneProcess();
    crossOnce(rig, { site: 'gateway.authorize', faults: [striking('duplicated', 'gateway.authorize')] });
    await rig.settle();
    const { crossings, events } = recorded(rig);
    expect(crossings).toEqual([
      {
        id: 0,
        actor: 'a',
        process: 'p0',
        incarnation: 1,
        site: 'gateway.authorize',
        nth: 1,
        request: { ms: 100 },
        faults: ['duplicated'],
        called: { atMs: 0, order: expect.any(Number) },
        applied: { atMs: 20, order: expect.any(Number) },
        effect: { ok: true, value: 'ok' },
        appliedAgain: { atMs: 27, order: expect.any(Number) },
        effectAgain: { ok: true, value: 'ok' },
        replied: { atMs: 40, order: expect.any(Number) },
        reply: { ok: true, value: 'ok' },
      },
    ]);
    expect(events).toBe(3);
  });
});

describe('faults strike', () => {
  it('only the occurrence that they name', async () => {
    const rig = oneProcess();
    const fault: Fault = { site: 'store.claim', nth: 2, kind: 'refused' };
    const seen = crossOnce(rig, { site: 'store.claim', faults: [fault] });
    await rig.settle();
    expect(seen.saw).toBe('ok');
  });

  it('no more once the world has healed', async () => {
    const rig = oneProcess();
    rig.world.heal();
    const seen = crossOnce(rig, { site: 'store.claim', faults: [striking('hang', 'store.claim')] });
    await rig.settle();
    expect(seen).toEqual(answered([at(1)], 'ok', 2));
  });

  it('together: durations add up', async () => {
    const rig = oneProcess();
    const faults = [striking('delay', 'store.claim', 5), striking('reply-delay', 'store.claim', 3)];
    const seen = crossOnce(rig, { site: 'store.claim', faults: [...faults, ...faults] });
    await rig.settle();
    expect(seen).toEqual(answered([at(11)], 'ok', 18));
  });

  it('together: a late request whose connection hangs never fails its caller', async () => {
    const rig = oneProcess();
    const site = 'gateway.authorize';
    const seen = crossOnce(rig, { site, faults: [striking('late', site), striking('hang', site)] });
    await rig.settle();
    expect(seen).toEqual({ applied: [at(47)] });
  });
});

describe('the network', () => {
  it('keeps what is later than its bound until it is released', async () => {
    const rig = oneProcess();
    const fault = striking('late', 'gateway.authorize', latestMs + 1);
    const seen = crossOnce(rig, { site: 'gateway.authorize', faults: [fault] });
    await rig.world.run();
    expect(seen).toEqual(answered([], 'reset', 40));
    rig.world.releaseLate();
    await rig.world.run();
    expect(seen.applied).toHaveLength(1);
  });

  it.each([
    ['crash-before-apply', 0],
    ['crash-after-apply', 20],
  ] as const)('ends the life of its process by %s, for as long as it says', async (kind, atMs) => {
    const rig = oneProcess();
    const site = 'gateway.authorize';
    crossOnce(rig, { site, faults: [{ site, nth: 1, kind, restartAfterMs: 700 }] });
    await rig.settle();
    expect(recorded(rig).incidents.map((incident) => [incident.kind, incident.at.atMs])).toEqual([
      ['started', 0],
      ['crashed', atMs],
      ['started', atMs + 700],
    ]);
  });

  it('carries what was sent to its end although the caller has died', async () => {
    const rig = oneProcess();
    const seen = crossOnce(rig, {
      site: 'gateway.authorize',
      faults: [striking('duplicated', 'gateway.authorize')],
    });
    rig.world.after(5, () => rig.process.crash(1));
    await rig.settle();
    expect(seen).toEqual({ applied: [at(20), at(27)] });
  });
});

describe('a caller that gives up', () => {
  const reason = new Error('enough');

  it('sees its reason at once, and what it sent still arrives', async () => {
    const rig = oneProcess();
    const controller = new AbortController();
    const seen = crossOnce(rig, { site: 'gateway.authorize', signal: controller.signal });
    rig.world.after(10, () => controller.abort(reason));
    await rig.settle();
    expect(seen).toEqual(answered([at(20)], 'enough', 10));
  });

  it('before the call sees its reason too', async () => {
    const rig = oneProcess();
    const seen = crossOnce(rig, { site: 'store.read', signal: AbortSignal.abort(reason) });
    await rig.settle();
    expect(seen.saw).toBe('enough');
  });

  it('after the reply changes nothing', async () => {
    const rig = oneProcess();
    const controller = new AbortController();
    const seen = crossOnce(rig, { site: 'store.read', signal: controller.signal });
    rig.world.after(10, () => controller.abort(reason));
    await rig.settle();
    expect(seen).toEqual(answered([at(1)], 'ok', 2));
  });

  it('no longer counts as waiting on a connection that hangs', async () => {
    const rig = oneProcess();
    const controller = new AbortController();
    crossOnce(rig, {
      site: 'gateway.lookup',
      faults: [striking('hang', 'gateway.lookup')],
      signal: controller.signal,
    });
    await rig.world.run();
    expect(rig.world.hung.size).toBe(1);
    controller.abort(reason);
    expect(rig.world.hung.size).toBe(0);
  });
});

describe('work on the other side that takes time', () => {
  it('is applied when it begins and answered when it is done', async () => {
    const rig = oneProcess();
    const seen = crossOnce(rig, { site: 'gateway.authorize', worksMs: 30 });
    await rig.settle();
    expect(seen).toEqual(answered([at(20)], 'ok', 70));
  });

  it('may fail at its end', async () => {
    const rig = oneProcess();
    const crossing = rig.environment().boundary.cross({
      site: 'gateway.authorize',
      request: {},
      apply: () =>
        new Slow<string>(30, () => {
          throw new Error('declined');
        }),
      fail: (failure) => new Error(failure),
    });
    const expected = expect(crossing).rejects.toThrow('declined');
    await rig.settle();
    await expected;
  });
});
