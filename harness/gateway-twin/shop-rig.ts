// What the tests of deliveries share: a merchant whose answers are scripted, and a few lines to verify signatures that are
// nobody else's.

import { createHmac } from 'node:crypto';
import type { Striking } from '../faults/decide.ts';
import { type Delivery, type DeliveryPolicy, deliveries } from './deliveries.ts';
import { rig } from './twin-rig.ts';
import type { WebhookScheme, WebhookSecrets } from './webhook-signatures.ts';

/** When virtual time begins, milliseconds since the epoch. */
export const epochMs = 1_767_225_600_000;
/** What the provider and the shop share. */
export const secrets = { current: 'whsec_bmV3', previous: 'whsec_b2xk' };
/** A provider that loses its patience soon. */
export const quick: DeliveryPolicy = { firstAfterMs: 100, timeoutMs: 1_000, backoffMs: [5_000, 60_000] };

interface Setting {
  readonly scheme?: WebhookScheme;
  readonly secrets?: WebhookSecrets;
  readonly policy?: DeliveryPolicy | undefined;
  /** Statuses in the order in which requests come; undefined for none, 200 when the list has ended. */
  readonly answers?: readonly (number | undefined)[];
  /** Faults by actor and attempt, such as `twin:deliver:evt_1 1`. */
  readonly faults?: Readonly<Record<string, readonly Striking[]>>;
}

/** A provider, and a shop that records what it is sent. */
export function shop({ scheme = 'stripe', answers = [], faults = {}, ...rest }: Setting = {}) {
  const one = rig('none');
  const received: { readonly atMs: number; readonly delivery: Delivery }[] = [];
  const postman = deliveries({
    far: one.far,
    epochMs,
    scheme,
    secrets: rest.secrets ?? secrets,
    policy: 'policy' in rest ? rest.policy : quick,
    faultsOn: (actor, nth) => faults[`${actor} ${nth}`] ?? [],
    deliver(delivery, answered) {
      const status = received.length < answers.length ? answers[received.length] : 200;
      received.push({ atMs: one.far.nowMs(), delivery });
      if (status !== undefined) one.far.after(20, () => answered(status));
    },
  });
  one.twin.events.listen(postman.send);
  return {
    ...one,
    postman,
    received,
    log: () => received.map(({ atMs, delivery }) => `${atMs} ${delivery.actor} ${delivery.attempt}`),
    of: (index: number): Delivery => {
      const delivery = received[index]?.delivery;
      if (delivery === undefined) throw new Error(`only ${received.length} deliveries`);
      return delivery;
    },
  };
}

/** What a delivery says. */
export function read({ rawBody }: Delivery) {
  return JSON.parse(new TextDecoder().decode(rawBody)) as {
    readonly id: string;
    readonly type: string;
    readonly created: number;
    readonly data: { readonly object: Readonly<Record<string, unknown>> };
  };
}

/** Which of the secrets a Stripe delivery is signed with, in the order of its signatures; `?` for another. */
export function signers({ rawBody, headers }: Delivery): readonly string[] {
  const [time, ...signatures] = (headers['stripe-signature'] ?? '').split(',');
  return signatures.map((signature) => {
    for (const [name, secret] of Object.entries(secrets)) {
      const text = `${time?.slice(2)}.${new TextDecoder().decode(rawBody)}`;
      if (signature === `v1=${createHmac('sha256', secret).update(text).digest('hex')}`) return name;
    }
    return '?';
  });
}

/** When a Stripe delivery says that it was signed, seconds since the epoch. */
export function signedAtS({ headers }: Delivery): number {
  return Number(/t=(\d+)/.exec(headers['stripe-signature'] ?? '')?.[1]);
}
