// Puts the schema's findings into sentences that a person who edits a case by hand can act on.

import type { z } from 'zod';
import { stepSchema } from './case.ts';
import { nearest } from './nearest.ts';

const stepKinds = stepSchema.options.map((option) => option.shape.do.value);

/** One sentence per finding, each beginning with the path of the member it is about. */
export function schemaProblems(error: z.ZodError, value: unknown): string[] {
  return error.issues.map((issue) => {
    const where = issue.path.length === 0 ? 'at the top' : pathText(issue.path);
    return `${where}: ${sentence(issue, valueAt(value, issue.path))}`;
  });
}

function sentence(issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => `"${key}"`).join(', ');
    return `has no member ${names}; remove it or correct its name`;
  }
  if (issue.code === 'invalid_value') return choice(found, issue.values.map(String));
  if (issue.code === 'invalid_union') return choice(found, stepKinds);
  if (issue.code === 'invalid_type' && found === undefined)
    return `is missing; add ${article(issue.expected)}`;
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}, not ${describe(found)}`;
  if (issue.code === 'too_small')
    return `must be at least ${sized(issue.minimum, issue.origin)}, not ${describe(found)}`;
  if (issue.code === 'too_big')
    return `must be at most ${sized(issue.maximum, issue.origin)}, not ${describe(found)}`;
  if (issue.code === 'invalid_format' && 'pattern' in issue) {
    return `must match ${String(issue.pattern)}, not ${describe(found)}`;
  }
  return issue.message;
}

function choice(found: unknown, names: readonly string[]): string {
  const list = names.join(', ');
  if (found === undefined) return `is missing; give one of ${list}`;
  const meant = typeof found === 'string' ? nearest(found, names) : undefined;
  return `${describe(found)} is unknown; ${meant === undefined ? '' : `did you mean "${meant}"? `}known are ${list}`;
}

function sized(limit: number | bigint, origin: string): string {
  if (origin === 'string') return `${limit} characters long`;
  return origin === 'array' ? `${limit} items long` : String(limit);
}

function article(expected: string): string {
  const name = expected === 'int' ? 'integer' : expected;
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z]\w*$/.test(String(part))) text += `${text === '' ? '' : '.'}${String(part)}`;
    else text += `["${String(part)}"]`;
  }
  return text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Readonly<Record<PropertyKey, unknown>>)[part];
  }
  return here;
}
