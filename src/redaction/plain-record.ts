// Nearly all that is logged is a few texts and numbers under names, with nothing in it to redact, and copying it member by member
// only to throw the copy away takes several times as long as a glance.

import { mayHaveToChange } from './redact-text.ts';

/** Names are few and come with every record; so many are remembered. */
const mostNames = 1_000;
const harmless = new Set<string>();

/**
 * Whether there is surely nothing to redact in a value, because it is a plain object without getters whose members are texts and
 * numbers that hold nothing, alone or together. Quick, and sometimes wrongly no.
 */
export function isSurelyHarmless(value: object): boolean {
  try {
    return isHarmless(value as Readonly<Record<string, unknown>>);
  } catch {
    return false;
  }
}

function isHarmless(value: Readonly<Record<string, unknown>>): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype || value['toJSON'] !== undefined) return false;
  let numbers = 0;
  for (const name of Reflect.ownKeys(value)) {
    if (typeof name !== 'string' || !isHarmlessName(name)) return false;
    // It may answer otherwise the next time.
    if (Object.getOwnPropertyDescriptor(value, name)?.get !== undefined) return false;
    const member = value[name];
    if (typeof member === 'string') {
      if (mayHaveToChange(member)) return false;
      if (isDigit(member.charCodeAt(0))) numbers += 1;
    } else if (typeof member === 'number' && Math.abs(member) < shorterThanAnyCard) numbers += 1;
    else return false;
    // Two side by side may be parts of one.
    if (numbers > 1) return false;
  }
  return true;
}

const shorterThanAnyCard = 1e12;

function isHarmlessName(name: string): boolean {
  if (harmless.has(name)) return true;
  if (mayHaveToChange(name)) return false;
  if (harmless.size >= mostNames) harmless.clear();
  harmless.add(name);
  return true;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}
