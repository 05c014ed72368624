// The services beside the gateway, with books of their own: the inventory, the carrier, and whoever is on call. Each does
// what it is asked once for each key, and answers a repetition with what it did.

import type { Inventory, ServiceRequest, Shipping } from '../../src/checkout/services.ts';
import { NetworkError, PaymentError } from '../../src/errors/payment-error.ts';
import type { Injection, WireFailure } from '../faults/decide.ts';
import type { BookedPage, BookedReservation, BookedShipment } from '../history/shop.ts';
import type { Site } from '../history/sites.ts';
import type { Boundary, FarSide } from '../world/boundary.ts';

/** The services of a run. */
export interface Services {
  /** A process's way to all of them. */
  connect(boundary: Boundary, process: string): ConnectedServices;
  readonly books: () => ServiceBooks;
}

/** The services as a process has them. */
export interface ConnectedServices {
  readonly inventory: Inventory;
  readonly shipping: Shipping;
  page(about: string): Promise<void>;
}

/** What the services have in their books. */
export interface ServiceBooks {
  readonly reservations: readonly BookedReservation[];
  readonly shipments: readonly BookedShipment[];
  readonly pages: readonly BookedPage[];
}

/** Services that have done nothing yet. */
export function services(far: FarSide): Services {
  const store = inventoryBooks(far);
  const shipments = new Map<string, BookedShipment & { readonly shipment: string }>();
  const pages: BookedPage[] = [];

  const ship = (request: ServiceRequest, inject: Injection | undefined): { readonly shipment: string } => {
    const known = shipments.get(request.idempotencyKey);
    if (known !== undefined) return { shipment: known.shipment };
    refuseIf(inject, `The carrier does not take order ${request.order}`);
    const shipment = `shp_${shipments.size + 1}`;
    const { idempotencyKey, order } = request;
    shipments.set(idempotencyKey, { idempotencyKey, order, shipment, at: far.instant() });
    return { shipment };
  };

  return {
    connect({ cross }, process) {
      const call = <Request extends object, Reply>(
        site: Site,
        asked: Request,
        act: (request: Request, inject: Injection | undefined) => Reply,
      ): Promise<Reply> => {
        const request = { ...asked };
        return cross({
          site,
          request,
          apply: (inject) => act(request, inject),
          fail: (failure) => broken(site, failure),
        });
      };
      return {
        inventory: {
          reserve: (request) => call('inventory.reserve', request, store.reserve),
          release: (request) => call('inventory.release', request, store.release),
        },
        shipping: {
          // A copy, so that nobody reaches into the history through what he was given.
          ship: async (request) => ({ ...(await call('shipping.ship', request, ship)) }),
        },
        page: (about) =>
          call('oncall.page', { about }, (_, inject) => {
            refuseIf(inject, 'Nobody who is on call answers');
            pages.push({ about, process, at: far.instant() });
          }),
      };
    },
    books: () => ({
      reservations: store.reservations(),
      shipments: [...shipments.values()].map(({ shipment: _, ...booked }) => booked),
      pages,
    }),
  };
}

interface InventoryBooks {
  reserve(request: ServiceRequest, inject: Injection | undefined): void;
  release(request: ServiceRequest, inject: Injection | undefined): void;
  reservations(): readonly BookedReservation[];
}

/**
 * An order whose goods were let go is never held again: a reservation that the network held up, and that arrives behind
 * its own release, would be nobody's to let go.
 */
function inventoryBooks(far: FarSide): InventoryBooks {
  const reservations = new Map<string, BookedReservation>();
  const closed = new Set<string>();
  return {
    reserve({ idempotencyKey, order }, inject) {
      if (reservations.has(idempotencyKey)) return;
      refuseIf(inject, `There are no goods for order ${order}`);
      if (closed.has(order)) throw refusal(`Order ${order} was let go before its goods were held`);
      reservations.set(idempotencyKey, { idempotencyKey, order, at: far.instant() });
    },
    release({ order }, inject) {
      if (closed.has(order)) return;
      refuseIf(inject, `The goods of order ${order} cannot be let go`);
      closed.add(order);
      for (const [key, held] of reservations) {
        if (held.order === order) reservations.set(key, { ...held, releasedAt: far.instant() });
      }
    },
    reservations: () => [...reservations.values()],
  };
}

function refuseIf(inject: Injection | undefined, because: string): void {
  if (inject?.kind === 'service-refuses') throw refusal(because);
}

/** A definite no: nothing happened, and asking again is no use. */
function refusal(because: string): PaymentError {
  return new PaymentError(`${because}: nothing was done.`, {
    code: 'service_refused',
    retriable: false,
    effect: 'none',
  });
}

function broken(site: Site, failure: WireFailure): PaymentError {
  return failure === 'refused'
    ? new NetworkError(`${site}: the connection was refused, so nothing was sent. Try again later.`, {
        effect: 'none',
      })
    : new NetworkError(
        `${site}: the connection broke. It may have been done: ask again under the same key.`,
        {
          effect: 'unknown',
        },
      );
}
