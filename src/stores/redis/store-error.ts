// What a driver says when Redis, or the way to it, fails. A message names the operation and the server's error code, and never
// repeats the server's text or the command: both may hold what was stored.

import { StoreMisconfiguredError, StoreUnavailableError } from '../../errors/payment-error.ts';

/** What can be done about an error that time, or the server's own recovery, may end. */
const passing: Readonly<Record<string, string>> = {
  BUSY: 'a script of somebody else blocks the server; end it with SCRIPT KILL',
  CLUSTERDOWN: 'the cluster does not serve this slot',
  LOADING: 'the server is still loading its data',
  MASTERDOWN: 'the replica has lost its primary',
  MISCONF: 'the server cannot persist and refuses writes; look at its disk',
  NOREPLICAS: 'fewer replicas follow than min-replicas-to-write asks for',
  OOM: 'the server has reached maxmemory and refuses writes',
  READONLY: 'the server is a read-only replica; connect to the primary',
};

/** What has to be set up otherwise. */
const lasting: Readonly<Record<string, string>> = {
  CROSSSLOT: 'keys of one store must share a slot; let nothing change the hash tag in their names',
  MOVED: 'the server is a node of a cluster; give the store a Cluster of ioredis as its client',
  NOAUTH: 'the server asks for a password; put it into the URL',
  NOPERM: 'the user may not run this; docs/stores.md has the rights that it needs',
  WRONGPASS: 'the server refuses the password',
  WRONGTYPE: 'a key of this prefix holds something else; give the store a prefix of its own',
};

/**
 * What `operation` rejects with after `error`: `StoreMisconfiguredError` for what has to be set up otherwise, else
 * `StoreUnavailableError`, after which the operation may have been applied or not.
 */
export function redisStoreError(operation: string, error: unknown): StoreUnavailableError {
  const failed = `redis: ${operation} failed`;
  const code = redisErrorCode(error);
  if (code === undefined) return new StoreUnavailableError(`${failed}: ${clientReason(error)}`);
  if (isUnknownScriptLanguage(error)) {
    return new StoreMisconfiguredError(`${failed}: the server is older than Redis 7.0; upgrade it`);
  }
  const remedy = lasting[code];
  if (remedy !== undefined) return new StoreMisconfiguredError(`${failed} with ${code}: ${remedy}`);
  const reason = passing[code];
  return new StoreUnavailableError(`${failed} with ${code}${reason === undefined ? '' : `: ${reason}`}`);
}

/** The first word of an error that the server replied, such as `NOSCRIPT`; undefined when it was not the server. */
export function redisErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
}

/** The shebang that opens our scripts does not compile on an older server. */
function isUnknownScriptLanguage(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('ERR Error compiling script');
}

/** What a client says about its connection holds no data; its error objects do, and are left behind. */
function clientReason(error: unknown): string {
  if (!(error instanceof Error)) return 'the client failed';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code ?? error.message.slice(0, 120);
}
