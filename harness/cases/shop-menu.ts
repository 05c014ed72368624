// Which faults a generated case of orders may carry, by who carries them. Weights are given by listing an entry more than
// once.

import { type FaultKind, faultFacts } from '../faults/kinds.ts';
import type { Site } from '../history/sites.ts';
import { grants, type MenuTerms } from './fault-menu.ts';
import { kindsAt } from './fault-problems.ts';

/** Who carries a fault in a case of orders. */
export type ShopCarrier = 'checkout' | 'refund' | 'reconcile' | 'sweep' | 'delivery' | 'row';

/** One kind and the sites at which the carrier may meet it. */
export interface ShopMenuItem {
  readonly kind: FaultKind;
  readonly sites: readonly Site[];
}

/** What there is to choose from, by carrier, in the order in which its sites and their kinds are listed. */
export type ShopMenu = Readonly<Record<ShopCarrier, readonly ShopMenuItem[]>>;

/** Writes the menu for `terms`. */
export function shopMenu(terms: MenuTerms): ShopMenu {
  return {
    checkout: itemsAt('checkout', terms),
    refund: itemsAt('refund', terms),
    reconcile: itemsAt('reconcile', terms),
    sweep: itemsAt('sweep', terms),
    delivery: itemsAt('delivery', terms),
    row: itemsAt('row', terms),
  };
}

function itemsAt(carrier: ShopCarrier, terms: MenuTerms): readonly ShopMenuItem[] {
  const sites = sitesOf[carrier];
  const kinds = new Set(sites.flatMap(kindsAt));
  return [...kinds].flatMap((kind) => {
    const { breaks, needs, layer } = faultFacts[kind];
    if (breaks !== undefined && !terms.breaking.includes(breaks)) return [];
    // What a report says of a row is carried by the row, and by nobody else.
    if ((needs === 'reports') !== (carrier === 'row')) return [];
    const there = sites.filter(
      (site) => kindsAt(site).includes(kind) && grants(terms, kind, site) && isMeant(kind, site),
    );
    if (there.length === 0) return [];
    // There are more kinds at a gateway than at a store: those that strike anywhere would hardly ever be met there.
    return Array.from({ length: layer === 'gateway' ? 1 : 2 }, () => ({ kind, sites: there }));
  });
}

/** A payer is asked, and a payment is approved in part or later, when it is authorised. */
const authorizing: ReadonlySet<FaultKind> = new Set([
  '3ds-required',
  '3ds-abandoned',
  '3ds-challenge',
  'pending',
  'partial-approval',
]);

/** Whether `kind` has its usual meaning at `site`. */
export function isMeant(kind: FaultKind, site: Site): boolean {
  return site === 'gateway.authorize' || !authorizing.has(kind);
}

const resolving: readonly Site[] = [
  ...(['gateway.void', 'gateway.void', 'gateway.refund', 'gateway.refund'] as const),
  ...(['gateway.lookup', 'gateway.lookup', 'gateway.lookup-refund'] as const),
  'inventory.release',
  'oncall.page',
];

const sitesOf: Readonly<Record<ShopCarrier, readonly Site[]>> = {
  checkout: [
    ...(['client.checkout', 'client.checkout'] as const),
    ...(['saga.open', 'saga.save', 'saga.save', 'saga.save', 'saga.leave', 'saga.renew'] as const),
    ...(['store.claim', 'store.complete', 'store.complete', 'store.suspend', 'store.fail'] as const),
    ...([
      'inventory.reserve',
      'inventory.reserve',
      'shipping.ship',
      'shipping.ship',
      'shipping.ship',
    ] as const),
    ...(['gateway.authorize', 'gateway.authorize', 'gateway.authorize'] as const),
    ...(['gateway.capture', 'gateway.capture', 'gateway.capture'] as const),
    ...([
      'ledger.commit',
      'ledger.commit',
      'velocity.reserve',
      'velocity.reserve',
      'velocity.confirm',
    ] as const),
    ...(['verdicts.keep', 'verdicts.read', 'clock.sleep'] as const),
    ...resolving,
  ],
  refund: [
    'client.refund',
    ...(['store.claim', 'store.complete', 'store.suspend'] as const),
    ...(['gateway.refund', 'gateway.refund', 'gateway.refund', 'gateway.refund'] as const),
    ...(['gateway.lookup-refund', 'gateway.lookup-refund', 'gateway.lookup'] as const),
    ...(['ledger.commit', 'ledger.commit', 'ledger.entries', 'ledger.totals', 'clock.sleep'] as const),
  ],
  reconcile: [
    'client.reconcile',
    ...(['gateway.report', 'gateway.report', 'gateway.redeliver', 'oncall.page'] as const),
    ...(['ledger.entries', 'ledger.commit', 'tickets.take', 'tickets.take', 'tickets.leave'] as const),
  ],
  sweep: [
    ...(['saga.list', 'saga.claim', 'saga.save', 'saga.save', 'saga.leave'] as const),
    ...(['store.list', 'store.claim', 'store.complete', 'store.suspend'] as const),
    ...(['inbox.claim', 'inbox.finish', 'inbox.finish', 'inbox.postpone'] as const),
    ...(['ledger.commit', 'ledger.commit', 'outbox.claim', 'outbox.settle'] as const),
    ...(['gateway.capture', 'shipping.ship'] as const),
    ...resolving,
  ],
  delivery: [
    ...(['webhook.deliver', 'webhook.deliver', 'webhook.deliver'] as const),
    ...(['inbox.receive', 'inbox.receive', 'inbox.receive', 'inbox.finish', 'ledger.commit'] as const),
    // What a process does about an announcement it does in the name of the delivery.
    ...(['gateway.refund', 'gateway.refund', 'gateway.lookup-refund', 'saga.save'] as const),
    ...(['gateway.lookup', 'saga.read'] as const),
  ],
  row: ['gateway.report'],
};
