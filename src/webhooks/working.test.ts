// Convinces by what the store holds after a handler did well, failed, parked, hung or answered nonsense.

import { describe, expect, it } from 'vitest';
import {
  GatewayTimeoutError,
  LeaseLostError,
  StoreUnavailableError,
  ValidationError,
} from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryInboxStore } from '../stores/memory-inbox-store.ts';
import type { Handled } from './inbox-options.ts';
import { deliveryOf, eventOf, inboxRig, testInbox } from './testing.ts';

describe('working', () => {
  it('hands the event over as it was received, and applies its effects under its keys', async () => {
    const seen: unknown[] = [];
    const event = eventOf('e', {
      status: 'captured',
      version: 3,
      createdAtMs: 5,
      data: { amountMinor: 500, note: 'a/b' },
    });
    const { receive, inbox, first, durable } = inboxRig({
      async handle(received, { attempt, effectKey, movement }) {
        seen.push(received, attempt, effectKey(), effectKey('mail'), movement);
        return { kind: 'done', effects: [{ payload: { b: 1, a: 2 } }, { name: 'mail', payload: null }] };
      },
    });
    await receive(event);
    expect(await inbox.work()).toEqual({ done: 1, parked: 0, failed: 0, dead: 0, lost: 0 });
    expect(seen).toEqual([
      event,
      1,
      'payment/pi_1/captured',
      'payment/pi_1/captured/mail',
      { kind: 'unordered' },
    ]);
    expect(await durable.effect('payment/pi_1/captured')).toBe('{"a":2,"b":1}');
    expect(await durable.effect('payment/pi_1/captured/mail')).toBe('null');
    expect(await first('DONE')).toMatchObject({ id: 'e', expiresAtMs: 288_000_000 });
    expect(await inbox.work()).toMatchObject({ done: 0 });
  });

  it('keeps the effect of a change once, whichever of the events that announce it comes first', async () => {
    const { receive, inbox, durable } = inboxRig({
      handle: async ({ id }) => ({ kind: 'done', effects: [{ payload: id }] }),
    });
    for (const id of ['first', 'second']) await receive(eventOf(id));
    await receive(eventOf('other', { object: { kind: 'payment', id: 'pi_1/captured' }, transition: 'x' }));
    expect(await inbox.work()).toMatchObject({ done: 3 });
    expect(await durable.effect('payment/pi_1/captured')).toBe('"first"');
    expect(await durable.effect('payment/pi_1%2Fcaptured/x')).toBe('"other"');
  });

  it('tries again what failed, later each time, and gives it up in the end', async () => {
    const dead: unknown[] = [];
    const { receive, inbox, runtime, first } = inboxRig({
      maxAttempts: 4,
      maxDelayMs: 3_000,
      handle: async () => Promise.reject(new GatewayTimeoutError('no answer')),
      onDeadLetter: ({ id, failure }) => dead.push(id, failure?.code),
    });
    await receive(eventOf('e'));
    for (const delayMs of [1_000, 2_000, 3_000]) {
      expect(await inbox.work()).toMatchObject({ failed: 1 });
      expect(await first('READY')).toMatchObject({
        failure: { code: 'gateway_timeout', message: 'no answer' },
      });
      await runtime.advance(delayMs - 1);
      expect(await inbox.work()).toMatchObject({ failed: 0 });
      await runtime.advance(1);
    }
    expect(await inbox.work()).toMatchObject({ dead: 1 });
    expect(dead).toEqual(['e', 'gateway_timeout']);
    expect(await inbox.deadLetters()).toMatchObject([{ id: 'e', attempts: 4 }]);
    expect(runtime.logged.at(-1)).toEqual({ webhook: 'dead', id: 'e', code: 'gateway_timeout' });
    expect(await receive(eventOf('e'))).toMatchObject({ outcome: 'duplicate' });
    expect(await inbox.deadLetters({ limit: 1 })).toHaveLength(1);
  });

  it('parks what it does not know yet, and neither forgets it nor counts it as a failure', async () => {
    const answers: Handled[] = Array.from({ length: 3 }, () => ({ kind: 'parked', why: 'no such order' }));
    const { receive, inbox, runtime, first } = inboxRig({
      maxAttempts: 1,
      maxParks: 4,
      handle: async () => answers.shift() ?? { kind: 'done' },
    });
    await receive(eventOf('e'));
    for (const delayMs of [1_000, 2_000, 4_000]) {
      expect(await inbox.work()).toMatchObject({ parked: 1 });
      expect(await first('PARKED')).toMatchObject({ failure: { code: 'parked', message: 'no such order' } });
      await runtime.advance(delayMs);
    }
    expect(await inbox.work()).toMatchObject({ done: 1 });
    answers.push(...Array.from({ length: 4 }, () => ({ kind: 'parked', why: 'no such order' }) as const));
    await receive(eventOf('f', { transition: 'refunded' }));
    for (let parked = 0; parked < 3; parked += 1) {
      expect(await inbox.work()).toMatchObject({ parked: 1 });
      await runtime.advance(4_000);
    }
    expect(await inbox.work()).toMatchObject({ dead: 1 });
    expect(await inbox.deadLetters()).toMatchObject([{ id: 'f', failure: { code: 'parked' } }]);
  });

  it('takes neither silence nor nonsense for done, and stores no message that it did not write', async () => {
    const bad = [
      undefined,
      null,
      'done',
      {},
      { kind: 'ok' },
      { kind: 'done', effects: [{ payload: undefined }] },
    ];
    for (const answer of bad) {
      const { receive, inbox, first } = inboxRig({ handle: async () => answer as unknown as Handled });
      await receive(eventOf('e'));
      expect(await inbox.work(), `${JSON.stringify(answer)}`).toMatchObject({ failed: 1 });
      expect(await first('READY')).toMatchObject({ failure: { code: 'validation_error' } });
    }
    const { receive, inbox, first } = inboxRig({
      handle: async () => Promise.reject(new TypeError('pan 4111111111111111')),
    });
    await receive(eventOf('e'));
    await inbox.work();
    expect((await first('READY'))?.failure).toEqual({ code: 'error', message: 'TypeError was thrown' });
  });

  it('gives a handler up when the lease is over, and fences what it would still do', async () => {
    const fenced: unknown[] = [];
    const { receive, inbox, runtime, first } = inboxRig({
      leaseMs: 5_000,
      async handle(_, { signal, fence }) {
        fence();
        await runtime.sleep(9_000);
        try {
          fence();
        } catch (error) {
          fenced.push(error, signal.aborted);
        }
        return { kind: 'done' };
      },
    });
    await receive(eventOf('e'));
    const work = inbox.work();
    await runtime.advance(5_000);
    expect(await work).toMatchObject({ failed: 1 });
    expect(await first('READY')).toMatchObject({ failure: { code: 'lease_lost' } });
    await runtime.advance(4_000);
    expect(fenced).toEqual([expect.any(LeaseLostError), true]);
    expect(await first('DONE')).toBeUndefined();
  });

  it('goes on to the next event, up to its batch, and rejects only when nothing can be claimed', async () => {
    const handle = async ({ id }: { readonly id: string }) =>
      id === 'a' ? Promise.reject(new Error('a')) : { kind: 'done' as const };
    const { receive, inbox } = inboxRig({ handle, batch: 2 });
    for (const id of ['a', 'b', 'c']) await receive(eventOf(id));
    expect(await inbox.work()).toMatchObject({ failed: 1, done: 1 });
    expect(await inbox.work()).toMatchObject({ done: 1 });
    const lost = inboxRig({}, (name) => (name === 'claim' ? 'reply-lost' : 'none'));
    await expect(lost.inbox.work()).rejects.toThrow(StoreUnavailableError);
  });

  it('leaves an event to its lease when the last write is not answered', async () => {
    const { receive, inbox, runtime, first } = inboxRig({}, (name, index) =>
      name === 'finish' && index < 4 ? 'request-lost' : 'none',
    );
    await receive(eventOf('e'));
    expect(await inbox.work()).toMatchObject({ lost: 1 });
    expect(runtime.logged).toMatchObject([{ webhook: 'lost', id: 'e', code: 'store_unavailable' }]);
    expect(await first('CLAIMED')).toMatchObject({ id: 'e' });
    await runtime.advance(60_000);
    expect(await inbox.work()).toMatchObject({ done: 1 });
  });

  it('knows its own work when the last write was delivered twice', async () => {
    const { receive, inbox, durable } = inboxRig({}, (name) => (name === 'finish' ? 'twice' : 'none'));
    await receive(eventOf('e'));
    expect(await inbox.work()).toMatchObject({ done: 1, lost: 0 });
    expect(await durable.list({ state: 'DONE', limit: 9 })).toHaveLength(1);
  });

  it('tries again where the books refuse an effect, and writes none of it', async () => {
    const runtime = manualRuntime();
    let opened = false;
    const store = memoryInboxStore(runtime, () => {
      if (!opened) throw new ValidationError('the entry does not balance');
    });
    const inbox = testInbox(runtime, store, {
      handle: async () => ({ kind: 'done', effects: [{ payload: 1 }] }),
    });
    await inbox.receive(...deliveryOf(eventOf('e')));
    expect(await inbox.work()).toMatchObject({ failed: 1 });
    expect(await store.effect('payment/pi_1/captured')).toBeNull();
    opened = true;
    await runtime.advance(1_000);
    expect(await inbox.work()).toMatchObject({ done: 1 });
  });

  it('survives a hook or a log that throws', async () => {
    const throwing = () => {
      throw new Error('the pager is down');
    };
    const { receive, inbox } = inboxRig({ maxAttempts: 1, handle: throwing, onDeadLetter: throwing });
    await receive(eventOf('e'));
    expect(await inbox.work()).toMatchObject({ dead: 1 });
  });
});
