// Looks over a configuration before it meets real money, for the mistakes that tests on one machine cannot show.

import {
  AuthenticationRequiredError,
  CardDeclinedError,
  GatewayTimeoutError,
  InsufficientFundsError,
  NetworkError,
  ValidationError,
} from '../errors/payment-error.ts';
import { isForgetful } from '../kernel/forgetful.ts';
import { checkStack, type StackWarning } from '../resilience/check-stack.ts';
import type { LayerKind } from '../resilience/operation.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { RetryOptions } from '../resilience/retry.ts';
import { defaultDedupTtlMs } from '../webhooks/inbox-options.ts';

/** What {@link checkProduction} looks over. Durations are milliseconds. */
export interface ProductionConfig {
  /** Whatever has to outlive a process, by the name that warnings use: stores, journals, the tokenizer. */
  readonly stores: Readonly<Record<string, object>>;
  /** Writes one record as the production logger would, and returns what came out: `pino` over a destination in memory. */
  readonly logged?: (record: Readonly<Record<string, unknown>>) => string;
  /** The stack around the charge, outermost first. */
  readonly layers?: readonly { readonly kind: LayerKind }[];
  /** The `retryOn` of `retry`, where it is not the default. */
  readonly retryOn?: NonNullable<RetryOptions['retryOn']>;
  /** Of `idempotent`, where they are not the defaults (a day, and 90 s). */
  readonly idempotency?: { readonly ttlMs?: number; readonly leaseMs?: number };
  /** For how long clients send the same request again after it first failed: their last retry, or their own queue's limit. */
  readonly clientRetryHorizonMs: number;
  /** Absent where no webhooks come in. */
  readonly webhooks?: {
    /** Of `webhookInbox`, where it is not the default (eighty hours). */
    readonly dedupTtlMs?: number;
    /** For how long the sender repeats a delivery: three days at Stripe, for one. */
    readonly senderHorizonMs: number;
  };
}

/** Something that should not go into production. */
export interface ProductionWarning {
  readonly rule:
    | 'memory-store'
    | 'redaction'
    | 'retry-predicate'
    | 'record-ttl'
    | 'lease'
    | 'webhook-dedup'
    | 'stack-order';
  /** The invariant that may break, as the storm numbers them. */
  readonly invariant: string;
  /** All of it in one sentence: what, where, and what to do. */
  readonly message: string;
}

/**
 * What is known to be wrong with a configuration; empty when nothing is. It knows a memory store by itself, but not behind a
 * wrapper of your own; logs and retries it judges by trying them. It proves nothing: what it does not see, such as the
 * persistence of a server, is in `docs/stores.md`.
 *
 * @throws ValidationError when a part is missing or out of range.
 */
export function checkProduction(config: ProductionConfig): readonly ProductionWarning[] {
  const settled = validated(config);
  return [
    ...forgottenStores(settled),
    ...readableLogs(settled),
    ...broadRetries(settled),
    ...shortRecords(settled),
    ...longLeases(settled),
    ...shortDedup(settled),
    ...(config.layers === undefined ? [] : checkStack(config.layers).map(asWarning)),
  ];
}

interface Settled extends ProductionConfig {
  readonly ttlMs: number;
  readonly leaseMs: number;
}

function forgottenStores({ stores }: Settled): readonly ProductionWarning[] {
  return Object.entries(stores)
    .filter(([, store]) => isForgetful(store))
    .map(([name]) => ({
      rule: 'memory-store',
      invariant: 'S1',
      message: `stores.${name} keeps everything in this process's memory, and a restart or a second process knows nothing of it; use a driver of paystorm/redis or paystorm/postgres`,
    }));
}

const cardNumber = '4111111111111111';
/** Found wherever else a security code stands as well. */
const securityCode = '739';

/** One card number in a field and in words, and a labelled security code: what `redact` takes out. */
const canary = {
  msg: `paid with ${cardNumber.replace(/(.{4})(?=.)/g, '$1 ')}, cvv: ${securityCode}`,
  card: { number: cardNumber, cvc: securityCode },
};

function readableLogs({ logged }: Settled): readonly ProductionWarning[] {
  const warning = (what: string): readonly ProductionWarning[] => [
    {
      rule: 'redaction',
      invariant: 'S21',
      message: `${what}; put redactionForPino() between the logger and its destination`,
    },
  ];
  if (logged === undefined) return warning('logged is absent, so nobody has seen whether logs are redacted');
  const written = logged(canary);
  if (typeof written !== 'string')
    throw new ValidationError(
      `checkProduction: logged must return what was written as a string, got ${typeof written}`,
    );
  if (written === '')
    return warning('logged returned nothing for a record, so its redaction could not be seen');
  const found = [
    ...(written.replace(/[^0-9]+/g, '').includes(cardNumber) ? ['a card number'] : []),
    ...(written.includes(securityCode) ? ['a security code'] : []),
  ];
  return found.length === 0 ? [] : warning(`what the logger writes shows ${found.join(' and ')}`);
}

