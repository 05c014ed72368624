// The numbers of a configuration, with the simplest value of each, so that what weighs a case and what lowers its
// numbers speak of the same ones.

import type { Case } from '../cases/case.ts';

type Config = NonNullable<Case['config']>;

/** One number of a configuration. */
export interface ConfigNumber {
  /** `time` and `span` are milliseconds: counted from the start of the run, or from something else. */
  readonly sort: 'time' | 'span' | 'count';
  readonly value: number;
  /** The least value that a case may give it. */
  readonly floor: number;
  /** Writes `value` to the same place in another configuration that has the member. */
  readonly write: (config: Config, value: number) => void;
}

/** The numbers that `config` gives, members of guards included; process and sweep counts and skews aside. */
export function configNumbers(config: Config): ConfigNumber[] {
  const found: ConfigNumber[] = [];
  for (const { sort, floor, read, write } of members) {
    const value = read(config);
    if (value !== undefined) found.push({ sort, value, floor, write });
  }
  return found;
}

interface Member extends Pick<ConfigNumber, 'sort' | 'floor' | 'write'> {
  readonly read: (config: Config) => number | undefined;
}

type Named<T, Value> = { [Name in keyof T]-?: Value extends T[Name] ? Name : never }[keyof T];

function own(name: Named<Config, number>, sort: Member['sort'], floor: number): Member {
  return { sort, floor, read: (config) => config[name], write: (config, value) => (config[name] = value) };
}

function ofBreaker(name: keyof NonNullable<Config['breaker']>, sort: Member['sort'], floor = 1): Member {
  return {
    sort,
    floor,
    read: ({ breaker }) => breaker?.[name],
    write: ({ breaker }, value) => breaker && Object.assign(breaker, { [name]: value }),
  };
}

function ofLimit(name: 'maxCalls' | 'periodMs', sort: Member['sort']): Member {
  return {
    sort,
    floor: 1,
    read: ({ limit }) => limit?.[name],
    write: ({ limit }, value) => limit && Object.assign(limit, { [name]: value }),
  };
}

const members: readonly Member[] = [
  own('leaseMs', 'span', 1_000),
  own('ttlMs', 'span', 1_000),
  own('waitMs', 'span', 0),
  own('sweepEveryMs', 'time', 100),
  own('keyRetentionMs', 'span', 1_000),
  own('consistentAfterMs', 'span', 0),
  ofBreaker('failureThreshold', 'count'),
  ofBreaker('halfOpenProbes', 'count'),
  ofBreaker('windowMs', 'span'),
  ofBreaker('recoveryTimeoutMs', 'span'),
  // A healthy call takes 40 ms, and a breaker to which that is slow never closes.
  ofBreaker('slowCallMs', 'span', 41),
  ofLimit('maxCalls', 'count'),
  ofLimit('periodMs', 'span'),
];
