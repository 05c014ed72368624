// What is in a webhook: the bytes for an event, and what somebody would claim who only pretends to be the provider.

import type { ProviderEvent } from './events.ts';

/** The body of a webhook as bytes: JSON, the envelope that Stripe's events have. `created` is seconds since the epoch. */
export function webhookBody({ id, type, createdMs, object }: ProviderEvent, epochMs: number): Uint8Array {
  const created = Math.floor((epochMs + createdMs) / 1_000);
  return new TextEncoder().encode(JSON.stringify({ id, object: 'event', type, created, data: { object } }));
}

/** A secret that nobody has, in a form that every scheme can sign with. */
export const guessedSecret = 'whsec_Z3Vlc3NlZC1ieS1zb21lYm9keS1lbHNl';

/** The news that would be worth forging: that the object of `event` has come out well for whoever pays. */
export function forgedEvent(event: ProviderEvent): ProviderEvent {
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
