// What the gateway did with a request, as a story tells it: first what its books say, then what it answered.

import type { DayReport } from '../../src/checkout/reconciliation.ts';
import type { BookedCharge, Crossing, Outcome } from '../history/history.ts';
import { printable } from './text.ts';
import { amountWords, codeInWords, errorWords, plural } from './words.ts';

interface SeenWire {
  readonly id?: unknown;
  readonly kind?: unknown;
  readonly status?: unknown;
  readonly code?: unknown;
  readonly replayed?: unknown;
  readonly charge?: { readonly id?: unknown };
}

/** A booking, such as `captured ch_1  $5.00`. */
export function bookingWords(charge: BookedCharge): string {
  const verb = charge.status === 'pending' ? 'opened' : charge.status;
  const capturedPart = charge.status === 'captured' && charge.capturedMinor !== charge.amountMinor;
  const amountMinor = capturedPart ? charge.capturedMinor : charge.amountMinor;
  return `${verb} ${printable(charge.id, 16)}  ${amountWords(amountMinor, charge.currency)}`;
}

/** What the gateway did without booking anything new; empty when the answer on the way back tells it already. */
export function effectWords(crossing: Crossing): string {
  const effect = crossing.effect ?? crossing.reply;
  if (effect === undefined) return '';
  switch (crossing.site) {
    case 'gateway.lookup':
      return `look-up: ${foundWords(effect)}`;
    case 'gateway.void':
    case 'gateway.refund':
    case 'gateway.capture':
      return effect.ok ? `${crossing.site.slice('gateway.'.length)} done` : errorWords(effect.error);
    case 'gateway.report':
      return effect.ok ? rowsWords(effect.value) : answerOf(effect);
    default:
      return answerOf(effect);
  }
}

/** What came back to the service, for an answer that is told on a line of its own. */
export function replyWords({ site, reply }: Crossing): string {
  if (reply === undefined) return 'no answer';
  if (!reply.ok) return errorWords(reply.error);
  if (site === 'gateway.report') return rowsWords(reply.value);
  return site === 'gateway.lookup' ? foundWords(reply) : (chargeIdOf(reply) ?? answerOf(reply));
}

function rowsWords(reports: unknown): string {
  const rows = (reports as readonly DayReport[]).flatMap((report) => report.rows);
  return plural(rows.length, 'row');
}

function answerOf(effect: Outcome): string {
  if (!effect.ok)
    return effect.error.sealed ? `replays ${errorWords(effect.error)}` : errorWords(effect.error);
  const seen = wireOf(effect.value);
  const words = chargeIdOf(effect) ?? (typeof seen.code === 'string' ? codeInWords(seen.code) : '');
  if (words === '') return typeof seen.status === 'number' && seen.status >= 400 ? String(seen.status) : '';
  return seen.replayed === true || chargeIdOf(effect) !== undefined ? `replays ${words}` : words;
}

function foundWords(outcome: Outcome): string {
  if (!outcome.ok) return errorWords(outcome.error);
  const { kind } = wireOf(outcome.value);
  if (kind === 'found') return `found ${chargeIdOf(outcome) ?? 'it'}`;
  if (kind === 'absent') return 'nothing there';
  if (kind === 'answered') return 'failed before';
  return typeof kind === 'string' ? printable(kind, 16) : 'done';
}

function chargeIdOf(outcome: Outcome): string | undefined {
  if (!outcome.ok) return undefined;
  const { id, charge } = wireOf(outcome.value);
  const found = typeof charge?.id === 'string' ? charge.id : id;
  return typeof found === 'string' ? printable(found, 16) : undefined;
}

function wireOf(value: unknown): SeenWire {
  return typeof value === 'object' && value !== null ? (value as SeenWire) : {};
}
