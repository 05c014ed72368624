// Planted bugs of the audit class: what the log says of a payment, and what it leaves out.

import type { LogSink } from '../../src/kernel/runtime.ts';
import type { AuditRecord } from '../../src/resilience/audit.ts';
import { logExecution } from '../../src/resilience/log-execution.ts';
import type { TargetEnv } from '../targets/target.ts';
import { everywhere, type Mutant, type Planted, plant } from './mutant.ts';
import type { ChargeOptions } from './replace.ts';

type Entry = Partial<AuditRecord> & Parameters<LogSink['log']>[0];

/** A runtime whose log is handed each record by `pass`, or not at all. */
function logging(env: TargetEnv, pass: (entry: Entry, log: LogSink['log']) => void): TargetEnv['runtime'] {
  const { runtime } = env;
  return { ...runtime, log: (entry) => pass(entry, (kept) => runtime.log(kept)) };
}

/** A service whose idempotent layer and guards leave one kind of record out. */
function without(audit: string): Planted['parts'] {
  const pass = (entry: Entry, log: LogSink['log']): void => {
    if (entry.audit !== audit) log(entry);
  };
  return {
    options: (options: ChargeOptions, env) => ({ ...options, runtime: logging(env, pass) }),
    breaker: (options, env) => ({ ...options, runtime: logging(env, pass) }),
    limit: (options, env) => ({ ...options, runtime: logging(env, pass) }),
  };
}

/** A service whose attempts are recorded through `pass`. */
function attempts(pass: (entry: Entry, log: LogSink['log']) => void): Planted['parts'] {
  return {
    layers: (_layers, env) => ({ logExecution: logExecution({ runtime: logging(env, pass) }) }),
  };
}

const planted: readonly Planted[] = [
  {
    id: 'replays-unrecorded',
    class: 'audit',
    mistake: 'a request that is answered from the store leaves no record',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 0 }),
    parts: without('replay'),
  },
  {
    id: 'conflicts-unrecorded',
    class: 'audit',
    mistake: 'a request that is refused because its key belongs to another payload leaves no record',
    exposure: everywhere({ breaks: 'S20', requests: 2, faults: 0 }),
    parts: without('conflict'),
  },
  {
    id: 'refusals-unrecorded',
    class: 'audit',
    mistake: 'what our own layers refuse leaves no record',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 1 }),
    parts: without('rejected'),
  },
  {
    id: 'failures-unrecorded',
    class: 'audit',
    mistake: 'only attempts that succeed are recorded',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 1 }),
    parts: attempts((entry, log) => {
      if (entry.audit !== 'attempt' || entry.code === 'ok') log(entry);
    }),
  },
  {
    id: 'attempts-recorded-twice',
    class: 'audit',
    mistake: 'two loggers are attached, and both write',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 0 }),
    parts: attempts((entry, log) => {
      log(entry);
      log(entry);
    }),
  },
  {
    id: 'recorded-before-the-outcome',
    class: 'audit',
    mistake: 'an attempt is recorded as a success before it has succeeded',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 1 }),
    parts: attempts((entry, log) => log(entry.audit === 'attempt' ? { ...entry, code: 'ok' } : entry)),
  },
  {
    id: 'attempts-recorded-without-a-key',
    class: 'audit',
    mistake: 'the record of an attempt does not say whose payment it was',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 0 }),
    parts: attempts(({ idempotencyKey: _key, ...entry }, log) => log(entry)),
  },
  {
    id: 'recorded-under-the-first-key',
    class: 'audit',
    mistake: 'the logger keeps the key of the first attempt that it saw, and writes it into every record',
    exposure: everywhere({ breaks: 'S20', requests: 2, faults: 0 }),
    parts: {
      layers: (_layers, env) => {
        let first: string | undefined;
        const pass = (entry: Entry, log: LogSink['log']): void => {
          first ??= entry.idempotencyKey;
          log(first === undefined ? entry : { ...entry, idempotencyKey: first });
        };
        return { logExecution: logExecution({ runtime: logging(env, pass) }) };
      },
    },
  },
];

/** Planted bugs of the audit log. */
export const auditMutants: readonly Mutant[] = planted.map(plant);