/** Failures that must not be repeated, with what happens if they are. */
const unrepeatable: readonly {
  readonly named: string;
  readonly error: Error;
  readonly invariant: string;
}[] = [
  { named: 'a declined card', error: new CardDeclinedError('declined'), invariant: 'S5' },
  { named: 'a card without funds', error: new InsufficientFundsError('declined'), invariant: 'S5' },
  {
    named: 'a demand for authentication',
    error: new AuthenticationRequiredError('3-D Secure'),
    invariant: 'S5',
  },
  { named: 'a refused request', error: new ValidationError('refused'), invariant: 'S5' },
  {
    named: 'a time-out where the gateway does not know keys again',
    error: new GatewayTimeoutError('no answer in time'),
    invariant: 'S1',
  },
  {
    named: 'a lost answer where the gateway does not know keys again',
    error: new NetworkError('connection reset', { effect: 'unknown' }),
    invariant: 'S1',
  },
  {
    named: 'an error that proves nothing',
    error: new TypeError('undefined is not a function'),
    invariant: 'S1',
  },
];

function broadRetries({ retryOn }: Settled): readonly ProductionWarning[] {
  if (retryOn === undefined) return [];
  const repeats = (error: Error): boolean => {
    try {
      return retryOn(error, { mayResend: false });
    } catch {
      return false;
    }
  };
  return unrepeatable
    .filter(({ error }) => repeats(error))
    .map(({ named, invariant }) => ({
      rule: 'retry-predicate',
      invariant,
      message: `retryOn repeats ${named}; narrow it, or leave it out: the default mayRetry reads the error's effect and the call`,
    }));
}

function shortRecords({ ttlMs, clientRetryHorizonMs }: Settled): readonly ProductionWarning[] {
  if (ttlMs >= clientRetryHorizonMs) return [];
  return [
    {
      rule: 'record-ttl',
      invariant: 'S1',
      message: `idempotency.ttlMs (${ttlMs}) is shorter than clientRetryHorizonMs (${clientRetryHorizonMs}), so a late retry is a new payment; raise ttlMs to it`,
    },
  ];
}

function longLeases({ ttlMs, leaseMs }: Settled): readonly ProductionWarning[] {
  if (leaseMs <= ttlMs) return [];
  return [
    {
      rule: 'lease',
      invariant: 'L1',
      message: `idempotency.leaseMs (${leaseMs}) is longer than ttlMs (${ttlMs}), so a crashed owner holds the record longer than a result lives; lower leaseMs, or raise ttlMs`,
    },
  ];
}

function shortDedup({ webhooks }: Settled): readonly ProductionWarning[] {
  if (webhooks === undefined) return [];
  const { dedupTtlMs = defaultDedupTtlMs, senderHorizonMs } = webhooks;
  if (dedupTtlMs >= senderHorizonMs) return [];
  return [
    {
      rule: 'webhook-dedup',
      invariant: 'W1',
      message: `webhooks.dedupTtlMs (${dedupTtlMs}) is shorter than senderHorizonMs (${senderHorizonMs}), so a late repetition is a new event; raise dedupTtlMs to it`,
    },
  ];
}

function asWarning({ invariant, message }: StackWarning): ProductionWarning {
  return { rule: 'stack-order', invariant, message };
}

const check = optionCheck('checkProduction');

function validated(config: ProductionConfig): Settled {
  const { stores, logged, retryOn, idempotency, clientRetryHorizonMs, webhooks } = config;
  if (typeof stores !== 'object' || stores === null)
    throw new ValidationError('checkProduction: stores is missing; name every store that the system uses');
  for (const [name, store] of Object.entries(stores)) {
    if (typeof store === 'object' && store !== null) continue;
    throw new ValidationError(
      `checkProduction: stores.${name} must be a store, got ${store === null ? 'null' : typeof store}`,
    );
  }
  if (logged !== undefined) check.callback('logged', logged);
  if (retryOn !== undefined) check.callback('retryOn', retryOn);
  const { ttlMs = 86_400_000, leaseMs = 90_000 } = idempotency ?? {};
  check.span('idempotency.ttlMs', ttlMs);
  check.span('idempotency.leaseMs', leaseMs);
  check.span('clientRetryHorizonMs', clientRetryHorizonMs);
  if (webhooks !== undefined) {
    check.span('webhooks.senderHorizonMs', webhooks.senderHorizonMs);
    check.span('webhooks.dedupTtlMs', webhooks.dedupTtlMs ?? defaultDedupTtlMs);
  }
  return { ...config, ttlMs, leaseMs };
}
