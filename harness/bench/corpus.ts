// The cases that speed is measured on. They are committed as data, so that a change of the generator moves no figure.

import { readFileSync } from 'node:fs';
import type { Case } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';

const file = new URL('./corpus.json', import.meta.url);

/** At least this many requests are sent in every case of the corpus, the closing question of each client aside. */
export const fewestRequests = 10;

/** At least this many boundary events happen in every case of the corpus. */
export const fewestEvents = 60;

/**
 * Reads the corpus.
 *
 * @throws CaseError when a case in it can no longer be carried out.
 */
export function corpus(): readonly Case[] {
  const values: readonly unknown[] = JSON.parse(readFileSync(file, 'utf8'));
  return values.map((value, index) => checkCase(value, `corpus.json[${index}]`));
}
