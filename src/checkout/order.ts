// What a client orders, as far as its payment is concerned.

import { validated } from '../edge/validated.ts';
import type { FraudContext } from '../fraud/rule.ts';
import type { OrderName } from './order-id.ts';
import { isName, isObject, type MemberCheck, recordSchema } from './record-schema.ts';

/** What the fraud rules are told of the payer. Tokens and fingerprints only. */
export type Payer = Omit<FraudContext, 'amountMinor' | 'currency' | 'paymentToken'>;

/** An order. Journalled as it is: a repetition of its name with another content is a conflict. */
export interface Order extends OrderName {
  /** Minor units of the currency, above 0. */
  readonly amountMinor: number;
  /** ISO 4217 code, upper case. */
  readonly currency: string;
  /** The tokenised payment method. */
  readonly paymentToken: string;
  readonly payer?: Payer;
}

const payerMembers = [
  'cardFingerprint',
  'customerId',
  'email',
  'ipAddress',
  'cardCountry',
  'ipCountry',
  'billingCountry',
  'avs',
  'cvv',
];

/** Texts under the names that the rules know, and nothing else: what is unknown would be journalled. */
const isPayer: MemberCheck = (value) =>
  isObject(value) &&
  Object.entries(value).every(([name, text]) => payerMembers.includes(name) && isName(text));

/** Holds what comes in to be an order. Rejects with `ValidationError`; members that an order does not have are dropped. */
export const checkedOrder: (value: unknown) => Promise<Order> = validated(
  recordSchema<Order>(
    {
      required: {
        scope: isName,
        key: isName,
        paymentToken: isName,
        amountMinor: Number.isSafeInteger,
        currency: isName,
      },
      optional: { payer: isPayer },
    },
    { moneyIn: true },
  ),
  'order',
);

/** What the rules are told of an order. */
export function contextOf({ amountMinor, currency, paymentToken, payer }: Order): FraudContext {
  return { ...payer, amountMinor, currency, paymentToken };
}
