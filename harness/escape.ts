// Nothing is scheduled and a call has not ended: either the program waits for itself (a deadlock, which is a finding)
// or it waits for something that virtual time cannot bring about (a mistake in how it was put under the storm). Only
// real time can tell the two apart, so this is the one place that lets some of it pass.

/** A program under the storm waits for something outside the simulated world. */
export class EscapedWorldError extends Error {
  /** The calls that did not end: actors of the case, such as `a/1` or `sweep:1`. */
  readonly calls: readonly string[];
  /** What Node was still busy with on the program's behalf, as Node names it; empty when that left no trace. */
  readonly resources: readonly string[];

  constructor(calls: readonly string[], resources: readonly string[]) {
    const busy =
      resources.length === 0 ? 'it went on in real time' : `Node is busy with ${resources.join(', ')}`;
    super(
      `The program left the simulated world: ${calls.join(', ')} had nothing left to wait for in virtual time, but ${busy}. ` +
        'Such work ends at no definite virtual instant, so no run could be repeated. Look for files, sockets, zlib, ' +
        'crypto.subtle, worker threads and real timers: wait through env.runtime, hash with the synchronous node:crypto, ' +
        'and reach everything else through the ports of TargetEnv.',
    );
    this.name = 'EscapedWorldError';
    this.calls = calls;
    this.resources = resources;
  }
}

/** What Node is busy with at this moment, as it names it: requests to the operating system, open handles, timers. */
export function busyWith(): readonly string[] {
  return process.getActiveResourcesInfo();
}

/** A world that has come to rest with unfinished calls. */
export interface AtRest {
  readonly calls: readonly string[];
  /** What Node was busy with before the world was set up. */
  readonly before: readonly string[];
  /** Whether anything has happened in the world since it came to rest. */
  readonly moved: () => boolean;
}

// The program may have replaced the global; what is needed here is the real one.
const realTimeout = setTimeout;

// A campaign over a program that deadlocks often must not spend its time here: after some full waits the rest are short.
const fullWaitMs = 50;
const shortWaitMs = 5;
let fullWaitsLeft = 40;

/**
 * Waits in real time, 50 ms at most, for a sign that the program left the world. Silence means a deadlock.
 *
 * Rejects with {@link EscapedWorldError}.
 */
export async function insistOnDeadlock({ calls, before, moved }: AtRest): Promise<void> {
  const suspects = over(before, busyWith());
  const waitMs = suspects.length > 0 || fullWaitsLeft > 0 ? fullWaitMs : shortWaitMs;
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs++) {
    await new Promise<void>((resolve) => realTimeout(resolve, 1));
    if (moved()) throw new EscapedWorldError(calls, suspects);
  }
  const still = new Set(over(before, busyWith()));
  const escaped = suspects.filter((name) => still.has(name));
  if (escaped.length > 0) throw new EscapedWorldError(calls, escaped);
  fullWaitsLeft -= 1;
}

/** Whether anything happens within 50 ms of real time in a world that is allowed to go on in it. */
export async function movesInRealTime(moved: () => boolean): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < fullWaitMs; waitedMs += 5) {
    if (moved()) return true;
    await new Promise<void>((resolve) => realTimeout(resolve, 5));
  }
  return moved();
}

/** Names of the resources that there are more of than before, sorted. Immediates are the world's own. */
function over(before: readonly string[], now: readonly string[]): readonly string[] {
  const earlier = counts(before);
  const names = [...counts(now)].filter(([name, count]) => count > (earlier.get(name) ?? 0));
  return names
    .map(([name]) => name)
    .filter((name) => name !== 'Immediate')
    .sort();
}

function counts(names: readonly string[]): ReadonlyMap<string, number> {
  const counted = new Map<string, number>();
  for (const name of names) counted.set(name, (counted.get(name) ?? 0) + 1);
  return counted;
}
