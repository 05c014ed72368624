// Quantiles of a sample, and when not to speak of them.

/** So many values must lie beyond a quantile before it says more about the whole than about one of them. */
const fewestBeyond = 5;

/**
 * The `q`-quantile of `values` by the nearest rank: the smallest value that at least the share `q` of them do not
 * exceed. Undefined where fewer than five values lie on either side of it.
 */
export function quantile(values: readonly number[], q: number): number | undefined {
  // Rounded, because 0.99 × 500 is not 495 in floating point on every platform's whim.
  const beyond = Math.round(Math.min(q, 1 - q) * values.length * 1e9) / 1e9;
  if (beyond < fewestBeyond) return undefined;
  const rank = Math.ceil(Math.round(q * values.length * 1e9) / 1e9);
  return values.toSorted((a, b) => a - b)[rank - 1];
}
