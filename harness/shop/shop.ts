// Everything around a shop that one run needs beyond single charges: its stores, the services beside the gateway, and
// what the gateway tells by itself or when it is asked.

import type { Case } from '../cases/case.ts';
import type { GatewayTwin } from '../gateway-twin/twin.ts';
import type { ShopBooks } from '../history/shop.ts';
import type { ShopEnv } from '../targets/shop-env.ts';
import { shopCapabilities, type Target } from '../targets/target.ts';
import type { Boundary } from '../world/boundary.ts';
import type { AskedProgram, Clients } from '../world/client.ts';
import type { SimulatedProcess } from '../world/process.ts';
import type { World } from '../world/world.ts';
import { type Postbox, postbox } from './postbox.ts';
import { latenessesMs, reportLagMs, reports, rowFaultsOf } from './reports.ts';
import { services } from './services.ts';
import { type ShopStores, shopStores } from './stores.ts';

/** See the file comment. */
export interface Shop {
  /** What a process gets; `boundary` is that of its present life. */
  env(boundary: Boundary, process: string): ShopEnv;
  books(): ShopBooks;
  /** When the next saga or event may be taken up that is not at its end, virtual milliseconds; undefined when none is. */
  nextDueMs(): number | undefined;
  /** Whether anything is left to the processes: sagas and events that are not at their end, news that nobody has been told. */
  isLeft(): boolean;
  /** Whether the gateway's report of a day, such as `2026-03-29`, has rows. */
  hasRows(day: string): boolean;
  /** Whether rows of the case stand in their report later than they should. */
  readonly hasLateRows: boolean;
  /** How long after a day its report may still grow, milliseconds. */
  readonly reportLagMs: number;
  /** See {@link Postbox.tryAgain}. */
  readonly tryAgain: Postbox['tryAgain'];
}

/** What a shop is made of. */
export interface ShopParts {
  readonly world: World;
  readonly twin: GatewayTwin;
  readonly clients: Clients;
  readonly target: Target;
  readonly subject: Case;
  readonly processes: () => readonly SimulatedProcess<AskedProgram>[];
  /** Stores that are kept elsewhere; by default tables in memory. */
  readonly stores?: ShopStores | undefined;
}

/** The shop around `target`; undefined in cases of single charges, and when the target declares to be none. */
export function shopOf(parts: ShopParts): Shop | undefined {
  const { world, twin, target, subject } = parts;
  if (subject.suite !== 'checkout') return undefined;
  if (!target.capabilities.some((capability) => shopCapabilities.includes(capability))) return undefined;
  const { stores = shopStores(world.nowMs) } = parts;
  const beside = services(world);
  const rowFaults = rowFaultsOf(subject);
  const unfinished = (): readonly { readonly dueAtMs?: number }[] => [
    ...stores.sagas().filter(({ state }) => state === 'RUNNING' || state === 'COMPENSATING'),
    ...stores.inbox().filter(({ state }) => state !== 'DONE' && state !== 'DEAD'),
  ];
  const post = postbox({ ...parts, listens: target.capabilities.includes('webhook') });
  return {
    env: (boundary, process) => ({
      ...stores.connect(boundary),
      ...beside.connect(boundary, process),
      ...reports({ boundary, twin, postbox: post, rowFaults }),
      webhooks: post.webhooks,
    }),
    books: () => ({
      ...beside.books(),
      sagas: stores.sagas(),
      entries: stores.entries(),
      inbox: stores.inbox(),
    }),
    nextDueMs() {
      const dues = unfinished().flatMap(({ dueAtMs }) => dueAtMs ?? []);
      return dues.length === 0 ? undefined : Math.min(...dues);
    },
    isLeft: () => stores.untold() > 0 || unfinished().length > 0,
    hasRows: (day) => twin.settlement(day, rowFaults).length > 0,
    hasLateRows: latenessesMs(subject).length > 0,
    reportLagMs: reportLagMs(subject),
    tryAgain: post.tryAgain,
  };
}
