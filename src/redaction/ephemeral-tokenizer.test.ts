// Convinces over card numbers of every scheme: what comes back, and what the tokens look like to redaction and to Luhn.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { ephemeralTokenizer } from './ephemeral-tokenizer.ts';
import { redact } from './redact.ts';
import { cardNumberOf } from './testing.ts';

/** Natural numbers that choose. */
const choices = fc.array(fc.nat(9_999), { minLength: 24, maxLength: 24 });
const cardNumber = choices.map(cardNumberOf);

describe('the ephemeral tokenizer', () => {
  it('gives one token for one number, another for another, and the number back', async () => {
    const tokenizer = ephemeralTokenizer({ runtime: manualRuntime() });
    const tokens = new Map<string, string>();
    await fc.assert(
      fc.asyncProperty(cardNumber, async (digits) => {
        const token = await tokenizer.tokenise(digits);
        expect(await tokenizer.tokenise(digits.replace(/(.{4})/g, '$1 ').trim())).toBe(token);
        expect(await tokenizer.detokenise(token)).toBe(digits);
        expect(tokens.get(token) ?? digits).toBe(digits);
        tokens.set(token, digits);
        expect(token).toMatch(/^[^0-9]+$/);
        expect(redact(`charged ${token}`)).toBe(`charged ${token}`);
      }),
    );
  });

  it('makes tokens without digits out of any identifier', async () => {
    const tokenizer = ephemeralTokenizer({ runtime: { id: (prefix) => `${prefix}-4111111111111111` } });
    expect(await tokenizer.tokenise('5555555555554444')).toMatch(/^tok-[A-J]{16}$/);
    await expect(tokenizer.tokenise('378282246310005')).rejects.toThrow('same identifier twice');
  });

  it.each(['4111111111111112', '', '4111', 'x4111111111111111', '0000000000000000', '99'.repeat(30)])(
    'refuses %j without repeating it',
    async (text) => {
      const refusal = ephemeralTokenizer({ runtime: manualRuntime() }).tokenise(text);
      await expect(refusal).rejects.toThrow(ValidationError);
      await refusal.catch(({ message }: Error) => {
        if (text.length > 4) expect(message).not.toContain(text);
      });
    },
  );

  it('knows no token of another instance, and needs a runtime that makes identifiers', async () => {
    const token = await ephemeralTokenizer({ runtime: manualRuntime() }).tokenise('4111111111111111');
    const other = ephemeralTokenizer({ runtime: manualRuntime() });
    await expect(other.detokenise(token)).rejects.toThrow(ValidationError);
    expect(() => ephemeralTokenizer({ runtime: {} as never })).toThrow(ValidationError);
  });
});
