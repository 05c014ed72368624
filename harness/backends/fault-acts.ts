// From the kinds of fault that a case names to what is done about them around a real server.

import type { FaultKind } from '../faults/kinds.ts';
import type { ArmedConnection } from './arming.ts';
import type { PostgresFaultKind, PostgresFaults } from './postgres-faults.ts';
import type { ProxyAct } from './proxy-act.ts';
import type { RedisFaultKind, RedisFaults } from './redis-faults.ts';
import type { Ongoing } from './server-fault.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** A kind, and its duration in milliseconds where it takes one. */
export interface FaultToAct {
  readonly kind: FaultKind;
  readonly ms: number;
}

/** What to do about one fault: on the wire, at the server, or neither, where a process or the world itself has to act. */
export type FaultAct =
  | { readonly where: 'wire'; readonly acts: readonly ProxyAct[] }
  | { readonly where: 'server'; readonly begin: (on: ArmedConnection) => Promise<Ongoing> }
  | { readonly where: 'elsewhere' };

/** Whatever can be hurt; a kind of a service that is not here is enacted elsewhere. */
export interface FaultyServers {
  readonly redis?: Pick<RedisFaults, 'begin'>;
  readonly postgres?: Pick<PostgresFaults, 'begin'>;
}

/** The act for a fault at a store that is kept in one of `servers`. */
export function actOf({ kind, ms }: FaultToAct, { redis, postgres }: FaultyServers): FaultAct {
  const acts = wireActs(kind, ms);
  if (acts !== undefined) return { where: 'wire', acts };
  if (redis !== undefined && isOfRedis(kind)) return { where: 'server', begin: () => redis.begin(kind, ms) };
  if (postgres !== undefined && isOfPostgres(kind))
    return { where: 'server', begin: (on) => postgres.begin(kind, on) };
  return { where: 'elsewhere' };
}

function isOfRedis(kind: FaultKind): kind is RedisFaultKind {
  return kind.startsWith('redis-');
}

function isOfPostgres(kind: FaultKind): kind is PostgresFaultKind {
  return kind.startsWith('postgres-');
}

function wireActs(kind: FaultKind, ms: number): readonly ProxyAct[] | undefined {
  switch (kind) {
    case 'delay':
      return [{ kind: 'delay', leg: 'request', ms }];
    case 'reply-delay':
      return [{ kind: 'delay', leg: 'reply', ms }];
    case 'refused':
      return [{ kind: 'refuse' }];
    case 'request-lost':
      return [{ kind: 'cut', before: 'forward', afterMs: 0 }];
    case 'response-lost':
      return [{ kind: 'cut', before: 'reply', afterMs: 0 }];
    case 'reply-truncated':
      return [{ kind: 'truncate' }];
    case 'request-blackholed':
      return [{ kind: 'cut', before: 'forward', afterMs: ms }];
    case 'reply-blackholed':
      return [{ kind: 'cut', before: 'reply', afterMs: ms }];
    default:
      return undefined;
  }
}

/** Faults that were armed for one operation. */
export interface Strike {
  /** Where the operation has to connect anew, a port of loopback; absent when its connection will do. */
  readonly connectTo?: number;
  /**
   * Ends them, once the operation has; to be called however it ended. Resolves with the kinds that befell it: one on the
   * wire does not befall an operation that was never sent.
   */
  end(): Promise<readonly FaultKind[]>;
}

/** Arms `faults` for the operation that is about to begin on `on`. */
export type Striker = (on: ArmedConnection, faults: readonly FaultToAct[]) => Promise<Strike>;

/**
 * The one who brings faults about around one service. Faults of its server come one at a time: whoever would have one waits
 * until the one before has ended.
 */
export function striker({
  proxy,
  ...servers
}: FaultyServers & { readonly proxy: Pick<TcpProxy, 'arm'> }): Striker {
  let free = Promise.resolve();
  return async (on, faults) => {
    const befell: FaultKind[] = [];
    const wired: FaultKind[] = [];
    const acts: ProxyAct[] = [];
    const ongoing: Ongoing[] = [];
    let release = (): void => {};
    const end = async (): Promise<void> => {
      try {
        for (const fault of ongoing.splice(0).reverse()) await fault.end();
      } finally {
        release();
      }
    };
    try {
      for (const fault of faults) {
        const act = actOf(fault, servers);
        if (act.where === 'elsewhere') continue;
        if (act.where === 'wire') {
          acts.push(...act.acts);
          wired.push(fault.kind);
          continue;
        }
        if (ongoing.length === 0) release = await turn();
        ongoing.push(await act.begin(on));
        befell.push(fault.kind);
      }
    } catch (error) {
      await end();
      throw error;
    }
    const armed = proxy.arm(on.localPort, acts);
    const connectTo = armed.connectTo ?? ongoing.find((fault) => fault.connectTo !== undefined)?.connectTo;
    return {
      ...(connectTo === undefined ? {} : { connectTo }),
      async end() {
        await end();
        return armed.hasStruck() ? [...befell, ...wired] : befell;
      },
    };
  };

  /** Waits until nobody hurts the server, and says how to let the next one. */
  async function turn(): Promise<() => void> {
    const before = free;
    let leave = (): void => {};
    free = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    return leave;
  }
}
