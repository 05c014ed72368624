// A signal for as long as something takes. Not `AbortSignal.any`: what that returns is kept alive by its listeners until the
// garbage collector has found out about its sources, and making it takes several times as long as all of this.

/** A signal that follows others. */
export interface FirstAbort {
  /** Aborted with the reason of the first of its sources. */
  readonly signal: AbortSignal;
  /** Stops listening; the signal stays as it is. */
  readonly release: () => void;
}

/** Follows `own` and, if there is one, `other`. */
export function firstAbort(own: AbortSignal, other: AbortSignal | undefined): FirstAbort {
  if (other === undefined) return { signal: own, release: () => {} };
  const controller = new AbortController();
  const abortAs = (source: AbortSignal) => (): void => controller.abort(source.reason);
  const [ownAborts, otherAborts] = [abortAs(own), abortAs(other)];
  if (own.aborted) ownAborts();
  else if (other.aborted) otherAborts();
  own.addEventListener('abort', ownAborts, { once: true });
  other.addEventListener('abort', otherAborts, { once: true });
  return {
    signal: controller.signal,
    release() {
      own.removeEventListener('abort', ownAborts);
      other.removeEventListener('abort', otherAborts);
    },
  };
}
