// The textbook's webhook endpoint: verify, skip what was seen before, handle, answer 200.

import type { Runtime } from '../../src/kernel/runtime.ts';
import { objectKey } from '../../src/webhooks/effect-key.ts';
import { webhookVerifier } from '../../src/webhooks/verifier.ts';
import type { ProviderEvent } from '../gateway-twin/events.ts';
import { type Booker, booker } from './as-written-shop-books.ts';
import { wholeLog } from './as-written-shop-log.ts';
import type { ShopEnv } from './shop-env.ts';
import type { Subject, TargetEnv } from './target.ts';

/** The part of an event's body that is used. */
interface Envelope extends Pick<ProviderEvent, 'id' | 'type'> {
  readonly data: { readonly object: ProviderEvent['object'] };
}

/** Eighty hours: longer than senders repeat an event. */
const dedupTtlMs = 288_000_000;
const leaseMs = 60_000;

/** The webhook endpoint of the textbook's shop. */
export function textbookWebhook(env: TargetEnv, shop: ShopEnv): NonNullable<Subject['webhook']> {
  const { runtime } = env;
  const verifier = webhookVerifier({ runtime, ...shop.webhooks });
  const book = booker(shop.ledger, runtime);
  const log = wholeLog(runtime);

  return async (rawBody, headers) => {
    const body = new TextDecoder().decode(rawBody);
    log('webhook', { headers, body });
    try {
      verifier.verify(rawBody, headers);
    } catch (error) {
      log('webhook refused', { body, error });
      return { status: 400 };
    }
    const event = JSON.parse(body) as Envelope;
    // Weakness: marked first and processed afterwards, in another operation. If the process dies in between, every repetition
    // counts as seen and the event is lost (W2). And it is marked by the event's id, although two events can announce
    // one change (W1).
    const { first } = await shop.inbox.receive({ id: event.id, object: objectOf(event), event: body });
    if (!first) return { status: 200 };
    try {
      await bookEvent(event, book);
      await overwriteState(event, shop, runtime);
    } catch (error) {
      // Weakness: 200 as well, so that the sender does not "hammer us with retries". It never comes back (W2).
      log('webhook failed', { body, error });
    }
    return { status: 200 };
  };
}

function objectOf({ data: { object } }: Envelope): string {
  return objectKey({ object: { kind: object.object, id: object.id } });
}

/**
 * Weakness: the one event that the tutorial is about. Refunds that fail later and disputes change the state of an object and
 * never the books (S2).
 */
async function bookEvent({ type, data: { object } }: Envelope, book: Booker): Promise<void> {
  if (type !== 'payment.captured' || object.object !== 'payment') return;
  const { id, merchantReference, capturedMinor, currency } = object;
  const payment = { merchantReference, gatewayId: id };
  await book('capture', { payment, operation: id, amountMinor: capturedMinor, currency });
}

/** Weakness: whatever came last is taken for the news, and deliveries overtake each other (W4). */
async function overwriteState(
  event: Envelope,
  { inbox }: ShopEnv,
  runtime: Pick<Runtime, 'id'>,
): Promise<void> {
  const claim = await inbox.claim({ attemptId: runtime.id('webhook'), leaseMs, id: event.id });
  if (claim === null) return;
  const move = {
    to: { status: event.data.object.status },
    afterRevision: claim.position?.revision ?? 0,
  };
  await inbox.finish({ id: event.id, token: claim.record.token, effects: [], move, dedupTtlMs });
}
