// Between a case and its text. Cases are committed beside the code that they once broke and edited by hand, so
// reading says exactly what is wrong, and writing always gives the same text for the same case.

import { z } from 'zod';
import { type Case, caseSchema } from './case.ts';
import { CaseError } from './case-error.ts';
import { findJsonFault } from './json-fault.ts';
import { printJson } from './print-json.ts';
import { schemaProblems } from './schema-problems.ts';
import { semanticProblems } from './semantics.ts';

// The version of the case schema that this paystorm reads and writes.
const caseVersion = 1;

/**
 * Reads a case from its JSON text. `file` is only named in errors.
 *
 * @throws CaseError when it is not JSON, of another version, of the wrong shape, or cannot be carried out.
 */
export function decodeCase(text: string, file?: string): Case {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new CaseError([jsonProblem(body, cause)], file);
  }
  return checkCase(value, file);
}

/**
 * Takes a plain JSON value for a case, its members put into the schema's order. `file` is only named in errors.
 *
 * @throws CaseError as {@link decodeCase} does.
 */
export function checkCase(value: unknown, file?: string): Case {
  const version = versionProblem(value);
  if (version !== undefined) throw new CaseError([version], file);
  const parsed = caseSchema.safeParse(value);
  if (!parsed.success) throw new CaseError(schemaProblems(parsed.error, value), file);
  const problems = semanticProblems(parsed.data);
  if (problems.length > 0) throw new CaseError(problems, file);
  return parsed.data;
}

/**
 * The text of a case: members in the schema's order, empty lists and objects left out, a newline at the end.
 * Equal cases give equal texts, whatever order their members were made in.
 *
 * @throws CaseError when it is not a case.
 */
export function encodeCase(value: Case): string {
  return printJson(withoutEmpty(checkCase(value)));
}

/** The JSON Schema of a case (draft 2020-12), as it is published in `case.schema.json`. */
export function caseJsonSchema(): unknown {
  return {
    title: 'paystorm case',
    description: 'One simulated run: requests, faults and schedule in one value.',
    ...z.toJSONSchema(caseSchema, { target: 'draft-2020-12' }),
  };
}

function jsonProblem(text: string, cause: unknown): string {
  if (text.trim() === '') return 'it is empty; restore the file or delete it';
  const fault = findJsonFault(text);
  if (fault === undefined) return `it is not JSON: ${String(cause)}; correct the file`;
  const place = `line ${fault.line}, column ${fault.column}`;
  return fault.truncated
    ? `it ends too early, at ${place}: the file was cut off; restore it, or save the case again`
    : `it is not JSON from ${place} on; correct it there`;
}

function versionProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `it is not an object; a case looks like { "paystorm": ${caseVersion}, "target": …, "steps": […] }`;
  }
  if (!('paystorm' in value)) {
    return `it has no member "paystorm", which says the schema's version; add "paystorm": ${caseVersion} if it is a case`;
  }
  const version = value.paystorm;
  if (version === caseVersion) return undefined;
  if (typeof version === 'number' && Number.isInteger(version) && version > caseVersion) {
    return `it was written by a newer paystorm (schema ${version}, this one reads ${caseVersion}); upgrade paystorm to use it`;
  }
  return `paystorm: ${JSON.stringify(version)} is no schema version that ever existed; known is ${caseVersion}`;
}

/** Leaves out members that hold nothing; they mean the same as absent ones. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (name === 'background' && typeof member === 'object' && member !== null) {
      kept.push([name, withoutEmpty(sortedByName(member))]);
    } else kept.push([name, withoutEmpty(member)]);
  }
  return Object.fromEntries(kept.filter(([name, member]) => name === 'steps' || !isEmpty(member)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function sortedByName(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)),
  );
}
