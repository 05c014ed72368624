// What somebody sends who only pretends to be the provider: nobody may act on it.

import type { FaultKind } from '../faults/kinds.ts';
import type { ProviderEvent } from './events.ts';
import type { MessageSigner, WebhookMessage } from './webhook-message.ts';
import type { WebhookScheme } from './webhook-signatures.ts';

/** A request and the event that it claims to bring. */
export interface Forgery extends WebhookMessage {
  readonly eventId: string;
}

/** What a forger knows and can do: sign with secrets of her own, and send on what the provider once signed. */
export interface ForgerParts {
  readonly sign: MessageSigner;
  readonly scheme: WebhookScheme;
  /** The provider's secret; only for what the provider itself has signed. */
  readonly secret: string;
}

/** The forgeries of `event` that the faults in `struck` ask for, with their durations in milliseconds. */
export function forgeries(
  event: ProviderEvent,
  struck: ReadonlyMap<FaultKind, number>,
  { sign, scheme, secret }: ForgerParts,
): readonly Forgery[] {
  if (struck.size === 0) return [];
  const claim = claimOver(event);
  const { id: eventId } = claim;
  const forged: Forgery[] = [];
  if (struck.has('webhook-forged')) {
    const guess = sign(claim, [guessedSecret]);
    forged.push({ eventId, ...guess }, { eventId, ...guess, headers: cutShort(guess.headers) });
  }
  if (struck.has('webhook-unsigned')) forged.push({ eventId, ...sign(claim, []) });
  if (struck.has('webhook-tampered')) {
    const { headers } = sign({ ...event, id: eventId }, [secret]);
    forged.push({ eventId, rawBody: sign(claim, []).rawBody, headers });
  }
  const agoMs = struck.get('webhook-stale');
  // A scheme without a timestamp cannot tell a stale copy from a repeated delivery.
  if (agoMs !== undefined && scheme !== 'github') {
    const kept = { eventId: event.id, ...sign(event, [secret], agoMs) };
    forged.push(kept, { ...kept, headers: undated(kept.headers) });
  }
  return forged;
}

/** A secret that nobody has, in a form that every scheme can sign with. */
const guessedSecret = 'whsec_Z3Vlc3NlZC1ieS1zb21lYm9keS1lbHNl';

/** A signature that is too short: whoever compares it byte by byte with a whole one has to mind the end. */
function cutShort(headers: WebhookMessage['headers']): WebhookMessage['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      name.includes('signature') ? `${value}`.slice(0, -4) : value,
    ]),
  );
}

/** Without a word about when it was signed: whoever compares times only where there is one lets it through. */
function undated({
  'webhook-timestamp': _,
  ...headers
}: WebhookMessage['headers']): WebhookMessage['headers'] {
  const signature = headers['stripe-signature'];
  if (signature === undefined) return headers;
  return { ...headers, 'stripe-signature': signature.replace(/^t=\d+,/, '') };
}

/** The news that would be worth forging: that the object of `event` has come out well for whoever pays. */
function claimOver(event: ProviderEvent): ProviderEvent {
  const { object } = event;
  const version = object.version + 1;
  const id = `${event.id}_forged`;
  switch (object.object) {
    case 'payment': {
      const paid = { status: 'captured', capturedMinor: object.amountMinor, openMinor: 0, version } as const;
      return { ...event, id, type: 'payment.captured', object: { ...object, ...paid } };
    }
    case 'refund':
      return { ...event, id, type: 'refund.succeeded', object: { ...object, status: 'succeeded', version } };
    case 'dispute':
      return { ...event, id, type: 'dispute.lost', object: { ...object, status: 'lost', version } };
  }
}
