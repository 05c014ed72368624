// What tests expect of the invariants as a whole.

/** Invariants that are about orders alone, of which a suite of single charges has none. */
export const ofOrders: readonly string[] = [
  'S3',
  'S9',
  'S10',
  'S11',
  'S12',
  'S21',
  'S22',
  'S23',
  'S24',
  'W1',
  'W2',
  'W3',
  'W4',
  'L3',
  'L5',
];
