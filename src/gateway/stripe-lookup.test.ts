// Looking up by reference is how a lost charge is found again, so a wrong "absent" may end in a second charge. The
// search is played; what is checked is the query that went out and what the port makes of the pages.

import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { stripeCapabilities } from './stripe-adapter.ts';
import { charge, errorOf, intent, json, search, wired } from './stripe-rig.ts';

describe('stripe adapter: looking up', () => {
  const ask = { by: 'reference', merchantReference: charge.merchantReference } as const;

  it('quotes the reference, and does not take a reference of other case for its own', async () => {
    const { gateway, sent } = wired(() =>
      search(intent({ metadata: { merchant_reference: charge.merchantReference.toUpperCase() } })),
    );
    expect(await gateway.lookup(ask)).toEqual({ kind: 'absent' });
    expect(sent[0]?.url.searchParams.get('query')).toBe(
      "metadata['merchant_reference']:'shop/o\\'k1/charge/0'",
    );
    expect(sent[0]?.headers.get('idempotency-key')).toBeNull();
  });

  it('reads every page and prefers the charge that stands, the earliest of several', async () => {
    const declined = { code: 'card_declined', decline_code: 'do_not_honor' };
    const pages = [
      search(
        intent({ id: 'pi_4', created: 4 }),
        intent({ id: 'pi_3', created: 3, status: 'canceled', amount_received: 0 }),
      ),
      search(
        intent({ id: 'pi_2', created: 2 }),
        intent({
          id: 'pi_1',
          created: 1,
          status: 'requires_payment_method',
          last_payment_error: declined as Stripe.PaymentIntent.LastPaymentError,
        }),
      ),
    ];
    const { gateway, sent } = wired(async () => {
      const page = await pages[sent.length - 1]?.json();
      return json(sent.length === 1 ? { ...(page as object), has_more: true, next_page: 'second' } : page);
    });
    const found = await gateway.lookup(ask);
    expect(found.kind === 'found' && found.charge.id).toBe('pi_2');
    expect(sent.map(({ url }) => url.searchParams.get('page'))).toEqual([null, 'second']);
  });

  it('tells pending, failed and never confirmed apart', async () => {
    const failed = { code: 'payment_intent_authentication_failure' } as Stripe.PaymentIntent.LastPaymentError;
    const shown = [
      intent({ status: 'processing' }),
      intent({ status: 'requires_action' }),
      intent({ status: 'requires_payment_method' }),
      intent({ status: 'requires_payment_method', last_payment_error: failed }),
    ];
    const { gateway, sent } = wired(() => search(shown[sent.length - 1] ?? {}));
    const kinds: string[] = [];
    for (const _ of shown) kinds.push((await gateway.lookup(ask)).kind);
    expect(kinds).toEqual(['pending', 'pending', 'pending', 'answered']);
  });

  it('cannot ask by key, and its capabilities say so', async () => {
    const { gateway, sent } = wired(() => search());
    expect(await errorOf(gateway.lookup({ by: 'key', idempotencyKey: 'k' }))).toBeInstanceOf(ValidationError);
    expect(sent).toHaveLength(0);
    expect(stripeCapabilities.lookup.by).toEqual(['reference']);
  });
});
