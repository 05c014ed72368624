// From a signed body to an event: what happened to which object. The body is the sender's, the mapping is the user's, and
// neither is trusted to make something that can be stored and found again.

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { validated } from '../edge/validated.ts';
import { PaymentError, ValidationError } from '../errors/payment-error.ts';
import { parseJson } from '../kernel/parse-json.ts';
import type { VerifiedWebhook } from './verifier.ts';

/** What an event is about, such as the payment `pi_1`. */
export interface EventObject {
  readonly kind: string;
  readonly id: string;
}

/** One event. Plain JSON; texts are 1 to 255 characters long. */
export interface WebhookEvent<Data = unknown> {
  /** The sender's id of the event: the same in every delivery of it. */
  readonly id: string;
  readonly type: string;
  readonly object: EventObject;
  /**
   * The change that is announced, such as `captured` or `refunded:re_1`: the same in every event that announces this change,
   * because two event ids can. With the object it names the effect.
   */
  readonly transition: string;
  /** The state in which the change left the object. Events without one are not ordered. */
  readonly status?: string;
  /** The object's version after the change, a whole number that grows. Leave it out where the sender has none. */
  readonly version?: number;
  /** When the sender made the event, milliseconds since the Unix epoch. */
  readonly createdAtMs?: number;
  /** What else the handler needs. Stored: no card data. */
  readonly data?: Data;
}

/** How to read events out of bodies. */
export interface EventMapping<Body, Data> {
  /** A Standard Schema (zod, valibot, arktype …) of the decoded JSON. */
  readonly schema: StandardSchemaV1<unknown, Body>;
  /** The event in a body, or null for one that this endpoint has no use for: it is answered 2xx and forgotten. */
  readonly eventOf: (body: Body, verified: VerifiedWebhook) => WebhookEvent<Data> | null;
}

/** Longest text that names something. */
const maxNameLength = 255;

/**
 * Reads events out of verified bodies. The returned function rejects with `ValidationError` when the body is not UTF-8, not JSON
 * or does not fit the schema, when a mapping throws, and when the event it made lacks a name. It is answered 4xx although the
 * sender is genuine: 2xx would tell the sender that the event is safe here, and it would be lost; the sender's repetitions and
 * its list of failures bring it back once the schema is mended.
 *
 * @throws ValidationError when the schema is no Standard Schema.
 */
export function eventReader<Body, Data>({
  schema,
  eventOf,
}: EventMapping<Body, Data>): (
  rawBody: Uint8Array,
  verified: VerifiedWebhook,
) => Promise<WebhookEvent<Data> | null> {
  const fitted = validated(schema, 'signed webhook body');
  return async (rawBody, verified) => {
    const body = await fitted(decode(rawBody));
    try {
      const event = eventOf(body, verified);
      return event === null ? null : checked(event);
    } catch (cause) {
      if (cause instanceof PaymentError) throw cause;
      throw new ValidationError('webhook: the body could not be mapped to an event; see the cause', {
        cause,
      });
    }
  };
}

function decode(rawBody: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch {
    // What the parser says quotes the body, which may hold what no message should.
    throw new ValidationError(
      'webhook: the body is signed, but is no JSON in UTF-8; look at what the sender sends',
    );
  }
}

function checked<Data>(event: WebhookEvent<Data>): WebhookEvent<Data> {
  const { id, type, object, transition, status, version, createdAtMs } = event;
  const names = { id, type, 'object.kind': object.kind, 'object.id': object.id, transition };
  for (const [name, value] of Object.entries({ ...names, ...(status === undefined ? {} : { status }) })) {
    const fits =
      typeof value === 'string' && value !== '' && value.length <= maxNameLength && value.isWellFormed();
    if (!fits)
      throw new ValidationError(
        `webhook: ${name} of the event must be a text of 1 to ${maxNameLength} characters`,
      );
  }
  for (const [name, value] of Object.entries({ version, createdAtMs })) {
    if (value === undefined || Number.isSafeInteger(value)) continue;
    throw new ValidationError(`webhook: ${name} of the event must be a whole number, or left out`);
  }
  return event;
}
