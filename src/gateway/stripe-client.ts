// The `stripe` SDK, set up so that exactly one layer decides about retries: ours.

import Stripe from 'stripe';

/** Options of {@link stripeClient}. */
export interface StripeClientOptions {
  readonly apiKey: string;
  /** How long one exchange may take, body included, milliseconds. */
  readonly timeoutMs: number;
  /** Makes the HTTP exchanges. Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** Carries abort signals from calls to exchanges, because the SDK has no way to pass one. */
export interface SignalDesk {
  /** The request header that leads from the exchange back to `signal`. */
  deposit(signal: AbortSignal): { readonly name: string; readonly value: string };
  /** The call has ended: forgets its signal, and stops listening to it, as it may outlive many calls. */
  release(value: string): void;
}

const callHeader = 'Paystorm-Call';
const desks = new WeakMap<Stripe, SignalDesk>();

/** The desk of a client that {@link stripeClient} built; undefined for any other. */
export function signalDeskOf(stripe: Stripe): SignalDesk | undefined {
  return desks.get(stripe);
}

/**
 * Builds the SDK's client for the gateway port.
 *
 * - It never retries by itself. `maxNetworkRetries: 0` is not enough for that: the SDK sends once more whatever the
 *   setting when an error carries the code ECONNRESET or EPIPE, although the first request may have charged. Node's
 *   own `fetch` hides the code in the error's cause, where the SDK does not look; here that holds for any `fetch`.
 * - No telemetry: what is sent depends on the call alone.
 * - A caller's abort signal reaches the exchange, so that a call that was given up frees its socket.
 */
export function stripeClient({ apiKey, timeoutMs, fetch: exchange = fetch }: StripeClientOptions): Stripe {
  const deposited = new Map<string, Deposit>();
  let deposits = 0;

  const guarded = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const { headers, signal } = takeOut(init, deposited);
    try {
      return await exchange(String(url), { ...init, headers, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      throw wouldBeRetried(error) ? new TypeError('fetch failed', { cause: error }) : error;
    }
  };

  const stripe = new Stripe(apiKey, {
    httpClient: Stripe.createFetchHttpClient(guarded),
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: timeoutMs,
  });
  desks.set(stripe, {
    deposit(signal) {
      deposits += 1;
      const value = String(deposits);
      deposited.set(value, { signal, whenReleased: [] });
      return { name: callHeader, value };
    },
    release(value) {
      for (const stop of deposited.get(value)?.whenReleased ?? []) stop();
      deposited.delete(value);
    },
  });
  return stripe;
}

interface Deposit {
  readonly signal: AbortSignal;
  readonly whenReleased: (() => void)[];
}

interface Taken {
  readonly headers: [string, string][];
  readonly signal: AbortSignal | undefined;
}

/** Takes the call's own header out of the request and joins its signal with the SDK's time-out. */
function takeOut(init: RequestInit, deposited: ReadonlyMap<string, Deposit>): Taken {
  const headers: [string, string][] = [];
  let signal = init.signal ?? undefined;
  for (const [name, value] of headerPairs(init.headers)) {
    const own = name.toLowerCase() === callHeader.toLowerCase() ? deposited.get(value) : undefined;
    if (own === undefined) headers.push([name, value]);
    else signal = joined(own, signal);
  }
  return { headers, signal };
}

/**
 * Aborted as soon as either is. Not `AbortSignal.any`: what that returns is kept alive by its listeners until the
 * garbage collector has found out about both sources, which under load takes longer than new ones take to come.
 */
function joined({ signal: own, whenReleased }: Deposit, timeout: AbortSignal | undefined): AbortSignal {
  const controller = new AbortController();
  for (const source of timeout === undefined ? [own] : [own, timeout]) {
    const abort = (): void => controller.abort(source.reason);
    if (source.aborted) abort();
    else source.addEventListener('abort', abort, { once: true });
    whenReleased.push(() => source.removeEventListener('abort', abort));
  }
  return controller.signal;
}

function headerPairs(headers: RequestInit['headers']): Iterable<readonly [string, string]> {
  if (headers === undefined) return [];
  return Symbol.iterator in headers
    ? (headers as Iterable<readonly [string, string]>)
    : Object.entries(headers as Readonly<Record<string, string>>);
}

function wouldBeRetried(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return Stripe.HttpClient.CONNECTION_CLOSED_ERROR_CODES.some((closed) => closed === code);
}
