// Planted bugs of the webhook class: what is believed of a delivery, and what becomes of one that is.

import { WebhookSignatureError } from '../../src/errors/payment-error.ts';
import type { HeldEvent, InboxStore, InboxWriteAnswer } from '../../src/webhooks/inbox-store.ts';
import { webhookVerifier } from '../../src/webhooks/verifier.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { reclaimed, withEntrances, withInbox, withParts } from './shop-replace.ts';

/** An end without effects, remembered for good. */
const ended = { effects: [], dedupTtlMs: 315_360_000_000 } as const;

/** Ends a claimed event, whatever became of it. */
function ends(inbox: InboxStore, { id, token }: HeldEvent): Promise<InboxWriteAnswer> {
  return inbox.finish({ id, token, ...ended });
}

const planted: readonly PlantedShop[] = [
  {
    id: 'marked-before-processing',
    class: 'webhook',
    mistake: 'an event is marked as done when its handling begins',
    exposure: everywhere({ breaks: 'W2', requests: 1, faults: 1 }),
    start: withInbox((inbox) =>
      reclaimed(inbox, async (claim) => {
        await ends(inbox, claim.record);
        return claim;
      }),
    ),
  },
  {
    id: 'always-200',
    class: 'webhook',
    mistake: 'whatever arrives is answered 200, so that the sender stops complaining',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: withEntrances((subject) => ({
      async webhook(rawBody, headers) {
        await subject.webhook?.(rawBody, headers);
        return { status: 200 };
      },
    })),
  },
  {
    id: 'freshness-not-checked',
    class: 'webhook',
    mistake: 'a signature counts however old it is',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: (env) =>
      withParts((parts) => {
        const { webhooks: keys } = env.shop ?? {};
        if (keys === undefined) return parts;
        const verifier = webhookVerifier({ runtime: env.runtime, ...keys, toleranceMs: 315_360_000_000 });
        return { ...parts, webhooks: { ...parts.webhooks, verifier } };
      })(env),
  },
  {
    id: 'only-the-newest-secret',
    class: 'webhook',
    mistake:
      'while the secret is rotated only the first signature is compared, and only with the last secret',
    exposure: everywhere({ breaks: 'W2', requests: 1, faults: 0 }),
    start: (env) =>
      withParts((parts) => {
        const { secrets = [], scheme = 'stripe' } = env.shop?.webhooks ?? {};
        const strict = webhookVerifier({ runtime: env.runtime, scheme, secrets: secrets.slice(-1) });
        return {
          ...parts,
          webhooks: {
            ...parts.webhooks,
            verifier: {
              verify: (rawBody, headers) =>
                strict.verify(
                  rawBody,
                  Object.fromEntries(
                    Object.entries(headers).map(([name, value]) => [name, firstSignature(`${value}`)]),
                  ),
                ),
            },
          },
        };
      })(env),
  },
  {
    id: 'body-read-before-it-is-verified',
    class: 'webhook',
    mistake: 'a body whose signature does not fit is believed when it reads like an event',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: (env) =>
      withParts(({ webhooks, ...parts }) => ({
        ...parts,
        webhooks: {
          ...webhooks,
          verifier: {
            verify(rawBody, headers) {
              try {
                return webhooks.verifier.verify(rawBody, headers);
              } catch (error) {
                if (!(error instanceof WebhookSignatureError)) throw error;
                return { scheme: env.shop?.webhooks.scheme ?? 'stripe' };
              }
            },
          },
        },
      }))(env),
  },
  {
    id: 'booked-by-event',
    class: 'webhook',
    mistake: 'refunds and disputes are booked under the id of the event that tells of them',
    exposure: everywhere({ breaks: 'W1', requests: 2, faults: 0 }),
    start: withParts(({ webhooks, ...parts }) => ({
      ...parts,
      webhooks: {
        ...webhooks,
        eventOf(body, verified) {
          const event = webhooks.eventOf(body, verified);
          if (event === null || event.object.kind === 'payment') return event;
          return { ...event, object: { ...event.object, id: body.id } };
        },
      },
    })),
  },
  {
    id: 'last-event-wins',
    class: 'webhook',
    mistake: 'the state of an object is overwritten by whichever event comes last',
    exposure: everywhere({ breaks: 'W4', requests: 1, faults: 1 }),
    start: withInbox((inbox) => {
      const revisions = new Map<string, number>();
      return {
        ...reclaimed(inbox, ({ record, position }) => {
          revisions.set(record.id, position?.revision ?? 0);
          return { record, position: null };
        }),
        finish: ({ move, ...write }) => {
          const afterRevision = revisions.get(write.id) ?? 0;
          return inbox.finish(move === undefined ? write : { ...write, move: { ...move, afterRevision } });
        },
      };
    }),
  },
];

/** Planted bugs of the webhook endpoint. */
export const webhookMutants: readonly Mutant[] = planted.map(plantShop);

/** A header with its first signature alone, in any scheme. */
function firstSignature(value: string): string {
  const stripe = /^(t=\d+,v1=[0-9a-f]+),v1=/.exec(value)?.[1];
  return stripe ?? /^(v1,\S+) v1,/.exec(value)?.[1] ?? value;
}
