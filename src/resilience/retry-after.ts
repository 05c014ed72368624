// The Retry-After header as a delay.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const clock = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';

/** The three spellings of an HTTP date that a recipient must accept (RFC 9110, 5.6.7); all of them are in GMT. */
const datePatterns = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d{1,2}) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${clock} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\\d{2}) ${clock} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) +(?<day>\\d{1,2}) ${clock} (?<year>\\d{4})$`),
];

/**
 * Reads a raw Retry-After header: whole seconds or an HTTP date (RFC 9110, 10.2.3), judged at `wallMs`.
 * Returns milliseconds ≥ 0, or undefined for anything else: garbage is ignored, not obeyed.
 */
export function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  // An adapter may have passed on what it found, whatever the type says; and only these two are white space there.
  if (typeof header !== 'string') return undefined;
  const text = header.replace(/^[ \t]+|[ \t]+$/g, '');
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const dateMs = httpDateMs(text, wallMs);
  return dateMs === undefined ? undefined : Math.max(0, dateMs - wallMs);
}

/** `Date.parse` would not do: it takes any words before a number for a date, and some dates for local time. */
function httpDateMs(text: string, wallMs: number): number | undefined {
  for (const pattern of datePatterns) {
    const { day, month, year, hour, minute, second } = pattern.exec(text)?.groups ?? {};
    if (month === undefined || year === undefined) continue;
    const monthIndex = months.indexOf(month);
    if (monthIndex < 0) return undefined;
    const fullYear = year.length === 4 ? Number(year) : century(Number(year), wallMs);
    const date = { year: fullYear, monthIndex, day: Number(day) };
    return instant(date, { hour: Number(hour), minute: Number(minute), second: Number(second) });
  }
  return undefined;
}

/**
 * Undefined for a day or a time that no calendar has, where `Date.UTC` would go on into the next month. A minute may
 * have a leap second.
 */
function instant(
  { year, monthIndex, day }: { readonly year: number; readonly monthIndex: number; readonly day: number },
  { hour, minute, second }: { readonly hour: number; readonly minute: number; readonly second: number },
): number | undefined {
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, monthIndex, day);
  if (midnight.getUTCMonth() !== monthIndex || hour > 23 || minute > 59 || second > 60) return undefined;
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** Two digits that seem to lie over 50 years ahead are of the past (RFC 9110, 5.6.7). */
function century(twoDigits: number, wallMs: number): number {
  const present = new Date(wallMs).getUTCFullYear();
  const year = present - (present % 100) + twoDigits;
  return year > present + 50 ? year - 100 : year;
}
