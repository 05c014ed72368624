// How a case can be played, and what its stores can be.

/** See `architecture.md`: in the simulator, with the real SDK, or with real processes, servers and sockets. */
export const tiers = ['sim', 'msw', 'real'] as const;

/** See {@link tiers}. */
export type TierName = (typeof tiers)[number];

/** Tables of the simulator, or a server, which only tier real has. */
export const storesNames = ['memory', 'redis', 'postgres'] as const;

/** See {@link storesNames}. */
export type StoresName = (typeof storesNames)[number];

/** How a case is played, where it is not as usual: in the simulator, with its stores. */
export interface Played {
  readonly tier?: TierName | undefined;
  readonly stores?: StoresName | undefined;
}

/** The members of a case that say how it is played; naming what is usual would be noise. */
export function playedAs({ tier, stores }: Played): { tier?: TierName; stores?: StoresName } {
  return {
    ...(tier === undefined || tier === 'sim' ? {} : { tier }),
    ...(stores === undefined || stores === 'memory' ? {} : { stores }),
  };
}
