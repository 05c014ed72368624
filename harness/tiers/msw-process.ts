// A process of the msw tier: the target as it is, with the SDK's gateway, under captured globals.

import type { Subject, Target, TargetEnv } from '../targets/target.ts';
import { type Ambient, ambientOf, dropTimers, within } from './ambient.ts';
import { type MswGatewayParts, mswGateway } from './msw-gateway.ts';

/** What a life of a process is started from. */
export interface MswProcessParts extends MswGatewayParts {
  readonly target: Target;
  readonly env: Omit<TargetEnv, 'gateway'>;
  /** Calls `listener` if the life ends by a crash. */
  readonly onCrash: (listener: () => void) => void;
}

/**
 * Starts `target` over the msw gateway. Whatever its code does belongs to this life of the process, and the timers
 * that it set through the globals die with it.
 *
 * @throws CaseError as `mswGateway` does.
 */
export function startMswProcess(parts: MswProcessParts): Subject {
  const { target, env, onCrash } = parts;
  const ambient = ambientOf(env.runtime);
  onCrash(() => dropTimers(ambient));
  return within(ambient, () => belongingTo(ambient, target.start({ ...env, gateway: mswGateway(parts) })));
}

function belongingTo(ambient: Ambient, subject: Subject): Subject {
  const { charge, checkout, refund, reconcile, webhook, recover } = subject;
  return {
    ...(charge && { charge: (intent) => within(ambient, () => charge.call(subject, intent)) }),
    ...(checkout && { checkout: (intent) => within(ambient, () => checkout.call(subject, intent)) }),
    ...(refund && { refund: (intent) => within(ambient, () => refund.call(subject, intent)) }),
    ...(reconcile && { reconcile: (intent) => within(ambient, () => reconcile.call(subject, intent)) }),
    ...(webhook && {
      webhook: (body, headers) => within(ambient, () => webhook.call(subject, body, headers)),
    }),
    ...(recover && { recover: () => within(ambient, () => recover.call(subject)) }),
  };
}
