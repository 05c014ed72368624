// Store operations in a story: one short note each, and none for those that went as anybody would expect.

import type { Crossing } from '../history/history.ts';
import { faultsOn } from './fault-words.ts';
import type { Note } from './row.ts';
import { shopStep } from './shop-words.ts';
import { errorWords } from './words.ts';

interface SeenRecord {
  readonly state?: string;
  readonly token?: number;
  readonly generation?: number;
}

interface SeenAnswer {
  readonly owned?: boolean;
  readonly written?: boolean;
  readonly record?: SeenRecord | null;
}

/**
 * The note for a store operation, or undefined when it is not worth telling. `insist` tells it anyway, because it
 * is evidence.
 */
export function storeNote(crossing: Crossing, insist: boolean): Note | undefined {
  const fault = ['there', 'back']
    .map((leg) => faultsOn(leg as 'there' | 'back', crossing.faults))
    .filter(Boolean)
    .join(', ');
  const told = outcomeOf(crossing);
  if (fault !== '') return { text: `${told.text} ✗ ${fault}`, bad: true };
  return told.eventful || insist ? { text: told.text, bad: told.bad } : undefined;
}

const operations: ReadonlyMap<string, string> = new Map([
  ['complete', 'store'],
  ['fail', 'store failure'],
  ['release', 'clear slot'],
  ['suspend', 'park it'],
  ['advance', 'next key'],
  ['renew', 'renew lease'],
]);

interface Told {
  readonly text: string;
  readonly eventful: boolean;
  readonly bad: boolean;
}

function outcomeOf(crossing: Crossing): Told {
  const { effect } = crossing;
  const shop = shopStep(crossing);
  if (shop !== undefined) {
    // A fault on this crossing says itself why it failed.
    if (effect?.ok === false && crossing.faults.length === 0)
      return { text: `${shop.text}: ${errorWords(effect.error)}`, eventful: true, bad: true };
    return { ...shop, bad: false };
  }
  const verb = crossing.site.slice('store.'.length);
  const plain = operations.get(verb) ?? verb;
  if (effect === undefined) return quiet(plain);
  if (!effect.ok) return { text: `${plain}: ${errorWords(effect.error)}`, eventful: true, bad: true };
  const answer = (effect.value ?? {}) as SeenAnswer;
  if (verb === 'claim') return claimed(answer);
  if (answer.written === false) return { text: `${plain}: refused`, eventful: true, bad: true };
  switch (verb) {
    case 'complete':
      return quiet('stores the result');
    case 'fail':
      return quiet(`stores ${failureOf(crossing)}`);
    case 'release':
      return eventful('clears the slot');
    case 'suspend':
      return eventful(`parks it as ${stateOf(crossing)}`);
    case 'advance':
      return eventful(`moves to key ${(answer.record?.generation ?? 0) + 1}`);
    case 'renew':
      return quiet('renews the lease');
    default:
      return quiet(verb === 'list' ? 'looks for work' : 'reads the record');
  }
}

function claimed({ owned, record }: SeenAnswer): Told {
  const token = record?.token ?? 1;
  if (owned === false) return eventful(`sees ${record?.state ?? 'taken'}`);
  return token > 1 ? eventful(`takes over, token ${token}`) : quiet('claims the key');
}

function stateOf({ request }: Crossing): string {
  return String((request as { readonly state?: unknown } | undefined)?.state ?? 'UNKNOWN');
}

function failureOf({ request }: Crossing): string {
  const failure = (request as { readonly failure?: { readonly code?: unknown } } | undefined)?.failure;
  return String(failure?.code ?? 'the failure').replaceAll('_', ' ');
}

function quiet(text: string): Told {
  return { text, eventful: false, bad: false };
}

function eventful(text: string): Told {
  return { text, eventful: true, bad: false };
}
