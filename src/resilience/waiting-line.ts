// First come, first served: who joins a line comes to its head when all before have left.

/** A line of callers. */
export interface WaitingLine {
  /** How many are in it. */
  length(): number;
  /** Joins at the end. */
  join(): Place;
}

/** A place in a line. */
export interface Place {
  /** Resolves once this place is at the head. Rejects with the signal's reason as soon as it is aborted. */
  atHead(signal: AbortSignal | undefined): Promise<void>;
  /** Leaves the line, from wherever in it. */
  leave(): void;
}

/** An empty line. */
export function waitingLine(): WaitingLine {
  /** What lets each one know that it is at the head, in order of arrival. */
  const comeForward = new Map<Place, () => void>();
  const head = (): Place | undefined => comeForward.keys().next().value;

  const join = (): Place => {
    const place: Place = {
      atHead(signal) {
        if (head() === place) return Promise.resolve();
        return new Promise<void>((resolve, reject) => {
          const giveUp = (): void => reject(signal?.reason);
          comeForward.set(place, () => {
            signal?.removeEventListener('abort', giveUp);
            resolve();
          });
          if (signal?.aborted) giveUp();
          else signal?.addEventListener('abort', giveUp, { once: true });
        });
      },
      leave() {
        comeForward.delete(place);
        const [next] = comeForward.values();
        next?.();
      },
    };
    comeForward.set(place, () => {});
    return place;
  };
  return { length: () => comeForward.size, join };
}
