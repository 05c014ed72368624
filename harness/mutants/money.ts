// Planted bugs about amounts.

import { everywhere, type Mutant, type Planted, plant } from './mutant.ts';

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
];

/** Planted bugs about amounts. */
export const moneyMutants: readonly Mutant[] = planted.map(plant);
