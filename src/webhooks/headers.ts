// Headers arrive from anybody. What is read of them is one value of bounded length, or they are refused: two values for
// one name mean that somebody between the sender and here disagrees with us about which one counts.

import { WebhookSignatureError } from '../errors/payment-error.ts';

/**
 * Headers of a webhook: what fetch calls `Headers`, or a record such as Node's `IncomingMessage.headers`, whose
 * names may be spelled in any case.
 */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Longest value that is read, in characters: 8 KiB, the limit of common HTTP servers for all headers together. */
const maxHeaderLength = 8_192;

/**
 * The one value of header `name` (lower case), or undefined when there is none.
 *
 * @throws WebhookSignatureError when it has several values, is no text, or is longer than 8 KiB.
 */
export function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  const values = valuesOf(headers, name);
  if (values.length > 1) refuse(name, `has ${values.length} values; exactly one is expected`);
  const [value] = values;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return refuse(name, 'is no text');
  if (value.length > maxHeaderLength) {
    return refuse(name, `is ${value.length} characters long, at most ${maxHeaderLength} are read`);
  }
  return value.trim();
}

/**
 * The one value of header `name` (lower case).
 *
 * @throws WebhookSignatureError as {@link headerOf}, and when it is missing or empty.
 */
export function requiredHeader(headers: WebhookHeaders, name: string): string {
  return headerOf(headers, name) || refuse(name, 'is missing; every delivery of this sender carries it');
}

function valuesOf(headers: WebhookHeaders, name: string): readonly unknown[] {
  if (typeof headers !== 'object' || headers === null)
    return refuse(name, 'cannot be read: there are no headers');
  if (isGettable(headers)) return present(headers.get(name));
  const values: unknown[] = [];
  for (const key of Object.keys(headers)) {
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    values.push(...present(headers[key]));
  }
  return values;
}

function isGettable(headers: WebhookHeaders): headers is { get(name: string): string | null } {
  return typeof headers['get'] === 'function';
}

function present(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function refuse(name: string, why: string): never {
  throw new WebhookSignatureError(`webhook: header ${name} ${why}`);
}
