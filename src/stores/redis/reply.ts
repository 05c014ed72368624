// Reads what scripts answer. Redis has no types beyond texts and lists: a record comes back as its fields, name and value in
// turn, and each store says which of them are numbers.

import { StoreUnavailableError } from '../../errors/payment-error.ts';

/** What a field holds: text as it is, a number, `1` or `0`, or JSON. */
export type FieldKind = 'text' | 'number' | 'flag' | 'json';

/** How each field of a record is read; what is absent in the reply is absent in the record. */
export type FieldKinds<Row> = { readonly [Name in keyof Required<Row>]: FieldKind };

/** A list in a reply. */
export function listIn(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw unreadable('a list');
}

/** A text in a reply. */
export function textIn(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  throw unreadable('a text');
}

/** A number that a script printed with all its digits, or one that the server counted. */
export function numberIn(reply: unknown): number {
  if (typeof reply === 'number') return reply;
  return Number(textIn(reply));
}

/** Whether a script answered 1, which is how it says yes. */
export function flagIn(reply: unknown): boolean {
  return numberIn(reply) === 1;
}

/** What `read` makes of a reply, or null where the script found nothing. */
export function nullable<Value>(reply: unknown, read: (reply: unknown) => Value): Value | null {
  return reply === null ? null : read(reply);
}

/** The fields of a record by name. */
export function fieldsIn(reply: unknown): ReadonlyMap<string, string> {
  const flat = listIn(reply);
  const fields = new Map<string, string>();
  for (let at = 0; at < flat.length; at += 2) fields.set(textIn(flat[at]), textIn(flat[at + 1]));
  return fields;
}

/** A reader of records whose fields are as `kinds` says; other fields belong to the driver and are left out. */
export function recordReader<Row>(kinds: FieldKinds<Row>): (reply: unknown) => Row {
  const known = new Map(Object.entries<FieldKind>(kinds));
  return (reply) => {
    const row: Record<string, unknown> = {};
    for (const [name, value] of fieldsIn(reply)) {
      const kind = known.get(name);
      if (kind !== undefined) row[name] = fieldValue(kind, value);
    }
    return row as Row;
  };
}

function fieldValue(kind: FieldKind, value: string): unknown {
  switch (kind) {
    case 'text':
      return value;
    case 'number':
      return Number(value);
    case 'flag':
      return value === '1';
    case 'json':
      return JSON.parse(value);
  }
}

/** The answer is not ours: the operation may have been applied. */
function unreadable(expected: string): StoreUnavailableError {
  return new StoreUnavailableError(`redis: the answer is not ${expected}, so it is not from our script`);
}
