// How the shop reads what the gateway twin announces.

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { GatewayNews } from '../../src/checkout/gateway-news.ts';
import type { EventMapping } from '../../src/webhooks/event.ts';

/** An event as the provider writes it. */
export interface ProviderBody {
  readonly id: string;
  readonly type: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly data: { readonly object: ProviderObject };
}

interface ProviderObject {
  readonly object: 'payment' | 'refund' | 'dispute';
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly capturedMinor?: number;
  readonly chargeId?: string;
  readonly merchantReference?: string;
}

const schema: StandardSchemaV1<unknown, ProviderBody> = {
  '~standard': {
    version: 1,
    vendor: 'paystorm',
    validate: (value) =>
      isBody(value) ? { value } : { issues: [{ message: 'it is no event of the provider' }] },
  },
};

/** The mapping of the twin's events. Their envelope is that of Stripe. */
export const providerMapping: EventMapping<ProviderBody, GatewayNews> = {
  schema,
  eventOf({ id, type, created, data: { object } }) {
    const { object: kind, status, version, amountMinor, currency } = object;
    const { capturedMinor = 0, chargeId = object.id, merchantReference } = object;
    const reference = merchantReference === undefined ? {} : { merchantReference };
    const moved = kind === 'payment' ? capturedMinor : amountMinor;
    return {
      id,
      type,
      object: { kind, id: object.id },
      transition: type.slice(type.indexOf('.') + 1),
      status,
      version,
      createdAtMs: created * 1_000,
      data: { chargeId, amountMinor: moved, currency, ...reference },
    };
  },
};

const kinds: readonly unknown[] = ['payment', 'refund', 'dispute'];

function isBody(value: unknown): value is ProviderBody {
  if (!isRecord(value) || !isText(value['id']) || !isText(value['type'])) return false;
  const { created, data } = value;
  if (!Number.isSafeInteger(created) || !isRecord(data) || !isRecord(data['object'])) return false;
  const { object, id, status, version, amountMinor, currency, ...rest } = data['object'];
  const numbers = [version, amountMinor, rest['capturedMinor'] ?? 0];
  if (!kinds.includes(object) || !numbers.every(Number.isSafeInteger)) return false;
  return [id, status, currency, rest['chargeId'] ?? 'none', rest['merchantReference'] ?? 'none'].every(
    isText,
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
