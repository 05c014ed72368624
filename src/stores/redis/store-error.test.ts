// Convinces by errors as the server and the client make them, holding what must not get into a log.

import { describe, expect, it } from 'vitest';
import { redisStoreError } from './store-error.ts';

function reply(message: string): Error {
  const error = Object.assign(new Error(message), { command: { name: 'evalsha', args: ['secret'] } });
  error.name = 'ReplyError';
  return error;
}

describe('an error of Redis', () => {
  it.each(['READONLY', 'LOADING', 'OOM', 'BUSY', 'MISCONF', 'CLUSTERDOWN', 'MASTERDOWN', 'ERR', 'TRYAGAIN'])(
    '%s may pass, and is named without anything of the request',
    (code) => {
      const error = redisStoreError('marks.mark', reply(`${code} secret words of the server`));
      expect(error).toMatchObject({
        name: 'StoreUnavailableError',
        code: 'store_unavailable',
        retriable: true,
      });
      expect(error.message).toMatch(new RegExp(`^redis: marks.mark failed with ${code}(: .+)?$`));
      expect(JSON.stringify([error.message, error.cause])).not.toContain('secret');
    },
  );

  it.each(['MOVED', 'NOAUTH', 'NOPERM', 'WRONGPASS', 'WRONGTYPE', 'CROSSSLOT'])(
    '%s does not pass by itself',
    (code) => {
      const error = redisStoreError('marks.mark', reply(`${code} secret words`));
      expect(error).toMatchObject({
        name: 'StoreMisconfiguredError',
        code: 'store_misconfigured',
        retriable: false,
      });
      expect(error.message).toMatch(new RegExp(`^redis: marks.mark failed with ${code}: .+`));
      expect(error.message).not.toContain('secret');
    },
  );

  it('of a server before 7.0 says so', () => {
    const old = reply("ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'");
    expect(redisStoreError('marks.mark', old).message).toMatch(/older than Redis 7\.0; upgrade it$/);
  });

  it('on the way to it is told by its code, or by what the client says', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(redisStoreError('marks.mark', reset).message).toBe('redis: marks.mark failed: ECONNRESET');
    expect(redisStoreError('marks.mark', new Error('Command timed out')).message).toMatch(
      /: Command timed out$/,
    );
    expect(redisStoreError('marks.mark', 'secret').message).toBe(
      'redis: marks.mark failed: the client failed',
    );
  });
});
