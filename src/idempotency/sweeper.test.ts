// Convinces by what one sweep leaves in the store, over records that were abandoned in different ways, next to some
// that are none of its business.

import { describe, expect, it } from 'vitest';
import {
  AuthenticationRequiredError,
  GatewayTimeoutError,
  NotChargedError,
  StoreUnavailableError,
  ValidationError,
} from '../errors/payment-error.ts';
import { sweeper } from './sweeper.ts';
import { failing, order, type Rig, type RigOptions, rig } from './testing.ts';

const lost = failing(new GatewayTimeoutError('lost'));
const named = (key: string) => ({ ...order, key });

/** A rig with records `a`, `b`, … whose effect is unknown. */
async function abandoned(keys: readonly string[], options: RigOptions = {}): Promise<Rig> {
  const setup = rig(options);
  for (const key of keys) {
    setup.script(lost);
    await setup.charge(named(key));
    await setup.runtime.advance(1);
  }
  return setup;
}

describe('a sweep', () => {
  it('resolves what nobody asks about, and then finds nothing', async () => {
    const { sweep, finds, charge, sent, lookedUp } = await abandoned(['a', 'b']);
    finds({ kind: 'found', result: { id: 'ch_a' } });
    expect(await sweep()).toEqual({ found: 2, decided: 2 });
    expect(await sweep()).toEqual({ found: 0, decided: 0 });
    expect(await charge(named('a'))).toEqual({ result: { id: 'ch_a' } });
    expect(await charge(named('b'))).toEqual({ result: { id: 'ch_3' } });
    expect(lookedUp).toHaveLength(2);
    expect(sent.map((call) => call.idempotencyKey)).toEqual([
      'shop/a/charge/0.0',
      'shop/b/charge/0.0',
      'shop/b/charge/0.0',
    ]);
  });

  it('sends what the client asked for, word for word', async () => {
    const setup = await abandoned(['a']);
    const requests: unknown[] = [];
    await sweeper(setup.options)(async (request) => requests.push(request))();
    expect(requests).toEqual([named('a')]);
  });

  it('goes over what it is given, and then lists nothing itself', async () => {
    const { options } = await abandoned(['a', 'b', 'c']);
    const [, ...others] = await options.store.list({ limit: 9 });
    const store = { ...options.store, list: () => Promise.reject(new StoreUnavailableError('listed')) };
    const requests: unknown[] = [];
    const sweep = sweeper({ ...options, store })(async (request) => requests.push(request));
    expect(await sweep(others)).toEqual({ found: 2, decided: 2 });
    expect(requests).toEqual([named('b'), named('c')]);
    await expect(sweep()).rejects.toThrow('listed');
  });

  it('takes over a crashed owner once its lease is over, and nobody who is at work or done', async () => {
    const { runtime, operation, charge, script, sweep, record } = rig();
    script(() => new Promise(() => {}));
    void operation(named('crashed'));
    await runtime.advance(9_000);
    script(() => new Promise(() => {}));
    void operation(named('working'));
    await charge(named('done'));
    await runtime.advance(1_000);
    expect(await sweep()).toEqual({ found: 1, decided: 1 });
    expect(await record(named('crashed'))).toMatchObject({ state: 'COMPLETED', token: 2 });
    expect(await record(named('working'))).toMatchObject({ state: 'IN_FLIGHT', token: 1 });
    expect(await record(named('done'))).toMatchObject({ state: 'COMPLETED', token: 1 });
  });

  it('counts a final failure as decided, and what is still unknown or waits for the payer as not', async () => {
    const { runtime, sweep, finds } = await abandoned(['a', 'b', 'c', 'd'], { gateway: { dedup: 'none' } });
    await runtime.advance(32_000);
    const waiting = { kind: 'pending', gatewayId: 'pay_1' } as const;
    finds(waiting, { kind: 'absent' }, new GatewayTimeoutError('no answer'));
    expect(await sweep()).toEqual({ found: 4, decided: 2 });
    const again = await abandoned(['a']);
    again.script(failing(new AuthenticationRequiredError('3-D Secure')));
    expect(await again.sweep()).toEqual({ found: 1, decided: 0 });
  });

  it('goes over no more than its limit, and reaches the others with the next ones', async () => {
    const { sweep, finds, record } = await abandoned(['a', 'b', 'c'], {
      limit: 2,
      gateway: { dedup: 'none' },
    });
    expect(await sweep()).toEqual({ found: 2, decided: 0 });
    finds({ kind: 'found', result: 'c' });
    await sweep();
    expect(await record(named('c'))).toMatchObject({ state: 'COMPLETED' });
  });

  it('leaves a record to whoever takes it meanwhile', async () => {
    const { options, sweep, store, record, sent } = await abandoned(['a']);
    const { list } = options.store;
    options.store.list = async (query) => {
      const records = await list(query);
      for (const { key, fingerprint, request } of records) {
        await store.claim({ key, fingerprint, request, attemptId: 'somebody else', leaseMs: 10_000 });
      }
      return records;
    };
    expect(await sweep()).toEqual({ found: 1, decided: 0 });
    expect(await record(named('a'))).toMatchObject({ attemptId: 'somebody else', token: 2 });
    expect(sent).toHaveLength(1);
  });

  it('is not kept from the other records by one whose store or operation fails', async () => {
    const { sweep, lose, record } = await abandoned(['a', 'b']);
    lose('claim', 'request');
    expect(await sweep()).toEqual({ found: 2, decided: 1 });
    expect(await record(named('b'))).toMatchObject({ state: 'COMPLETED' });
  });

  it('is not kept from them by a bug either, but does not hide it', async () => {
    const { sweep, script, record } = await abandoned(['a', 'b']);
    const bug = new TypeError('a bug in an adapter');
    script(failing(bug));
    await expect(sweep()).rejects.toMatchObject({ errors: [bug] });
    expect(await record(named('a'))).toMatchObject({ state: 'UNKNOWN' });
    expect(await record(named('b'))).toMatchObject({ state: 'COMPLETED' });
  });

  it('says so when it cannot see the records', async () => {
    const { sweep, lose } = await abandoned(['a']);
    lose('list', 'reply');
    await expect(sweep()).rejects.toThrow(StoreUnavailableError);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a limit of %s', (limit) => {
    expect(() => sweeper({ ...rig().options, limit })).toThrow(ValidationError);
  });

  it('ends what can never be known to have happened', async () => {
    const { runtime, sweep, charge } = await abandoned(['a'], { gateway: { dedup: 'successes' } });
    await runtime.advance(32_000);
    expect(await sweep()).toEqual({ found: 1, decided: 1 });
    expect(await charge(named('a'))).toEqual({ error: expect.any(NotChargedError) });
  });
});
