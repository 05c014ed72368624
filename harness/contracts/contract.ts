// What a port promises, as clauses that any store behind it can be held to: the ones in memory, the ones on real servers,
// and a user's own. A clause gets a store that is empty, the clock that the store decides by, and says what it saw.

/** A store that was opened for one clause: the same data, reached through connections that do not wait for each other. */
export interface OpenedStore<Store> {
  /** At least one. Races are run over all of them at once, so with fewer than four they show little. */
  readonly connections: readonly Store[];
  /** Called when the clause is over. */
  close?(): Promise<void>;
}

/**
 * Opens an empty store whose every decision about time uses `nowMs`: milliseconds, a whole number, and it stands still
 * until a clause moves it forward.
 */
export type OpenStore<Store> = (nowMs: () => number) => Promise<OpenedStore<Store>> | OpenedStore<Store>;

/** What a clause works with. */
export interface Scene<Store> {
  /** The first of the connections. */
  readonly store: Store;
  /** The last of them, for what another process does. */
  readonly other: Store;
  readonly connections: readonly Store[];
  /** The store's clock, for the clause to move forward. */
  readonly clock: { nowMs: number };
}

/** Clauses by name, in the order in which they are tried. A clause that does not hold throws. */
export type Contract<Store> = Readonly<Record<string, (scene: Scene<Store>) => Promise<void>>>;

/** What became of one clause. */
export type ClauseResult =
  | { readonly clause: string; readonly passed: true }
  | { readonly clause: string; readonly passed: false; readonly because: string };

/** One thing to try a store by. */
export interface ClauseTrial {
  readonly clause: string;
  /** Tries it, on a store of its own. Rejects when the store cannot be opened or closed, and for nothing else. */
  readonly run: () => Promise<ClauseResult>;
}

/** Where the clock of each clause begins: late enough that a store which mangles large numbers shows it. */
export const epochMs = 1_790_000_000_001;

/** The clauses of a contract, each to be tried on a store that `open` opens for it. */
export function clauseTrials<Store>(
  contract: Contract<Store>,
  open: OpenStore<Store>,
): readonly ClauseTrial[] {
  return Object.entries(contract).map(([clause, holds]) => ({
    clause,
    run: async () => {
      const clock = { nowMs: epochMs };
      const opened = await open(() => clock.nowMs);
      const { connections } = opened;
      const [store] = connections;
      const other = connections.at(-1);
      try {
        if (store === undefined || other === undefined) throw new Error('it was opened without connections');
        await holds({ store, other, connections, clock });
        return { clause, passed: true };
      } catch (error) {
        return { clause, passed: false, because: error instanceof Error ? error.message : String(error) };
      } finally {
        await opened.close?.();
      }
    },
  }));
}
