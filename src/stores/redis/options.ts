// What all stores in Redis have in common: a client, a prefix that keeps them apart, and a clock.

import { ValidationError } from '../../errors/payment-error.ts';
import { optionCheck } from '../../resilience/option-check.ts';
import { type RedisClient, type ScriptRunner, scriptRunner } from './script.ts';

/** Options of every store in Redis. */
export interface RedisStoreOptions {
  /** A client as `connectRedis` makes it: bounded, and never sending a command again by itself. */
  readonly redis: RedisClient;
  /**
   * Keeps stores apart that share a server; without braces. All keys of one store begin with `{prefix:kind}`, so that in a
   * Redis Cluster they lie in one slot, which every atomic operation needs: spread load with several prefixes.
   */
  readonly keyPrefix: string;
  /**
   * Replaces the server's clock (`TIME`), milliseconds since the Unix epoch: for tests and scaled time. All processes on one
   * store need the same; it must not run backwards.
   */
  readonly nowMs?: () => number;
}

/**
 * The runner of the scripts of the store of one kind.
 *
 * @throws ValidationError when the client has no `eval` and `evalsha`, or the prefix is empty or holds a brace.
 */
export function storeRunner(kind: string, { redis, keyPrefix, nowMs }: RedisStoreOptions): ScriptRunner {
  const check = optionCheck(`redis ${kind}`);
  check.callback('redis.evalsha', redis?.evalsha);
  check.callback('redis.eval', redis?.eval);
  check.text('keyPrefix', keyPrefix);
  if (/[{}]/.test(keyPrefix) || !keyPrefix.isWellFormed()) {
    throw new ValidationError(
      `redis ${kind}: keyPrefix must be well-formed and without braces, got ${keyPrefix}`,
    );
  }
  if (nowMs !== undefined) check.callback('nowMs', nowMs);
  return scriptRunner({ redis, base: `{${keyPrefix}:${kind}}`, nowMs });
}
