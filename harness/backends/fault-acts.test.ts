// How this convinces: every kind that may strike a store is asked for an act, so that none is forgotten, and the striker is
// watched with servers that write down what was begun and ended, for what must hold of their order whatever fails.

import { describe, expect, it } from 'vitest';
import { everyFaultKind, type FaultKind, strikes } from '../faults/kinds.ts';
import { realFaultKinds, servicesWith } from '../faults/real-kinds.ts';
import { actOf, type FaultyServers, striker } from './fault-acts.ts';
import type { ProxyAct } from './proxy-act.ts';

const on = { localPort: 4_711, processId: 42 };

/** Servers, and a proxy whose every act strikes or none does, that write down what is done to them. */
function rig({
  failing,
  hasStruck = true,
}: {
  readonly failing?: FaultKind;
  readonly hasStruck?: boolean;
} = {}) {
  const done: string[] = [];
  const begin = async (kind: FaultKind) => {
    if (kind === failing) throw new Error(`no ${kind} today`);
    done.push(`begin ${kind}`);
    return {
      ...(kind === 'postgres-slots' ? { connectTo: 99 } : {}),
      end: async () => {
        await Promise.resolve();
        done.push(`end ${kind}`);
      },
    };
  };
  const servers: FaultyServers = { redis: { begin }, postgres: { begin } };
  const proxy = {
    arm(port: number, acts: readonly ProxyAct[]) {
      if (acts.length > 0) done.push(`arm ${port} ${acts.map(({ kind }) => kind).join('+')}`);
      return {
        ...(acts.some(({ kind }) => kind === 'refuse') ? { connectTo: 1 } : {}),
        hasStruck: () => hasStruck,
      };
    },
  };
  return { done, servers, strike: striker({ proxy, ...servers }) };
}

describe('the act for a fault at a store', () => {
  it('is there for every kind but those that processes and the world enact', () => {
    const { servers } = rig();
    const elsewhere = everyFaultKind
      .filter((kind) => strikes(kind, 'store.claim'))
      .filter((kind) => actOf({ kind, ms: 1 }, servers).where === 'elsewhere');
    expect(elsewhere).toEqual(['stall', 'crash-before-apply', 'crash-after-apply']);
  });

  it('is at the server of its own service alone', () => {
    const { redis, postgres } = rig().servers;
    for (const kind of realFaultKinds) {
      const where = {
        redis: actOf({ kind, ms: 1 }, redis === undefined ? {} : { redis }).where,
        postgres: actOf({ kind, ms: 1 }, postgres === undefined ? {} : { postgres }).where,
      };
      const [only, other] = servicesWith(kind);
      if (other !== undefined) expect(where, kind).toEqual({ redis: 'wire', postgres: 'wire' });
      else
        expect(where, kind).toEqual({ redis: 'elsewhere', postgres: 'elsewhere', [String(only)]: 'server' });
    }
  });

  it('lasts as long as the case says', () => {
    expect(actOf({ kind: 'request-blackholed', ms: 77 }, {})).toEqual({
      where: 'wire',
      acts: [{ kind: 'cut', before: 'forward', afterMs: 77 }],
    });
    expect(actOf({ kind: 'reply-delay', ms: 5 }, {})).toEqual({
      where: 'wire',
      acts: [{ kind: 'delay', leg: 'reply', ms: 5 }],
    });
  });
});

describe('the striker', () => {
  it('begins what befalls the server, then arms the wire, and tells in the end what befell', async () => {
    const { done, strike } = rig();
    const faults = ['delay', 'redis-oom', 'stall', 'response-lost'].map((kind) => ({
      kind: kind as FaultKind,
      ms: 3,
    }));
    const struck = await strike(on, faults);
    expect(done).toEqual(['begin redis-oom', 'arm 4711 delay+cut']);
    expect(await struck.end()).toEqual(['redis-oom', 'delay', 'response-lost']);
    expect(done.at(-1)).toBe('end redis-oom');
  });

  it('does not count what was armed for an operation that was never sent', async () => {
    const { strike } = rig({ hasStruck: false });
    const struck = await strike(on, [
      { kind: 'redis-oom', ms: 0 },
      { kind: 'request-lost', ms: 0 },
    ]);
    expect(await struck.end()).toEqual(['redis-oom']);
  });

  it('tells where to connect anew, which is nowhere when somebody refuses', async () => {
    const { strike } = rig();
    const slots = await strike(on, [{ kind: 'postgres-slots', ms: 0 }]);
    expect(slots.connectTo).toBe(99);
    await slots.end();
    const refused = await strike(on, [
      { kind: 'postgres-slots', ms: 0 },
      { kind: 'refused', ms: 0 },
    ]);
    expect(refused.connectTo).toBe(1);
    await refused.end();
    expect(await strike(on, [])).not.toHaveProperty('connectTo');
  });

  it('hurts a server once at a time, in the order in which it was asked, and never holds up the wire', async () => {
    const { done, strike } = rig();
    const first = await strike(on, [{ kind: 'redis-busy', ms: 0 }]);
    const second = strike(on, [{ kind: 'redis-oom', ms: 0 }]);
    const third = strike(on, [{ kind: 'redis-readonly', ms: 0 }]);
    await strike(on, [{ kind: 'request-lost', ms: 0 }]);
    await first.end();
    await (await second).end();
    await (await third).end();
    expect(done.filter((text) => !text.startsWith('arm'))).toEqual([
      'begin redis-busy',
      'end redis-busy',
      'begin redis-oom',
      'end redis-oom',
      'begin redis-readonly',
      'end redis-readonly',
    ]);
  });

  it('ends what it began when another fault cannot begin, and lets the next one come', async () => {
    const { done, strike } = rig({ failing: 'redis-loading' });
    const faults = ['redis-oom', 'redis-loading'].map((kind) => ({ kind: kind as FaultKind, ms: 0 }));
    await expect(strike(on, faults)).rejects.toThrow('no redis-loading today');
    expect(done).toEqual(['begin redis-oom', 'end redis-oom']);
    await expect(strike(on, [{ kind: 'redis-loading', ms: 0 }])).rejects.toThrow();
    await (await strike(on, [{ kind: 'redis-busy', ms: 0 }])).end();
    expect(done.at(-1)).toBe('end redis-busy');
  });
});
