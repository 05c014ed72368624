// What is published as `paystorm/redis`: the stores in Redis, kept apart from the main entry so that only those who use them
// need ioredis.

export { redisBreakerStore } from './stores/redis/breaker-store.ts';
export { type ConnectRedisOptions, connectRedis } from './stores/redis/connect.ts';
export { redisDeliveryMarks } from './stores/redis/delivery-marks.ts';
export { redisIdempotencyStore } from './stores/redis/idempotency-store.ts';
export { redisInboxStore } from './stores/redis/inbox-store.ts';
export { redisLedgerStore } from './stores/redis/ledger-store.ts';
export { redisLimiterStore } from './stores/redis/limiter-store.ts';
export type { RedisStoreOptions } from './stores/redis/options.ts';
export { redisSagaJournal } from './stores/redis/saga-journal.ts';
export type { RedisClient } from './stores/redis/script.ts';
export { redisTicketStore } from './stores/redis/ticket-store.ts';
export { redisVelocityStore } from './stores/redis/velocity-store.ts';
export { redisVerdictLog } from './stores/redis/verdict-log.ts';
