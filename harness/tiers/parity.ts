// What must be equal between a run in the simulated tier and a run of the same case through msw, and what need not.

import type { RunResult } from '../run.ts';

/**
 * A run as data, without what the tiers may differ in: the words of errors, the tier's name with the digests that
 * cover both, the class of an error whose status Stripe's SDK does not tell (an answer that is not JSON, such as a 409
 * without a body), and when within an event something was logged.
 */
export function comparable({ history, broken, marks }: RunResult): unknown {
  const { crossings, incidents, books, deadlocked, events, terms } = history;
  const { tier: _, ...promised } = terms;
  const compared = { crossings, incidents, books, deadlocked, events, promised, broken, marks };
  return plain(compared, ranksOf(compared));
}

/**
 * The places in the total order that are left when those of logs and guards are taken out: a call that is given up is
 * logged where its abort has come through, which takes the SDK longer.
 */
function ranksOf(compared: unknown): ReadonlyMap<unknown, number> {
  const orders = new Set<number>();
  const gather = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === 'order' && typeof member === 'number') orders.add(member);
      else gather(member);
    }
  };
  gather(compared);
  return new Map([...orders].sort((a, b) => a - b).map((order, rank) => [order, rank]));
}

function plain(value: unknown, ranks: ReadonlyMap<unknown, number>): unknown {
  if (typeof value === 'string') return plainText(value, ranks);
  if (Array.isArray(value)) return value.map((item) => plain(item, ranks));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== 'message' && name !== 'cause');
  return Object.fromEntries(
    members.map(([name, member]) => [name, name === 'order' ? ranks.get(member) : plain(member, ranks)]),
  );
}

function plainText(text: string, ranks: ReadonlyMap<unknown, number>): unknown {
  // Bodies and stored results hold errors as JSON text.
  if (text.startsWith('{')) return plain(JSON.parse(text), ranks);
  if (text === 'gateway_busy') return 'gateway_error';
  return text === 'GatewayBusyError' ? 'GatewayServerError' : text;
}
