// Planted bugs about amounts.

import type { ChargeIntent } from '../history/history.ts';
import { everywhere, type Mutant, type Planted, plant } from './mutant.ts';
import { around, type ChargeOperation } from './replace.ts';

/** Sends a purchase after it has been changed. */
function sending(change: (intent: ChargeIntent) => ChargeIntent): Planted['parts'] {
  return { send: (operation) => (intent, call) => operation(change(intent), call) };
}

/** The request lies in a variable of the service while the payment is made ready. */
const sharedVariable: Planted['parts'] = {
  layers: ({ idempotent }) => {
    let current: ChargeIntent | undefined;
    return {
      idempotent: around(idempotent, (operation) => (intent, call) => {
        current = intent;
        return operation(intent, call);
      }),
      timer: Object.assign(
        (next: ChargeOperation): ChargeOperation =>
          (intent, call) =>
            next(current ?? intent, call),
        {
          kind: 'timer' as const,
        },
      ),
    };
  },
};

const planted: readonly Planted[] = [
  {
    id: 'zero-decimal-currency-times-100',
    class: 'money',
    mistake: 'every amount is multiplied by 100, currencies without decimals included',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 0 }),
    parts: {
      send: (operation) => (intent, call) =>
        operation(
          intent.currency === 'JPY' ? { ...intent, amountMinor: intent.amountMinor * 100 } : intent,
          call,
        ),
    },
  },
  {
    id: 'amount-through-floating-point',
    class: 'money',
    mistake: 'the amount passes through major units and is not rounded back',
    exposure: everywhere({ breaks: 'S19', requests: 1, faults: 0 }),
    parts: {
      send: (operation) => (intent, call) =>
        operation({ ...intent, amountMinor: (intent.amountMinor / 100) * 100.1 }, call),
    },
  },
  {
    id: 'partial-approval-told-as-full',
    class: 'money',
    mistake: 'the client is told the amount that it asked for, not the one that was captured',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 1 }),
    parts: {
      send: (operation) => async (intent, call) => {
        const result = await operation(intent, call);
        return { ...result, capturedMinor: result.amountMinor };
      },
    },
  },
  {
    id: 'amount-truncated-to-cents',
    class: 'money',
    mistake: 'the amount passes through major units, and what floating point loses is cut off',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 0 }),
    parts: sending((intent) => ({ ...intent, amountMinor: Math.trunc((intent.amountMinor / 100) * 100) })),
  },
  {
    id: 'three-decimal-currency-divided-by-ten',
    class: 'money',
    mistake: 'every currency is taken to have two decimals, those with three included',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 0 }),
    parts: sending((intent) =>
      intent.currency === 'KWD' ? { ...intent, amountMinor: Math.ceil(intent.amountMinor / 10) } : intent,
    ),
  },
  {
    id: 'currency-of-the-house',
    class: 'money',
    mistake: 'every purchase is charged in the currency that the shop began with',
    exposure: everywhere({ breaks: 'S19', requests: 1, faults: 0 }),
    parts: sending((intent) => ({ ...intent, currency: 'USD' })),
  },
  {
    id: 'request-in-a-shared-variable',
    class: 'money',
    mistake: 'the request lies in a variable of the service, where the next one overwrites it',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 0 }),
    parts: sharedVariable,
  },
];

/** Planted bugs about amounts. */
export const moneyMutants: readonly Mutant[] = planted.map(plant);
