// What a campaign's cases were made of, so that a reader can see what a green run has looked at.

import { type Case, everyFault } from './case.ts';

/** Counts over cases. Every record lists its names in order. */
export interface Distribution {
  readonly cases: number;
  /** Cases by number of steps, of client retries, and of faults. */
  readonly steps: Readonly<Record<string, number>>;
  readonly retries: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** Faults by kind and by site. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly sites: Readonly<Record<string, number>>;
  /** Cases with two processes or more, with sweeps, and with jumping clocks. */
  readonly withProcesses: number;
  readonly withSweeps: number;
  readonly withClocks: number;
}

/** Counts cases one by one. */
export interface Tally {
  count(subject: Case): void;
  /** Adds what was counted elsewhere. */
  merge(other: Distribution): void;
  distribution(): Distribution;
}

/** An empty tally. */
export function tally(): Tally {
  const by = { steps: counter(), retries: counter(), faults: counter(), kinds: counter(), sites: counter() };
  let cases = 0;
  let withProcesses = 0;
  let withSweeps = 0;
  let withClocks = 0;
  return {
    count(subject) {
      let retries = 0;
      let clocks = 0;
      for (const step of subject.steps) {
        if (step.do === 'clock') clocks += 1;
        if (step.do === 'charge') retries += step.retries?.length ?? 0;
      }
      let faults = 0;
      for (const fault of everyFault(subject)) {
        faults += 1;
        by.kinds.add(fault.kind);
        by.sites.add(fault.site);
      }
      by.steps.add(subject.steps.length);
      by.retries.add(retries);
      by.faults.add(faults);
      cases += 1;
      if ((subject.config?.processes ?? 1) > 1) withProcesses += 1;
      if (subject.config?.sweepEveryMs !== undefined) withSweeps += 1;
      if (clocks > 0) withClocks += 1;
    },
    merge(other) {
      for (const name of ['steps', 'retries', 'faults', 'kinds', 'sites'] as const)
        by[name].merge(other[name]);
      cases += other.cases;
      withProcesses += other.withProcesses;
      withSweeps += other.withSweeps;
      withClocks += other.withClocks;
    },
    distribution: () => ({
      cases,
      steps: by.steps.sorted(),
      retries: by.retries.sorted(),
      faults: by.faults.sorted(),
      kinds: by.kinds.sorted(),
      sites: by.sites.sorted(),
      withProcesses,
      withSweeps,
      withClocks,
    }),
  };
}

/** Counts all of `cases` at once. */
export function distribution(cases: Iterable<Case>): Distribution {
  const counts = tally();
  for (const subject of cases) counts.count(subject);
  return counts.distribution();
}

interface Counter {
  add(name: string | number): void;
  merge(counts: Readonly<Record<string, number>>): void;
  sorted(): Record<string, number>;
}

function counter(): Counter {
  const counts = new Map<string, number>();
  const add = (name: string, count: number): void => void counts.set(name, (counts.get(name) ?? 0) + count);
  return {
    add: (name) => add(String(name), 1),
    merge(others) {
      for (const [name, count] of Object.entries(others)) add(name, count);
    },
    // A record lists whole numbers by size before everything else, whatever the order in which they came.
    sorted: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
