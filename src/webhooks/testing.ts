// What the tests of webhooks share: a good delivery of each scheme, what becomes of it, and processes that lose messages and
// die.

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { StoreUnavailableError } from '../errors/payment-error.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryInboxStore } from '../stores/memory-inbox-store.ts';
import type { WebhookEvent } from './event.ts';
import type { WebhookHeaders } from './headers.ts';
import { type WebhookInbox, webhookInbox } from './inbox.ts';
import type { WebhookInboxOptions } from './inbox-options.ts';
import type { InboxState, InboxStore } from './inbox-store.ts';
import type { WebhookScheme } from './schemes.ts';
import { signWebhook } from './signer.ts';
import { type WebhookVerifierOptions, webhookVerifier } from './verifier.ts';

/** The second at which deliveries are signed and verified. */
export const nowS = 1_700_000_000;
/** The right secret of each scheme. */
export const secrets: Readonly<Record<WebhookScheme, string>> = {
  stripe: 'whsec_stripe',
  standard: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  github: 'hub_secret',
};
/** All schemes. */
export const schemes = Object.keys(secrets) as WebhookScheme[];
/** The usual body. */
export const body = new TextEncoder().encode('{"id":"evt_1"}');

/** A verifier of `scheme` at that second, or at `atMs`. */
export function verifier(
  scheme: WebhookScheme,
  options: Partial<WebhookVerifierOptions> & { readonly atMs?: number } = {},
) {
  const { atMs = nowS * 1_000, ...more } = options;
  return webhookVerifier({ runtime: { wallMs: () => atMs }, scheme, secrets: [secrets[scheme]], ...more });
}

/** Headers of a good delivery, but for what `more` says. */
export function signed(scheme: WebhookScheme, more: Partial<Parameters<typeof signWebhook>[0]> = {}) {
  return signWebhook({ scheme, secret: secrets[scheme], body, id: 'msg_1', timestampS: nowS, ...more });
}

/** What verifying the usual body with `headers` throws, or else returns. */
export function refusal(
  scheme: WebhookScheme,
  headers: unknown,
  options?: Parameters<typeof verifier>[1],
): unknown {
  try {
    return verifier(scheme, options).verify(body, headers as WebhookHeaders);
  } catch (error) {
    return error;
  }
}

/** What may happen to one crossing between a process and its store, or the outside. */
export type Fault = 'none' | 'request-lost' | 'reply-lost' | 'twice' | 'crash-before' | 'crash-after';

/** One process: everything that it does to durable things goes through `cross`. */
export interface TestProcess {
  readonly store: InboxStore;
  /** Applies `act` as one crossing called `name`. */
  cross<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** What `work` comes to, or `crashed` if the process dies first. */
  run<T>(work: Promise<T>): Promise<T | 'crashed'>;
  /** Names of the crossings so far. */
  readonly crossed: readonly string[];
}

/** A process on `durable` whose crossings meet what `faultOf` says. After a crash nothing it waits for ever settles. */
export function testProcess(
  durable: InboxStore,
  faultOf: (name: string, index: number) => Fault = () => 'none',
): TestProcess {
  const crossed: string[] = [];
  let crash = (): void => {};
  let isDead = false;
  const death = new Promise<'crashed'>((resolve) => {
    crash = () => {
      isDead = true;
      resolve('crashed');
    };
  });
  const never = new Promise<never>(() => {});
  const cross = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    if (isDead) return never;
    const fault = faultOf(name, crossed.push(name) - 1);
    if (fault === 'crash-before') crash();
    if (fault === 'request-lost') throw new StoreUnavailableError(`${name}: the request was lost`);
    if (isDead) return never;
    const first = await act();
    const reply = fault === 'twice' ? await act() : first;
    if (fault === 'crash-after') crash();
    if (fault === 'reply-lost') throw new StoreUnavailableError(`${name}: the reply was lost`);
    return isDead ? never : reply;
  };
  const store: InboxStore = {
    receive: (arrival) => cross('receive', () => durable.receive(arrival)),
    claim: (request) => cross('claim', () => durable.claim(request)),
    finish: (write) => cross('finish', () => durable.finish(write)),
    postpone: (write) => cross('postpone', () => durable.postpone(write)),
    bury: (write) => cross('bury', () => durable.bury(write)),
    revive: (id) => cross('revive', () => durable.revive(id)),
    list: (query) => cross('list', () => durable.list(query)),
    effect: (key) => cross('effect', () => durable.effect(key)),
    prune: (request) => cross('prune', () => durable.prune(request)),
  };
  return { store, cross, run: (work) => Promise.race([work, death]), crossed };
}

/** Fits every body: what makes it an event is the tests' own business. */
const anySchema: StandardSchemaV1<unknown, WebhookEvent> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as WebhookEvent }) },
};

/** An event about the payment `pi_1`. */
export function eventOf(id: string, more: Partial<WebhookEvent> = {}): WebhookEvent {
  return { id, type: 'payment', object: { kind: 'payment', id: 'pi_1' }, transition: 'captured', ...more };
}

/** Body and headers of a genuine delivery at `atMs`, of an event, a text or bytes. */
export function deliveryOf(event: unknown, atMs = 0): [Uint8Array, Readonly<Record<string, string>>] {
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  const bytes = event instanceof Uint8Array ? event : new TextEncoder().encode(text);
  const timestampS = Math.floor(atMs / 1_000);
  return [bytes, signWebhook({ scheme: 'stripe', secret: secrets.stripe, body: bytes, id: '', timestampS })];
}

/** An inbox whose events are JSON of {@link eventOf}, at any time, handled as `done` unless `options` say otherwise. */
export function testInbox(runtime: Runtime, store: InboxStore, options: TestInboxOptions = {}): WebhookInbox {
  return webhookInbox({
    runtime,
    store,
    verifier: webhookVerifier({ runtime, scheme: 'stripe', secrets: [secrets.stripe] }),
    schema: anySchema,
    eventOf: (event) => event,
    handle: async () => ({ kind: 'done' }),
    ...options,
  });
}

/** Options of {@link testInbox} besides its parts. */
export type TestInboxOptions = Partial<WebhookInboxOptions<WebhookEvent, unknown>>;

/** An inbox on a store that can be looked into, in a process that meets what `faultOf` says. */
export function inboxRig(options: TestInboxOptions = {}, faultOf?: (name: string, index: number) => Fault) {
  const runtime = manualRuntime();
  const durable: InboxStore = memoryInboxStore(runtime);
  const inbox = testInbox(runtime, testProcess(durable, faultOf).store, options);
  return {
    runtime,
    durable,
    inbox,
    /** Receives a genuine delivery. */
    receive: (event: unknown) => inbox.receive(...deliveryOf(event, runtime.wallMs())),
    /** The first record in `state`. */
    first: async (state: InboxState) => (await durable.list({ state, limit: 1 }))[0],
  };
}
