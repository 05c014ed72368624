// The span of time that a reconciliation answers for. Always UTC: a day of 23 or 25 hours would lose or double an hour.

import { ValidationError } from '../errors/payment-error.ts';

/** From `fromMs` up to, and not including, `toMs`; milliseconds since the Unix epoch. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const dayMs = 86_400_000;

/**
 * A day in UTC, such as `dayWindow('2026-03-29')`.
 *
 * @throws ValidationError for anything but an existing day, written YYYY-MM-DD.
 */
export function dayWindow(day: string): Window {
  const fromMs =
    typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day)
      ? Date.parse(`${day}T00:00:00.000Z`)
      : Number.NaN;
  const exists = Number.isFinite(fromMs) && new Date(fromMs).toISOString().startsWith(`${day}T`);
  if (exists) return { fromMs, toMs: fromMs + dayMs };
  throw new ValidationError(`dayWindow: ${shown(day)} is no day; write one such as "2026-03-29"`);
}

/**
 * The span of which both books must be read to reconcile `window`: one book may date a movement up to `lagMs` before or
 * after the other, and so beyond the window's ends.
 *
 * @throws ValidationError when the window is none.
 */
export function widened(window: Window, lagMs: number): Window {
  const { fromMs, toMs } = checkedWindow(window);
  return { fromMs: fromMs - lagMs, toMs: toMs + lagMs };
}

/** @throws ValidationError unless it begins before it ends, at whole milliseconds. */
export function checkedWindow(window: Window): Window {
  const { fromMs, toMs } = window;
  if (Number.isSafeInteger(fromMs) && Number.isSafeInteger(toMs) && fromMs < toMs) return window;
  throw new ValidationError(
    `reconcile: the window from ${fromMs} to ${toMs} is none; use dayWindow, or whole milliseconds in order`,
  );
}

/** Whether an instant lies in the window. */
export function isWithin({ fromMs, toMs }: Window, atMs: number): boolean {
  return atMs >= fromMs && atMs < toMs;
}

/** The beginning of a text; of anything else the type. */
function shown(day: unknown): string {
  return typeof day === 'string' ? JSON.stringify(day.slice(0, 32)) : `a ${typeof day}`;
}
