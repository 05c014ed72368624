// What payment code holds in place of a card number, so that neither its stores nor its logs are worth stealing.

/** Exchanges card numbers for tokens and back. In production this is a vault, or the gateway's own tokenisation. */
export interface Tokenizer {
  /**
   * The token of a card number: always the same one for the same number, and never something that could be taken for a
   * card number. Spaces and dashes within the number make no difference.
   *
   * @throws ValidationError when it is none; the message does not repeat it.
   */
  tokenise(cardNumber: string): Promise<string>;
  /**
   * The card number behind a token, as digits.
   *
   * @throws ValidationError when the token is not known.
   */
  detokenise(token: string): Promise<string>;
}
