// What a campaign is about: single charges, or orders with one part of a shop in the foreground. It decides which cases are
// drawn, which marks they have to reach and how much has to be judged. A case does not name it; it may be drawn under several.

/** See the file comment; `checkout` is the broad mix of orders. */
export const focuses = [
  'charge',
  'saga',
  'webhooks',
  'refunds',
  'reconciliation',
  'redaction',
  'fraud',
  'checkout',
] as const;

/** See {@link focuses}. */
export type Focus = (typeof focuses)[number];

/** What a campaign may be about: one of them, or all of them in one campaign. */
export type Suite = Focus | 'all';

/**
 * How many of a hundred cases of `all` are about each. A case of charges is by far the cheapest, and has the most marks to
 * reach.
 */
export const sharesOfAll: Readonly<Record<Focus, number>> = {
  charge: 50,
  saga: 14,
  webhooks: 11,
  refunds: 8,
  reconciliation: 6,
  redaction: 3,
  fraud: 4,
  checkout: 4,
};
