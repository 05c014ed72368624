// Ways to replace one part of a shop.

import type { CheckoutParts, CheckoutServices, CheckoutStores } from '../../src/checkout/parts.ts';
import type { PaymentGateway } from '../../src/gateway/port.ts';
import type { InboxClaim, InboxStore } from '../../src/webhooks/inbox-store.ts';
import type { WebhookScheme } from '../../src/webhooks/schemes.ts';
import type { WebhookVerifier } from '../../src/webhooks/verifier.ts';
import { type ShopParts, shopService } from '../targets/shop.ts';
import type { ShopEnv } from '../targets/shop-env.ts';
import type { ProviderBody } from '../targets/shop-webhooks.ts';
import type { Subject, TargetEnv } from '../targets/target.ts';

/** Builds one process of a shop. */
export type ShopStart = (env: TargetEnv) => Subject;

type Parts = CheckoutParts<ProviderBody>;

/** The shop with other parts. */
export function withParts(change: ShopParts): ShopStart {
  return (env) => shopService(env, change);
}

/** The shop over other views of its stores. */
export function withStores(
  change: (stores: CheckoutStores, parts: Parts) => Partial<CheckoutStores>,
): ShopStart {
  return withParts((parts) => ({ ...parts, stores: { ...parts.stores, ...change(parts.stores, parts) } }));
}

/** The shop over another view of its inbox. */
export function withInbox(change: (inbox: InboxStore) => Partial<InboxStore>): ShopStart {
  return withStores(({ inbox }) => ({ inbox: { ...inbox, ...change(inbox) } }));
}

/** An inbox whose claims, of events that come in as of those that wait, are what `change` makes of them. */
export function reclaimed(
  inbox: InboxStore,
  change: (claim: InboxClaim) => InboxClaim | null | Promise<InboxClaim | null>,
): Pick<InboxStore, 'receive' | 'claim'> {
  return {
    async receive(arrival) {
      const { claim, record, first } = await inbox.receive(arrival);
      const changed = claim && (await change({ record, ...claim }));
      return { first, record, claim: changed && { position: changed.position } };
    },
    async claim(request) {
      const claim = await inbox.claim(request);
      return claim && change(claim);
    },
  };
}

/** The shop that checks signatures otherwise. */
export function withVerifier(
  change: (verify: WebhookVerifier['verify'], scheme: WebhookScheme) => WebhookVerifier['verify'],
): ShopStart {
  return withParts(({ webhooks, ...parts }, { shop }) => {
    const verify = change(webhooks.verifier.verify, shop?.webhooks.scheme ?? 'stripe');
    return { ...parts, webhooks: { ...webhooks, verifier: { verify } } };
  });
}

/** The shop with other services. */
export function withServices(
  change: (services: CheckoutServices, parts: Parts) => Partial<CheckoutServices>,
): ShopStart {
  return withParts((parts) => ({
    ...parts,
    services: { ...parts.services, ...change(parts.services, parts) },
  }));
}

/** The shop with another gateway behind its orders. */
export function withGateway(
  change: (gateway: PaymentGateway, parts: Parts) => Partial<PaymentGateway>,
): ShopStart {
  return withServices(({ gateway }, parts) => ({ gateway: { ...gateway, ...change(gateway, parts) } }));
}

/** The shop with other entrances. */
export function withEntrances(change: (subject: Subject, env: TargetEnv) => Partial<Subject>): ShopStart {
  return (env) => {
    const subject = shopService(env);
    return { ...subject, ...change(subject, env) };
  };
}

/** The shop in a world with other stores of its fraud rules. */
export function withVelocity(
  change: (velocity: ShopEnv['velocity']) => Partial<ShopEnv['velocity']>,
): ShopStart {
  return (env) => {
    const { shop } = env;
    if (shop === undefined) return shopService(env);
    return shopService({
      ...env,
      shop: { ...shop, velocity: { ...shop.velocity, ...change(shop.velocity) } },
    });
  };
}
