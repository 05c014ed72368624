// What the person at the keyboard, or the CI job, can put right. Shown as one line, without a stack trace.

import { nearest } from '../cases/nearest.ts';
import { printable } from '../report/text.ts';

/** Bad usage, configuration or environment: exit code 2. The message says what is wrong and what would be right. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** What kind of name was expected, for the message, and the names that are known. */
export interface Known<Name extends string = string> {
  /** Such as `verb` or `--tier`. */
  readonly what: string;
  readonly names: readonly Name[];
}

/** The error for a name that is not known: what was given, and what is known, the nearest match first. */
export function unknownName(given: string, { what, names }: Known): UsageError {
  const near = nearest(given, names);
  const listed = near === undefined ? names : [near, ...names.filter((name) => name !== near)];
  const meant = near === undefined ? '; known:' : `: did you mean ${near}? Known:`;
  return new UsageError(`unknown ${what} ${quoted(given)}${meant} ${listed.join(', ')}`);
}

/** The name if it is known. @throws UsageError otherwise. */
export function knownName<Name extends string>(given: string, known: Known<Name>): Name {
  const name = known.names.find((candidate) => candidate === given);
  if (name === undefined) throw unknownName(given, known);
  return name;
}

/** Text from the command line as it is shown back: safe to print, and short. */
export function quoted(text: string): string {
  return `"${printable(text, 40)}"`;
}
