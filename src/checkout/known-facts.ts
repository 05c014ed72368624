// What this process has seen become true for good. Books only ever grow, so writing it once more would change nothing; what
// is forgotten here, or was never seen, costs a round trip and no more.

/** Names of facts that can't become untrue. */
export interface KnownFacts {
  has(name: string): boolean;
  /** Only once it is known that the store holds the fact. */
  add(name: string): void;
}

/** Remembers `most` facts (default 1 000), the latest. */
export function knownFacts(most = 1_000): KnownFacts {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add(name) {
      names.add(name);
      const [oldest] = names;
      if (names.size > most && oldest !== undefined) names.delete(oldest);
    },
  };
}
