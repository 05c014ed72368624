// All stores in one Redis.

import {
  type RedisClient,
  redisIdempotencyStore,
  redisInboxStore,
  redisLedgerStore,
  redisSagaJournal,
  redisTicketStore,
  redisVelocityStore,
  redisVerdictLog,
} from '../../../src/redis.ts';
import type { Drivers } from './drivers.ts';

/** What the drivers stand over. */
export interface RedisDriversOptions {
  readonly redis: RedisClient;
  readonly keyPrefix: string;
  /** Virtual milliseconds since the run began. */
  readonly nowMs: () => number;
}

/** Drivers of all stores under one prefix. */
export function redisDrivers(options: RedisDriversOptions): Drivers {
  const ledger = redisLedgerStore(options);
  return {
    store: redisIdempotencyStore(options),
    saga: redisSagaJournal(options),
    inbox: redisInboxStore(options),
    ledger,
    outbox: ledger,
    velocity: redisVelocityStore(options),
    verdicts: redisVerdictLog(options),
    tickets: redisTicketStore(options),
  };
}
