// Convinces by both sides of each answer: the status that the sender sees, and what is durable at that moment.

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  StoreUnavailableError,
  ValidationError,
  WebhookReplayError,
  WebhookSignatureError,
} from '../errors/payment-error.ts';
import type { Handled } from './inbox-options.ts';
import { paymentLattice } from './state-lattice.ts';
import { deliveryOf, eventOf, inboxRig, type TestInboxOptions } from './testing.ts';

describe('receiving', () => {
  it('answers 200 to what is new, and to what is durable already', async () => {
    const { receive, first, runtime } = inboxRig();
    expect(await receive(eventOf('e'))).toEqual({ status: 200, outcome: 'accepted', id: 'e' });
    expect(await first('READY')).toMatchObject({ id: 'e', object: 'payment/pi_1' });
    expect(await receive(eventOf('e'))).toEqual({ status: 200, outcome: 'duplicate', id: 'e' });
    expect(runtime.logged).toEqual([]);
  });

  it('answers 400 to what is forged, unsigned or stale, and stores nothing', async () => {
    const { inbox, runtime, first } = inboxRig();
    const [bytes, headers] = deliveryOf(eventOf('e'));
    const tampered = deliveryOf(eventOf('f'))[0];
    const refused = { status: 400, outcome: 'refused' };
    expect(await inbox.receive(tampered, headers)).toMatchObject({
      ...refused,
      error: expect.any(WebhookSignatureError),
    });
    expect(await inbox.receive(bytes, {})).toMatchObject({
      ...refused,
      error: expect.any(WebhookSignatureError),
    });
    await runtime.advance(301_000);
    expect(await inbox.receive(bytes, headers)).toMatchObject({
      ...refused,
      error: expect.any(WebhookReplayError),
    });
    expect(await first('READY')).toBeUndefined();
    expect(runtime.logged).toMatchObject([
      { webhook: 'refused', code: 'webhook_signature' },
      {},
      { code: 'webhook_replay' },
    ]);
  });

  it('answers 400 to a signed body that is no event, whatever is wrong with it, and stores nothing', async () => {
    const schema = z.looseObject({ id: z.string(), object: z.looseObject({ id: z.string() }) }) as never;
    const { receive, first } = inboxRig({
      schema,
      ordering: { lattice: paymentLattice, fetch: async () => null },
    });
    const object = { kind: 'payment', id: 'pi_1' };
    for (const body of [
      '',
      '{"id":',
      Buffer.from(JSON.stringify(eventOf('~')).replace('~', '\u00ff'), 'latin1'),
      '[]',
      `${'['.repeat(400_000)}${']'.repeat(400_000)}`,
      `"${'\\\\'.repeat(1_000)}`,
      { id: 7 },
      { id: 'e', object: {} },
      eventOf(''),
      eventOf('e'.repeat(256)),
      eventOf('e', { transition: '' }),
      eventOf('e', { object: { kind: '', id: 'x' } }),
      eventOf('e', { status: 'nowhere' }),
      { ...eventOf('e'), version: 1.5 },
      { ...eventOf('e'), createdAtMs: 'today' },
      { id: 'e', object },
    ]) {
      expect(await receive(body), `${JSON.stringify(body)}`.slice(0, 99)).toMatchObject({
        status: 400,
        error: expect.any(ValidationError),
      });
    }
    expect(await first('READY')).toBeUndefined();
  });

  it('names where a body does not fit, and never what stood there', async () => {
    const schema = z.object({ card: z.object({ number: z.enum(['none']) }) }) as never;
    const { error } = await inboxRig({ schema }).receive({ card: { number: '4111111111111111' } });
    expect(`${error}`).toContain('card.number');
    expect(`${error}`).not.toContain('4111');
    const quoting: TestInboxOptions['schema'] = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => ({ issues: [{ message: JSON.stringify(value), path: [{ key: 'card' }, 0] }] }),
      },
    };
    const quoted = await inboxRig({ schema: quoting }).receive({ number: '4111111111111111' });
    expect(`${quoted.error}`).toContain('schema at $.card[…] (missing).');
    const broken = await inboxRig().receive('x4111111111111111');
    expect(`${broken.error}${(broken.error as Error).cause}`).not.toContain('4111');
  });

  it('waits for a schema that takes its time, and refuses when schema or mapping throws', async () => {
    const slow = z.unknown().refine(async () => true) as never;
    expect(await inboxRig({ schema: slow }).receive(eventOf('e'))).toMatchObject({ outcome: 'accepted' });
    const throwing = () => {
      throw new TypeError('a mistake');
    };
    const schema = { '~standard': { version: 1, vendor: 'test', validate: throwing } } as const;
    expect(await inboxRig({ schema }).receive(eventOf('e'))).toMatchObject({
      status: 400,
      outcome: 'refused',
    });
    expect(await inboxRig({ eventOf: throwing }).receive(eventOf('e'))).toMatchObject({
      status: 400,
      outcome: 'refused',
    });
  });

  it('answers 200 to what nobody here has a use for, without storing it', async () => {
    const { receive, first } = inboxRig({ eventOf: () => null });
    expect(await receive(eventOf('e'))).toEqual({ status: 200, outcome: 'ignored' });
    expect(await first('READY')).toBeUndefined();
  });

  it('answers 5xx when the store does not answer, and 200 to the repetition whether or not it was stored', async () => {
    for (const fault of ['request-lost', 'reply-lost'] as const) {
      const { receive } = inboxRig({}, (_, index) => (index === 0 ? fault : 'none'));
      expect(await receive(eventOf('e'))).toMatchObject({
        status: 503,
        outcome: 'failed',
        id: 'e',
        error: expect.any(StoreUnavailableError),
      });
      expect(await receive(eventOf('e'))).toMatchObject({
        status: 200,
        outcome: fault === 'reply-lost' ? 'duplicate' : 'accepted',
      });
    }
    const verify = () => {
      throw new TypeError('a mistake');
    };
    expect(await inboxRig({ verifier: { verify } }).receive(eventOf('e'))).toMatchObject({
      status: 500,
      outcome: 'failed',
    });
  });

  it('remembers ids beyond the repetitions of the sender, and effects for good', async () => {
    const payloads: unknown[] = [];
    const handle = async (): Promise<Handled> => ({
      kind: 'done',
      effects: [{ payload: payloads.push('handled') }],
    });
    const { receive, inbox, runtime, durable } = inboxRig({ handle });
    await receive(eventOf('e'));
    await inbox.work();
    await runtime.advance(72 * 3_600_000);
    expect(await receive(eventOf('e'))).toMatchObject({ outcome: 'duplicate' });
    await runtime.advance(8 * 3_600_000);
    expect(await receive(eventOf('e'))).toMatchObject({ outcome: 'accepted' });
    expect(await inbox.work()).toMatchObject({ done: 1 });
    expect(payloads).toHaveLength(2);
    expect(await durable.effect('payment/pi_1/captured')).toBe('1');
  });

  it('handles at once where it is told to, after the event is durable, and answers 200 however that ends', async () => {
    const done = inboxRig({ handleNow: true });
    expect(await done.receive(eventOf('e'))).toEqual({
      status: 200,
      outcome: 'accepted',
      id: 'e',
      handled: 'done',
    });
    const failing = inboxRig({ handleNow: true, handle: async () => Promise.reject(new Error('not now')) });
    expect(await failing.receive(eventOf('e'))).toMatchObject({ status: 200, handled: 'failed' });
    const held = inboxRig({ handleNow: true, handle: () => new Promise(() => {}) });
    void held.receive(eventOf('e'));
    await held.runtime.drain();
    expect(await held.receive(eventOf('f'))).toMatchObject({ status: 200, handled: null });
    expect(await done.receive(eventOf('e'))).toMatchObject({ outcome: 'duplicate', handled: null });
    // One operation keeps the event and takes it up.
    const crossed: string[] = [];
    const lost = inboxRig({ handleNow: true }, (name) => (crossed.push(name) > 1 ? 'request-lost' : 'none'));
    expect(await lost.receive(eventOf('e'))).toMatchObject({ outcome: 'accepted', handled: 'lost' });
    expect(crossed).toEqual(['receive', 'finish']);
  });

  it('gives the handler the lease that began with the arrival, and no longer', async () => {
    const signals: AbortSignal[] = [];
    const handle = (_: unknown, { signal }: { readonly signal: AbortSignal }): Promise<Handled> => {
      signals.push(signal);
      return new Promise(() => {});
    };
    const { receive, runtime } = inboxRig({ handleNow: true, handle, leaseMs: 1_000 });
    void receive(eventOf('e'));
    await runtime.advance(999);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await runtime.advance(1);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('handles at once what comes again when its lease is over, and leaves it to the lease before', async () => {
    const handled: number[] = [];
    const crossed: string[] = [];
    const handle = async (_: unknown, { attempt }: { readonly attempt: number }): Promise<Handled> => {
      handled.push(attempt);
      return { kind: 'done' };
    };
    const rig = inboxRig({ handleNow: true, handle, leaseMs: 1_000 }, (name) =>
      crossed.push(name) === 1 ? 'reply-lost' : 'none',
    );
    expect(await rig.receive(eventOf('e'))).toMatchObject({ status: 503, outcome: 'failed' });
    expect(await rig.receive(eventOf('e'))).toMatchObject({ outcome: 'duplicate', handled: null });
    await rig.runtime.advance(1_000);
    expect(handled).toEqual([]);
    expect(await rig.receive(eventOf('e'))).toMatchObject({ outcome: 'duplicate', handled: 'done' });
    expect(handled).toEqual([2]);
  });
});

describe('an inbox', () => {
  it('is not made of unusable parts', () => {
    const bad: Record<string, unknown>[] = [
      { leaseMs: 0 },
      { leaseMs: 2 ** 31 },
      { dedupTtlMs: Number.NaN },
      { dedupTtlMs: 0 },
      { retryDelayMs: -1 },
      { maxAttempts: 0 },
      { maxParks: 1.5 },
      { batch: 0 },
      { handleNow: 'yes' },
      { handle: 'later' },
      { verifier: undefined },
      { schema: {} },
      { schema: { '~standard': { version: 2, vendor: 'test', validate: () => ({ value: 1 }) } } },
      { eventOf: null },
      { onDeadLetter: 1 },
      { ordering: { lattice: paymentLattice } },
      { ordering: { fetch: async () => null } },
      { runtime: {} },
    ];
    for (const options of bad)
      expect(() => inboxRig(options as TestInboxOptions), JSON.stringify(options)).toThrow(ValidationError);
  });
});
