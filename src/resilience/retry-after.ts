// The Retry-After header as a delay.

/**
 * Reads a raw Retry-After header: whole seconds or an HTTP date (RFC 9110, 10.2.3), judged at `wallMs`.
 * Returns milliseconds ≥ 0, or undefined for anything else: garbage is ignored, not obeyed.
 */
export function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Z][a-z]{2,8},? .*\d{4}/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallMs);
}
