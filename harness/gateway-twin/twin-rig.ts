// What the tests of the twin share: a twin of a profile in fake time, and requests that differ where they should.

import type { ChargeRequest, GatewayCapabilities } from '../../src/gateway/port.ts';
import type { ProfileName } from '../cases/case.ts';
import type { Injection } from '../faults/decide.ts';
import type { FaultKind } from '../faults/kinds.ts';
import { Slow } from '../world/boundary.ts';
import type { Timed, WireAnswer } from './answer.ts';
import { type FakeFar, fakeFar } from './fake-far.ts';
import { behaviourOf, capabilitiesOf } from './profiles.ts';
import { type GatewayTwin, gatewayTwin } from './twin.ts';

/** A twin and its time. */
export interface Rig {
  readonly far: FakeFar;
  readonly twin: GatewayTwin;
  readonly capabilities: GatewayCapabilities;
  /** Charges and waits for the answer if it takes time; the answer of a `slow` one is the finished one. */
  charge(request?: Partial<ChargeRequest>, inject?: Injection): WireAnswer;
}

/** A twin with empty books. */
export function rig(
  profile: ProfileName,
  changed: Partial<GatewayCapabilities> = {},
  enforceLimits?: boolean,
): Rig {
  const far = fakeFar();
  const capabilities = { ...capabilitiesOf(profile), ...changed };
  const twin = gatewayTwin({ far, capabilities, behaviour: behaviourOf(profile), enforceLimits });
  return {
    far,
    twin,
    capabilities,
    charge: (request, inject) => finished(twin.authorize(aCharge(request), inject), far),
  };
}

/** Five dollars under key `k`, for the intent `tok`. */
export function aCharge(changed: Partial<ChargeRequest> = {}): ChargeRequest {
  return {
    idempotencyKey: 'k',
    merchantReference: 'order-1',
    amountMinor: 500,
    currency: 'USD',
    paymentToken: 'tok',
    capture: 'automatic',
    ...changed,
  };
}

/** Captures in several parts. */
export const severalCaptures = { captureModes: ['automatic', 'manual', 'multiple'] } as const;

/** A fault as the world hands it to the twin. */
export function injection(kind: FaultKind, ms = 0, retryAfter?: string): Injection {
  return { kind, ms, retryAfter };
}

/** The answer, for which time passes if it must. */
function finished(timed: Timed, far: FakeFar): WireAnswer {
  if (!(timed instanceof Slow)) return timed;
  const answers: WireAnswer[] = [];
  far.after(timed.afterMs, () => answers.push(timed.finish()));
  far.advance(timed.afterMs);
  const [answer] = answers;
  if (answer === undefined) throw new Error('the slow answer did not fall due');
  return answer;
}

/** Begins a slow charge whose answer falls due later, and gives what will have been answered by then. */
export function begun(timed: Timed, far: FakeFar): () => WireAnswer | undefined {
  if (!(timed instanceof Slow)) throw new Error('expected an answer that takes time');
  let answer: WireAnswer | undefined;
  far.after(timed.afterMs, () => {
    answer = timed.finish();
  });
  return () => answer;
}
