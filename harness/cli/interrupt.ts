// Ctrl-C: the first stops at the next case and keeps what was found; a second one means now.

/** Exit code of a command that was interrupted (128 + SIGINT). */
export const interruptedExitCode = 130;

/** A watch on interrupts, until `end` is called. */
export interface Interrupts {
  /** Aborted by the first interrupt. */
  readonly signal: AbortSignal;
  /** Gives SIGINT back its ordinary meaning. */
  end(): void;
}

/** Watches for SIGINT and SIGTERM. `announce` is called once, at the first. */
export function watchInterrupts(announce: () => void): Interrupts {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    controller.abort();
    announce();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    end() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
