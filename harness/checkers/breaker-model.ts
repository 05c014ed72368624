// What a circuit breaker has to do, as a model of its own: it is told when calls arrive and settle, and says whether
// each had to be let through. It shares no code with the breaker that it judges.

import type { BreakerTerms, Outcome, Passage } from '../history/history.ts';

/** Something that a model went through and that is worth a mark. */
export interface BreakerSights {
  opened: boolean;
  /** A call was let through to find out whether what is guarded works again. */
  probed: boolean;
  /** Probes closed it. */
  closedAgain: boolean;
  /** A call was refused. */
  refused: boolean;
  /** A result came that counted for nothing, because the breaker had changed since its call was let through. */
  ignoredLate: boolean;
}

/** Why a model says what it says. Virtual milliseconds. */
export type Stance =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly openedAtMs: number; readonly untilMs: number }
  | { readonly state: 'half-open'; readonly sinceMs: number; readonly taken: number };

/** The breaker of one life of one process, as it should be. Told everything in the order in which it happened. */
export interface BreakerModel {
  /** Where it stands at `atMs`, before anything else happens then. */
  stance(atMs: number): Stance;
  /** Whether a call that arrives at `atMs` has to be let through; if so, it is taken to be. */
  arrived(passage: Passage, atMs: number): boolean;
  settled(passage: Passage, atMs: number): void;
  /** The calls whose failures opened it last. */
  readonly culprits: () => readonly Passage[];
  readonly sights: BreakerSights;
}

const nothingSeen: BreakerSights = {
  opened: false,
  probed: false,
  closedAgain: false,
  refused: false,
  ignoredLate: false,
};

interface Pass {
  readonly passage: Passage;
  readonly atMs: number;
}

/** A closed breaker under `terms`. */
export function breakerModel(terms: BreakerTerms): BreakerModel {
  const { failureThreshold, windowMs, recoveryTimeoutMs, halfOpenProbes } = terms;
  const sights: BreakerSights = { ...nothingSeen };
  const bornIn = new Map<Passage, number>();
  let generation = 0;
  let openedAtMs: number | undefined;
  let halfOpenMs: number | undefined;
  let failures: readonly Pass[] = [];
  let probes: Pass[] = [];
  let proven = 0;
  let culprits: readonly Passage[] = [];

  const turn = (): void => {
    generation += 1;
    failures = [];
    probes = [];
    proven = 0;
    halfOpenMs = undefined;
    openedAtMs = undefined;
  };
  const open = (atMs: number, because: readonly Pass[]): void => {
    culprits = because.map(({ passage }) => passage);
    turn();
    openedAtMs = atMs;
    sights.opened = true;
  };
  /** Probes that have been without a result for as long as a recovery takes have failed by then, the oldest first. */
  const expire = (nowMs: number): void => {
    const [oldest] = probes;
    if (oldest !== undefined && oldest.atMs + recoveryTimeoutMs <= nowMs)
      open(oldest.atMs + recoveryTimeoutMs, [oldest]);
  };
  const stance = (nowMs: number): Stance => {
    expire(nowMs);
    if (halfOpenMs !== undefined)
      return { state: 'half-open', sinceMs: halfOpenMs, taken: probes.length + proven };
    if (openedAtMs === undefined)
      return { state: 'closed', failures: since(failures, nowMs - windowMs).length };
    return { state: 'open', openedAtMs, untilMs: openedAtMs + recoveryTimeoutMs };
  };

  return {
    stance,
    sights,
    culprits: () => culprits,
    arrived(passage, atMs) {
      if (!admits(stance(atMs), atMs, terms)) {
        sights.refused = true;
        return false;
      }
      if (openedAtMs !== undefined) {
        turn();
        halfOpenMs = atMs;
      }
      if (halfOpenMs !== undefined) {
        sights.probed = true;
        probes.push({ passage, atMs });
      }
      bornIn.set(passage, generation);
      return true;
    },
    settled(passage, atMs) {
      const outcome = outcomeOf(passage, terms.slowCallMs);
      expire(atMs);
      if (bornIn.get(passage) !== generation) {
        if (bornIn.has(passage) && outcome !== 'neither') sights.ignoredLate = true;
        return;
      }
      if (outcome === 'failed') {
        failures = [...since(failures, atMs - windowMs), { passage, atMs }];
        if (halfOpenMs !== undefined || failures.length >= failureThreshold) open(atMs, failures);
        return;
      }
      if (halfOpenMs === undefined) return;
      probes = probes.filter((probe) => probe.passage !== passage);
      if (outcome === 'worked') proven += 1;
      if (proven < halfOpenProbes) return;
      turn();
      sights.closedAgain = true;
    },
  };
}

function admits(stance: Stance, nowMs: number, { halfOpenProbes }: BreakerTerms): boolean {
  if (stance.state === 'closed') return true;
  return stance.state === 'open' ? nowMs >= stance.untilMs : stance.taken < halfOpenProbes;
}

function since(passes: readonly Pass[], afterMs: number): readonly Pass[] {
  return passes.filter(({ atMs }) => atMs > afterMs);
}

const infrastructure = new Set(['network_error', 'gateway_timeout', 'gateway_error']);

/** What the end of a call says about what is guarded; slow is as bad as broken, whatever the answer. */
export function outcomeOf(
  { admitted, settled, result }: Passage,
  slowCallMs: number | undefined,
): 'worked' | 'failed' | 'neither' {
  if (result === undefined || saysNothing(result)) return 'neither';
  if (isCounted(result)) return 'failed';
  if (slowCallMs === undefined || admitted === undefined || settled === undefined) return 'worked';
  return settled.atMs - admitted.atMs >= slowCallMs ? 'failed' : 'worked';
}

/** Refused by one of the target's own layers, or never fit to be sent. */
function saysNothing(result: Outcome): boolean {
  return !result.ok && (result.error.local === true || result.error.code === 'validation_error');
}

/** Whether a result is a failure of what is guarded. What is not a `PaymentError` has no effect to speak of. */
function isCounted(result: Outcome): boolean {
  if (result.ok) return false;
  return result.error.effect === undefined || infrastructure.has(result.error.code);
}
