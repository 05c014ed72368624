// The vocabulary of stories: what codes, answers, amounts and durations are called when a person reads them.

import { displayMoney } from '../../src/kernel/money.ts';
import type { Answer, SeenError } from '../history/history.ts';
import { printable } from './text.ts';

/** An amount for people, such as `$5.00`; an amount that is not valid money is shown as it came. */
export function amountWords(amountMinor: number, currency: string): string {
  try {
    return displayMoney({ amountMinor, currency });
  } catch {
    return `${amountMinor} ${printable(currency, 8)} (minor units)`;
  }
}

/** A span of virtual time: milliseconds below one second, else seconds to as many decimals as a reader needs, at last hours. */
export function durationWords(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1000) return `${ms} ms`;
  if (size >= hoursFromMs) return `${(ms / 3_600_000).toFixed(1).replace(/\.0$/, '')} h`;
  return `${(ms / 1000).toFixed(size < 10_000 ? 2 : 1).replace(/\.0+$/, '')} s`;
}

/** Ten hours: from then on nobody counts in seconds. */
const hoursFromMs = 36_000_000;

/** A whole number with thin groups, such as `12 000`. */
export function countWords(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

/** `1 request`, `2 requests`. */
export function plural(count: number, noun: string): string {
  return `${countWords(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const codeWords: ReadonlyMap<string, string> = new Map([
  ['network_error', 'connection lost'],
  ['gateway_timeout', 'timed out'],
  ['gateway_error', '500'],
  ['gateway_busy', '409 in progress'],
  ['gateway_rejected', '400 rejected'],
  ['gateway_key_reuse', '400 key reused'],
  ['rate_limited', '429'],
  ['rate_limit', '429'],
  ['card_declined', 'declined'],
  ['insufficient_funds', 'no funds'],
  ['authentication_required', '3-D Secure'],
  ['payment_pending', 'pending'],
  ['processing', 'pending'],
  ['not_charged', 'not charged'],
  ['outcome_unknown', 'unknown'],
  ['idempotency_conflict', 'conflict'],
  ['idempotency_in_progress', 'in progress'],
  ['idempotency_key_in_use', '409 in progress'],
  ['idempotency_error', '400 key reused'],
  ['lease_lost', 'lease lost'],
  ['store_unavailable', 'store down'],
  ['service_refused', 'refused'],
  ['validation_error', 'invalid'],
  ['api_error', '500'],
]);

/** A stable error code in a few words; an unknown one with spaces. */
export function codeInWords(code: string): string {
  return codeWords.get(code) ?? printable(code.replaceAll('_', ' '), 20);
}

/** An error as somebody saw it. */
export function errorWords(error: SeenError): string {
  return codeInWords(error.code);
}

/** What a client was told, in a few words. */
export function answerWords(answer: Answer): string {
  const again = 'replayed' in answer && answer.replayed ? ' again' : '';
  switch (answer.kind) {
    case 'ok':
      return `ok ${printable(answer.chargeId, 12)}${again}`;
    case 'failed':
      return `${codeInWords(answer.code)}${again}`;
    case 'pending':
      return 'pending';
    case 'unknown':
      return 'unknown';
    case 'rejected':
      return codeInWords(answer.code);
  }
}
