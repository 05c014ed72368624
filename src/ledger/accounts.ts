// The accounts that payments need. Money that the gateway holds for the merchant is an asset; where it came from and
// went to are the other sides.

/** The name of a standard account. */
export type Account = (typeof standardAccounts)[keyof typeof standardAccounts];

/** Accounts that every ledger has. Debits count up in them, credits down. */
export const standardAccounts = {
  /** What the gateway holds for the merchant. */
  clearing: 'gateway-clearing',
  /** What payers paid: credited at each capture. */
  captured: 'captured',
  /** What payers got back of the merchant's own will. */
  refunded: 'refunded',
  /** What the card schemes took back. */
  disputed: 'disputed',
  /** What the gateway charges for its service. */
  fees: 'fees',
} as const;
