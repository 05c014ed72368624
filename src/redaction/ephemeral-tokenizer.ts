// A tokenizer for tests: it holds card numbers in memory as they are, and forgets them with the process.

import { ValidationError } from '../errors/payment-error.ts';
import { forgetful } from '../kernel/forgetful.ts';
import type { Chance } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import { isCardNumber } from './card-numbers.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * A tokenizer for tests only: card numbers stand in memory unencrypted, and another process knows none of the tokens.
 * Tokens are letters from the runtime's identifiers.
 *
 * @throws ValidationError when the runtime cannot make identifiers.
 */
export function ephemeralTokenizer({ runtime }: { readonly runtime: Pick<Chance, 'id'> }): Tokenizer {
  optionCheck('ephemeralTokenizer').runtime(runtime, ['id']);
  const tokens = new Map<string, string>();
  const cardNumbers = new Map<string, string>();

  return forgetful({
    async tokenise(cardNumber) {
      const digits = String(cardNumber).replace(/[ -]/g, '');
      if (!isCardNumber(digits)) {
        throw new ValidationError(
          'tokenise: this is not a card number; give 13 to 19 digits with an issuer’s prefix and a right check digit',
        );
      }
      const known = tokens.get(digits);
      if (known !== undefined) return known;
      const token = withoutDigits(runtime.id('tok'));
      if (cardNumbers.has(token)) {
        throw new ValidationError(
          'tokenise: the runtime gave the same identifier twice; ids have to be unique',
        );
      }
      tokens.set(digits, token);
      cardNumbers.set(token, digits);
      return token;
    },
    async detokenise(token) {
      const digits = cardNumbers.get(token);
      if (digits !== undefined) return digits;
      throw new ValidationError(
        'detokenise: this token is not known here; it was made by another tokenizer, or before a restart',
      );
    },
  });
}

/** Each digit as a capital letter: without digits no token can be a card number, or be redacted as one. */
function withoutDigits(id: string): string {
  return id.replace(/[0-9]/g, (digit) => String.fromCharCode(0x41 + Number(digit)));
}
