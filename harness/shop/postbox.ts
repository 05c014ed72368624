// How the gateway's webhooks reach the target: each delivery is a request from outside into one process after the other,
// and what strikes it is what the case says of its event.

import type { Case } from '../cases/case.ts';
import type { Striking } from '../faults/decide.ts';
import { type Delivery, type DeliveryPolicy, deliveries } from '../gateway-twin/deliveries.ts';
import type { ProviderEvent } from '../gateway-twin/events.ts';
import type { GatewayTwin } from '../gateway-twin/twin.ts';
import type { WebhookScheme } from '../gateway-twin/webhook-signatures.ts';
import { type Actor, actor } from '../world/actor.ts';
import type { AskedProgram, Clients } from '../world/client.ts';
import type { SimulatedProcess } from '../world/process.ts';
import { startOfTimeMs, type World } from '../world/world.ts';

/** The deliveries of a run. */
export interface Postbox {
  /** How the merchant is told to verify what comes. */
  readonly webhooks: { readonly scheme: WebhookScheme; readonly secrets: readonly string[] };
  /** The merchant asks for everything once more that was announced about an object. */
  redeliver(object: { readonly kind: string; readonly id: string }): void;
  /** The gateway tries once more what it has given up; what was never sent stays so. Returns how many events. */
  tryAgain(): number;
}

/** What a postbox is made of. */
export interface PostboxParts {
  readonly world: World;
  readonly twin: GatewayTwin;
  readonly clients: Clients;
  readonly subject: Case;
  /** Whether the merchant has an endpoint for webhooks; else nothing is announced. */
  readonly listens: boolean;
  /** All processes, known once the first event is delivered. */
  readonly processes: () => readonly SimulatedProcess<AskedProgram>[];
}

// Base64 behind the prefix, as Standard Webhooks wants it; to the other schemes it is text like any other.
const secret = {
  current: 'whsec_dGhlIHNlY3JldCBvZiB0aGlzIHNob3AgYXMgb2Ygbm93',
  previous: 'whsec_dGhlIHNlY3JldCBpdCBoYWQgaGFkIGJlZm9yZSB0b2RheQ==',
};

const usualRetries = 3;
const firstRetryMs = 5_000;

/** Tries soon and not for days, so that a run ends soon; each wait is three times the one before. */
function policyOf(retries: number): DeliveryPolicy {
  const backoffMs = Array.from({ length: retries }, (_, index) => firstRetryMs * 3 ** index);
  return { firstAfterMs: 500, timeoutMs: 20_000, backoffMs };
}

/** Starts to listen to what the twin announces. */
export function postbox(parts: PostboxParts): Postbox {
  const { world, twin, clients, subject, processes } = parts;
  const { scheme = 'stripe', rotates = false, retries = usualRetries } = subject.config?.webhooks ?? {};
  const policy = policyOf(retries);
  const events = new Map<string, ProviderEvent>();
  const tried = new Set<string>();
  const delivered = new Set<string>();
  const senders = new Map<string, Actor>();
  const fates = new Map<string, readonly Striking[]>();
  let turn = 0;

  const senderOf = (id: string): Actor => {
    const known = senders.get(id) ?? actor(id, subject.background?.[id]);
    senders.set(id, known);
    return known;
  };
  // Settled once, because chance may be asked only once what becomes of an attempt that several parts look at.
  const fateOf = (sender: string, nth: number): readonly Striking[] => {
    const name = `${sender} ${nth}`;
    const fate = fates.get(name) ?? world.faultsOn(senderOf(sender), 'webhook.deliver', nth);
    fates.set(name, fate);
    return fate;
  };
  const deliver = (delivery: Delivery, answered: (status: number) => void): void => {
    const all = processes();
    const process = all[turn % all.length];
    turn += 1;
    if (process === undefined) return;
    const { actor: id, eventId, attempt, authentic, headers, rawBody } = delivery;
    if (authentic) tried.add(eventId);
    clients.send({
      who: senderOf(id),
      process,
      asking: {
        site: 'webhook.deliver',
        intent: { eventId, attempt, authentic, headers, body: new TextDecoder().decode(rawBody) },
      },
      patienceMs: policy.timeoutMs,
      faults: id === `twin:deliver:${eventId}` ? fateOf(id, attempt) : [],
      ended(reply) {
        const { status } = (reply?.ok === true ? reply.value : {}) as { readonly status?: unknown };
        if (typeof status !== 'number') return;
        if (authentic && status >= 200 && status < 300) delivered.add(eventId);
        answered(status);
      },
    });
  };
  const post = deliveries({
    far: world,
    epochMs: startOfTimeMs,
    scheme,
    secrets: rotates ? secret : { current: secret.current },
    policy,
    faultsOn: fateOf,
    deliver,
  });
  if (parts.listens)
    twin.events.listen((event) => {
      events.set(event.id, event);
      post.send(event);
    });

  return {
    webhooks: { scheme, secrets: rotates ? [secret.current, secret.previous] : [secret.current] },
    redeliver({ kind, id }) {
      const object = kind === 'charge' ? 'payment' : kind;
      for (const event of events.values())
        if (event.object.object === object && event.object.id === id) post.resend(event.id);
    },
    tryAgain() {
      const givenUp = [...tried].filter((id) => !delivered.has(id));
      for (const id of givenUp) post.resend(id);
      return givenUp.length;
    },
  };
}
