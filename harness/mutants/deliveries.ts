// Planted bugs of the webhook class: how a signature is checked, and when an event counts as handled.

import { WebhookReplayError, WebhookSignatureError } from '../../src/errors/payment-error.ts';
import type { InboxArrival, InboxRecord } from '../../src/webhooks/inbox-store.ts';
import type { WebhookVerifier } from '../../src/webhooks/verifier.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { reclaimed, withEntrances, withInbox, withVerifier } from './shop-replace.ts';

/** An end without effects, remembered for good. */
const ended = { effects: [], dedupTtlMs: 315_360_000_000 } as const;

/** Ten years. */
const forGoodMs = 315_360_000_000;

type Verify = WebhookVerifier['verify'];

const planted: readonly PlantedShop[] = [
  {
    id: 'abandoned-claim-never-reclaimed',
    class: 'webhook',
    mistake: 'a claimed event is left to its claimer for good, dead or alive',
    exposure: everywhere({ breaks: 'L5', requests: 1, faults: 1 }),
    start: withInbox((inbox) => ({
      receive: ({ claim, ...arrival }) =>
        inbox.receive({
          ...arrival,
          ...(claim === undefined ? {} : { claim: { ...claim, leaseMs: forGoodMs } }),
        }),
      claim: (request) => inbox.claim({ ...request, leaseMs: forGoodMs }),
    })),
  },
  {
    id: 'events-handled-on-arrival-only',
    class: 'webhook',
    mistake: 'an event is handled when it arrives, and nobody comes back to one that had to wait',
    exposure: everywhere({ breaks: 'L5', requests: 1, faults: 1 }),
    start: withInbox(() => ({ claim: async () => null })),
  },
  {
    id: 'answered-before-it-is-kept',
    class: 'webhook',
    mistake: 'a delivery is answered while the event is still on its way into the inbox',
    exposure: everywhere({ breaks: 'W2', requests: 1, faults: 1 }),
    start: withInbox((inbox) => ({
      async receive(arrival) {
        inbox.receive(arrival).catch(() => undefined);
        return { first: true, record: unkept(arrival), claim: null };
      },
    })),
  },
  {
    id: 'unsigned-accepted',
    class: 'webhook',
    mistake: 'a delivery without a signature is taken for one from the time before there were secrets',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: withVerifier((verify, scheme) => (rawBody, headers) => {
      const isSigned = Object.keys(headers).some((name) => name.includes('signature'));
      return isSigned ? verify(rawBody, headers) : { scheme };
    }),
  },
  {
    id: 'signature-over-written-json',
    class: 'webhook',
    mistake: 'the signature is compared with that of the body as it is written again after parsing',
    exposure: everywhere({ breaks: 'W2', requests: 1, faults: 0 }),
    start: withVerifier((verify) => (rawBody, headers) => verify(writtenAgain(rawBody), headers)),
  },
  {
    id: 'length-mismatch-not-expected',
    class: 'webhook',
    mistake: 'signatures are compared by a function that throws when they are not equally long',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: withEntrances((subject) => ({
      async webhook(rawBody, headers) {
        if (Object.entries(headers).some(([name, value]) => name.includes('signature') && isCut(`${value}`)))
          return { status: 500 };
        return (await subject.webhook?.(rawBody, headers)) ?? { status: 500 };
      },
    })),
  },
  {
    id: 'stale-delivery-booked-anyway',
    class: 'webhook',
    mistake: 'a signature that is too old is logged as a slow delivery, and believed',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: withVerifier((verify, scheme) => (rawBody, headers) => {
      try {
        return verify(rawBody, headers);
      } catch (error) {
        if (error instanceof WebhookReplayError) return { scheme };
        throw error;
      }
    }),
  },
  {
    id: 'undated-delivery-believed',
    class: 'webhook',
    mistake: 'a delivery without a time of signing is taken for one from the time before there were any',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: withVerifier((verify, scheme) => (rawBody, headers) => {
      const text = JSON.stringify(headers);
      const isDated = !text.includes('signature') || /webhook-timestamp|"t=|x-hub-signature/.test(text);
      return isDated ? verify(rawBody, headers) : { scheme };
    }),
  },
  {
    id: 'no-secret-configured',
    class: 'webhook',
    mistake:
      'the secret is missing where the shop was deployed last, and without one every delivery is believed',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: withVerifier((_, scheme) => () => ({ scheme })),
  },
  {
    id: 'bad-signature-is-a-server-error',
    class: 'webhook',
    mistake:
      'a signature that does not fit surfaces as an error of the server, so that senders send it again',
    exposure: everywhere({ breaks: 'W3', requests: 1, faults: 1 }),
    start: withVerifier((verify) => (rawBody, headers) => {
      try {
        return verify(rawBody, headers);
      } catch (error) {
        throw error instanceof WebhookSignatureError ? new TypeError(error.message) : error;
      }
    }),
  },
  {
    id: 'authorised-news-dropped',
    class: 'webhook',
    mistake: 'news of authorisations are dropped, as no money moves by them',
    exposure: everywhere({ breaks: 'S11', requests: 1, faults: 1 }),
    start: withInbox((inbox) =>
      reclaimed(inbox, async (claim) => {
        const { id, token, event } = claim.record;
        if (!event.includes('"payment.authorized"')) return claim;
        await inbox.finish({ id, token, ...ended });
        return null;
      }),
    ),
  },
];

/** Planted bugs of deliveries. */
export const deliveryMutants: readonly Mutant[] = planted.map(plantShop);

function unkept({ id, object, event }: InboxArrival): InboxRecord {
  const waiting = { state: 'READY', token: 0, attemptId: '', attempts: 0, parks: 0 } as const;
  return { id, object, event, ...waiting, receivedAtMs: 0, dueAtMs: 0 };
}

/** As a framework hands it over that parses bodies before anybody sees them. */
function writtenAgain(rawBody: Parameters<Verify>[0]): Uint8Array {
  try {
    return new TextEncoder().encode(JSON.stringify(JSON.parse(new TextDecoder().decode(rawBody))));
  } catch {
    return rawBody;
  }
}

/** Whether the last signature is shorter than SHA-256 makes it, in hexadecimal digits or in base64. */
function isCut(value: string): boolean {
  const signature = /(?:v1=|sha256=|v1,)([^\s,]+)$/.exec(value)?.[1] ?? '';
  return value.includes('v1,') ? signature.length < 44 : signature.length < 64;
}
