// The cases that speed is measured on. They are committed as data, so that a change of the generator moves no figure.

import { readFileSync } from 'node:fs';
import type { Case } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';

/** At least this many requests are sent in every case of the corpus, the closing question of each client aside. */
export const fewestRequests = 10;

/** At least this many boundary events happen in every case of the corpus. */
export const fewestEvents = 60;

/** At least so much happens in every case of the corpus of orders; webhooks are counted by their events. */
export const fewestOfShop = { checkouts: 3, refunds: 2, webhooks: 5, reconciliations: 1 } as const;

/**
 * Reads the corpus of charges.
 *
 * @throws CaseError when a case in it can no longer be carried out.
 */
export function corpus(): readonly Case[] {
  return read('corpus.json');
}

/**
 * Reads the corpus of orders.
 *
 * @throws CaseError when a case in it can no longer be carried out.
 */
export function shopCorpus(): readonly Case[] {
  return read('shop-corpus.json');
}

function read(name: string): readonly Case[] {
  const values: readonly unknown[] = JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
  return values.map((value, index) => checkCase(value, `${name}[${index}]`));
}
