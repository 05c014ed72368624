// Convinces by sending an instance of every class of the family, found by looking and not by a list that somebody
// has to keep, through JSON text and comparing all that a caller can see of it.

import { describe, expect, it } from 'vitest';
import * as family from './payment-error.ts';
import { type ErrorDetails, InsufficientFundsError, PaymentError } from './payment-error.ts';
import { deserialiseError, type SerialisedError, serialiseError } from './serialise.ts';

type ErrorClass = new (
  message: string,
  details: ErrorDetails & { readonly effect: 'none' | 'unknown' },
) => PaymentError;

const classes = Object.entries(family as Readonly<Record<string, unknown>>).filter(
  (entry): entry is [string, ErrorClass] =>
    typeof entry[1] === 'function' && entry[1].prototype instanceof PaymentError,
);
const details = {
  effect: 'unknown',
  retryAfter: '7',
  sealed: true,
  gatewayId: 'pay_1',
  declineCode: 'do_not_honor',
} as const;

function stored(error: PaymentError): SerialisedError {
  return JSON.parse(JSON.stringify(serialiseError(error))) as SerialisedError;
}

describe('a failure that went through a store', () => {
  it('has a family to be tried on', () => {
    expect(classes.length).toBeGreaterThan(15);
  });

  it.each(classes)('is of the same class and says the same: %s', (name, ErrorClass) => {
    for (const error of [
      new ErrorClass('what happened', details),
      new ErrorClass('bare', { effect: 'none' }),
    ]) {
      const back = deserialiseError(stored(error));
      expect(back).toBeInstanceOf(ErrorClass);
      expect(back).toBeInstanceOf(PaymentError);
      expect(back).toBeInstanceOf(Error);
      expect(back.constructor).toBe(ErrorClass);
      expect(back.name).toBe(name);
      expect({ ...back, message: back.message }).toEqual({ ...error, message: error.message });
      expect(String(back)).toBe(String(error));
      expect(serialiseError(back)).toEqual(serialiseError(error));
    }
  });

  it('leaves behind the cause and the stack, which may hold what must not be stored', () => {
    const error = new InsufficientFundsError('declined', { cause: new Error('card 4242') });
    const text = JSON.stringify(serialiseError(error));
    expect(text).not.toContain('4242');
    expect(text).not.toContain('serialise.test');
    expect(deserialiseError(stored(error)).cause).toBeUndefined();
  });

  it.each(['FutureError', 'toString', 'constructor', '__proto__', 'Error'])(
    'keeps code and effect of a class that this version does not know: %s',
    (name) => {
      const error = new InsufficientFundsError('from a newer version');
      const back = deserialiseError({ ...serialiseError(error), name });
      expect(back.constructor).toBe(PaymentError);
      expect(back).toMatchObject({ name, code: 'insufficient_funds', effect: 'final', retriable: false });
    },
  );
});
