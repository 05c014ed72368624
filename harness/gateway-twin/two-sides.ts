// What the parity tests of the Stripe handlers share: two ways to ask a twin, and what the port made of its answers.

import { getResponse } from 'msw';
import { PaymentError } from '../../src/errors/payment-error.ts';
import type { GatewayCapabilities, PaymentGateway } from '../../src/gateway/port.ts';
import { stripeGateway } from '../../src/gateway/stripe-adapter.ts';
import { stripeClient } from '../../src/gateway/stripe-client.ts';
import type { ProfileName } from '../cases/case.ts';
import type { Injection } from '../faults/decide.ts';
import { type Boundary, Outside, Slow } from '../world/boundary.ts';
import { directGateway } from './direct-adapter.ts';
import { type Backstage, stripeHandlers } from './stripe-handlers.ts';
import { type Rig, rig } from './twin-rig.ts';

/** One way to a twin. */
export interface Side extends Rig {
  readonly gateway: PaymentGateway;
  /** Strikes the next call. */
  spoil(inject: Injection): void;
}

/** The twin, called directly. */
export function directly(profile: ProfileName, changed: Partial<GatewayCapabilities> = {}): Side {
  const one = rig(profile, changed);
  let next: Injection | undefined;
  const spoil = (inject: Injection): void => {
    next = inject;
  };
  const boundary: Boundary = {
    async cross({ apply }) {
      const inject = next;
      next = undefined;
      const reply = apply(inject);
      if (reply instanceof Outside) throw new Error('the direct adapter has nothing to do outside the world');
      if (!(reply instanceof Slow)) return reply;
      one.far.advance(reply.afterMs);
      return reply.finish();
    },
  };
  const gateway = directGateway({ twin: one.twin, boundary, capabilities: one.capabilities });
  return { ...one, gateway, spoil };
}

/** The twin behind msw, reached by the real SDK. */
export function overStripe(profile: ProfileName, changed: Partial<GatewayCapabilities> = {}): Side {
  const one = rig(profile, changed);
  let next: Injection | undefined;
  const spoil = (inject: Injection): void => {
    next = inject;
  };
  const handlers = stripeHandlers((): Backstage => {
    const inject = next;
    next = undefined;
    return { twin: one.twin, inject, pause: async (ms) => one.far.advance(ms) };
  });
  const exchange = async (url: unknown, init?: RequestInit): Promise<Response> => {
    const response = await getResponse(handlers, new Request(String(url), init));
    if (response === undefined) throw new Error(`no handler for ${url}`);
    return response;
  };
  const stripe = stripeClient({ apiKey: 'sk_test_x', timeoutMs: 80_000, fetch: exchange });
  const gateway = stripeGateway({ stripe, capabilities: one.capabilities });
  return { ...one, gateway, spoil };
}

/** What the port said, without the words, and without the class where Stripe's format does not tell. */
export async function said(work: Promise<unknown>): Promise<unknown> {
  try {
    return told(await work);
  } catch (error) {
    return told(error);
  }
}

function told(value: unknown): unknown {
  if (value instanceof PaymentError) {
    const { code, effect, retryAfter, sealed, gatewayId, declineCode } = value;
    return {
      code: code === 'gateway_busy' ? 'gateway_error' : code,
      effect,
      retryAfter,
      sealed,
      gatewayId,
      declineCode,
    };
  }
  if (value instanceof Error) throw value;
  const found = value as { readonly kind?: string; readonly error?: unknown };
  return found.kind === 'answered' ? { kind: 'answered', error: told(found.error) } : value;
}

/** The word that says most of what the port said. */
export function summary(heard: unknown): unknown {
  const { status, code, kind } = heard as {
    readonly status?: string;
    readonly code?: string;
    readonly kind?: string;
  };
  return status ?? code ?? kind;
}
