// What a campaign's cases were made of, so that a reader can see what a green run has looked at.

import { type Case, everyFault, isRequest, retriesOf } from './case.ts';

/** Counts over cases. Every record lists its names in order. */
export interface Distribution {
  readonly cases: number;
  /** Cases by number of steps, of client retries, and of faults. */
  readonly steps: Readonly<Record<string, number>>;
  readonly retries: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** Faults at addresses, by kind and by site. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly sites: Readonly<Record<string, number>>;
  /** Episodes of weather, by kind. */
  readonly episodes: Readonly<Record<string, number>>;
  /** Cases by what they have; every trait is listed, always in one order. */
  readonly shares: Readonly<Record<Trait, number>>;
}

const has = {
  'several processes': ({ config }) => (config?.processes ?? 1) > 1,
  'other leases': ({ config }) => config?.leaseMs !== undefined,
  'waiting duplicates': ({ config }) => (config?.waitMs ?? 0) > 0,
  'skewed clocks': ({ config }) => config?.skewMs?.some((skewMs) => skewMs !== 0) === true,
  'jumping clocks': ({ steps }) => steps.some((step) => step.do === 'clock'),
  sweeps: ({ config }) => config?.sweepEveryMs !== undefined,
  'a narrow breaker': ({ config }) => config?.breaker !== undefined,
  'a narrow limit': ({ config }) => config?.limit !== undefined,
  weather: ({ episodes = [] }) => episodes.length > 0,
  'step-ups': ({ steps }) => steps.some((step) => step.do === 'step-up'),
  'short key retention': ({ config }) => config?.keyRetentionMs !== undefined,
  'other staleness': ({ config }) => config?.consistentAfterMs !== undefined,
} as const satisfies Readonly<Record<string, (subject: Case) => boolean>>;

/** Something that a case has or has not. */
export type Trait = keyof typeof has;

/** Every trait, in the order in which they are listed. */
const traits = Object.keys(has) as Trait[];

/** Counts cases one by one. */
export interface Tally {
  count(subject: Case): void;
  /** Adds what was counted elsewhere. */
  merge(other: Distribution): void;
  distribution(): Distribution;
}

/** An empty tally. */
export function tally(): Tally {
  const by = {
    steps: counter(),
    retries: counter(),
    faults: counter(),
    kinds: counter(),
    sites: counter(),
    episodes: counter(),
  };
  const shares = Object.fromEntries(traits.map((trait) => [trait, 0])) as Record<Trait, number>;
  let cases = 0;
  return {
    count(subject) {
      cases += 1;
      let retries = 0;
      for (const step of subject.steps) if (isRequest(step)) retries += retriesOf(step).length;
      let faults = 0;
      for (const fault of everyFault(subject)) {
        faults += 1;
        by.kinds.add(fault.kind);
        by.sites.add(fault.site);
      }
      by.steps.add(subject.steps.length);
      by.retries.add(retries);
      by.faults.add(faults);
      for (const { kind } of subject.episodes ?? []) by.episodes.add(kind);
      for (const trait of traits) if (has[trait](subject)) shares[trait] += 1;
    },
    merge(other) {
      cases += other.cases;
      for (const name of ['steps', 'retries', 'faults', 'kinds', 'sites', 'episodes'] as const)
        by[name].merge(other[name]);
      for (const trait of traits) shares[trait] += other.shares[trait];
    },
    distribution: () => ({
      cases,
      steps: by.steps.sorted(),
      retries: by.retries.sorted(),
      faults: by.faults.sorted(),
      kinds: by.kinds.sorted(),
      sites: by.sites.sorted(),
      episodes: by.episodes.sorted(),
      shares: { ...shares },
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
