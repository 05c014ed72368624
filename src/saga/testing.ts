// What the tests of the saga share: services that know their keys, a journal that loses messages, and processes that
// crash at a chosen crossing and start again on the same journal.

import { GatewayServerError, StoreUnavailableError } from '../errors/payment-error.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { type ManualRuntime, manualRuntime } from '../kernel/testing.ts';
import { memorySagaJournal } from '../stores/memory-saga-journal.ts';
import type { SagaEvent, SagaPage } from './event.ts';
import type { SagaJournal } from './journal.ts';

/** A service that does each thing once per key, and may refuse or lose its answer. */
export interface FakeService {
  readonly done: readonly string[];
  readonly calls: readonly string[];
  /** Does `what` under `key`, unless a mishap is due. */
  act(what: string, key: string): Promise<void>;
  mishaps(what: string, ...next: readonly (Error | 'reply lost' | null)[]): void;
}

/** A service without anything done. */
export function fakeService(): FakeService {
  const done: string[] = [];
  const calls: string[] = [];
  const keys = new Set<string>();
  const due = new Map<string, (Error | 'reply lost' | null)[]>();
  return {
    done,
    calls,
    async act(what, key) {
      calls.push(what);
      const mishap = due.get(what)?.shift() ?? null;
      if (mishap instanceof Error) throw mishap;
      if (!keys.has(key)) done.push(what);
      keys.add(key);
      if (mishap !== null) throw new GatewayServerError(`${what}: no answer`);
    },
    mishaps: (what, ...next) => void due.set(what, [...next]),
  };
}

/** One life of a process: from `crashAt` crossings on, nothing that it asked for is answered any more. */
export interface Life {
  readonly runtime: Runtime;
  /** Puts every method of a port behind this process's crossings. */
  through<Port extends object>(port: Port): Port;
  /** Crossings so far; each has two halves, before and after it is applied. */
  readonly crossings: () => number;
}

/** A life that ends at the given half crossing: an even one is before the effect, an odd one after it. */
export function lifeOf(runtime: ManualRuntime, crashAt = Number.POSITIVE_INFINITY): Life {
  let halves = 0;
  const isDead = (): boolean => halves > crashAt;
  const half = async (): Promise<void> => {
    halves += 1;
    if (isDead()) await new Promise(() => {});
  };
  const cross = async <T>(apply: () => Promise<T> | T): Promise<T> => {
    await half();
    const settled = await Promise.resolve()
      .then(apply)
      .then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
    await half();
    return settled();
  };
  return {
    crossings: () => halves,
    runtime: {
      ...runtime,
      sleep: (ms, signal) => cross(() => runtime.sleep(ms, signal)),
      after: (ms, fire) =>
        runtime.after(ms, () => {
          if (!isDead()) fire();
        }),
    },
    through: (port) =>
      new Proxy(port, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]) => cross(() => Reflect.apply(member, target, args) as unknown);
        },
      }),
  };
}

/** A journal that can lose requests and replies. */
export function lossyJournal(journal: SagaJournal): {
  readonly journal: SagaJournal;
  readonly operations: readonly (keyof SagaJournal)[];
  lose(operation: keyof SagaJournal, what: 'request' | 'reply', times: number): void;
} {
  const operations: (keyof SagaJournal)[] = [];
  const losses = new Map<string, number>();
  const isLost = (name: string): boolean => {
    const left = losses.get(name) ?? 0;
    losses.set(name, left - 1);
    return left > 0;
  };
  const wrapped = new Proxy(journal, {
    get:
      (target, name: keyof SagaJournal) =>
      async (request: never): Promise<unknown> => {
        operations.push(name);
        if (isLost(`${name} request`)) throw new StoreUnavailableError(`${name}: the request was lost`);
        const reply = await target[name](request);
        if (isLost(`${name} reply`)) throw new StoreUnavailableError(`${name}: the reply was lost`);
        return reply;
      },
  });
  return {
    journal: wrapped,
    operations,
    lose: (operation, what, times) => void losses.set(`${operation} ${what}`, times),
  };
}

/** What outlives every process, and what was seen of the sagas. */
export interface Ground {
  readonly runtime: ManualRuntime;
  readonly journal: SagaJournal;
  readonly events: SagaEvent[];
  readonly pages: SagaPage[];
}

/** Ground without any saga on it. */
export function ground(): Ground {
  const runtime = manualRuntime();
  return { runtime, journal: memorySagaJournal(runtime), events: [], pages: [] };
}
