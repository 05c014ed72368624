// What must be equal between a run in the simulated tier and a run of the same case through msw, and what need not.

import type { RunResult } from '../run.ts';

/**
 * A run as data, without what the tiers may differ in: the words of errors, the tier's name with the digests that
 * cover both, and the class of an error whose status Stripe's SDK does not tell (an answer that is not JSON, such as
 * a 409 without a body).
 */
export function comparable({ history, broken, marks }: RunResult): unknown {
  const { crossings, incidents, books, deadlocked, events, terms } = history;
  const { tier: _, ...promised } = terms;
  return plain({ crossings, incidents, books, deadlocked, events, promised, broken, marks });
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== 'message' && name !== 'cause');
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

function plainText(text: string): unknown {
  // Bodies and stored results hold errors as JSON text.
  if (text.startsWith('{')) return plain(JSON.parse(text));
  if (text === 'gateway_busy') return 'gateway_error';
  return text === 'GatewayBusyError' ? 'GatewayServerError' : text;
}
