// The drivers of all stores of a shop over one client, by the names under which their operations are recorded.

import type { IdempotencyStore } from '../../../src/idempotency/store.ts';
import type { ConnectedStores } from '../../shop/stores.ts';

/** Every store by the family of its sites; see `sites.ts`. */
export interface Drivers extends Omit<ConnectedStores, 'sagas'> {
  readonly store: IdempotencyStore;
  readonly saga: ConnectedStores['sagas'];
}

/** The families of sites that are stores. */
export const storeFamilies = [
  'store',
  'saga',
  'inbox',
  'ledger',
  'outbox',
  'velocity',
  'verdicts',
  'tickets',
] as const satisfies readonly (keyof Drivers)[];

/** Makes an operation of a driver by name. */
export function operate(
  drivers: Drivers,
  { family, name, asked }: { readonly family: string; readonly name: string; readonly asked: unknown },
): Promise<unknown> {
  const store = drivers[family as keyof Drivers] as unknown as
    | Readonly<Record<string, (given: unknown) => Promise<unknown>>>
    | undefined;
  const act = store?.[name];
  if (act === undefined) throw new RangeError(`no store has an operation ${family}.${name}`);
  return act(asked);
}
