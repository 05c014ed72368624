// The case: one plain JSON value that holds requests, faults and schedule, so that all three shrink together.

import { z } from 'zod';
import { everyFaultKind } from '../faults/kinds.ts';
import { sites } from '../history/sites.ts';
import { storesNames, tiers } from './tiers.ts';

const ms = z.number().int().min(0).max(31_536_000_000);

/** A fault, addressed by site and occurrence within the actor that carries it. */
export const faultSchema = z.strictObject({
  site: z.enum(sites),
  nth: z.number().int().min(1).max(1000),
  kind: z.enum(everyFaultKind),
  /** Milliseconds, for the kinds that take a duration. */
  ms: ms.optional(),
  /** For crashes: when the process comes back, milliseconds. */
  restartAfterMs: ms.optional(),
  /** For `rate-limited`: the raw Retry-After header. */
  retryAfter: z.string().max(100).optional(),
});

const amount = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

const retrySchema = z.strictObject({
  /** Sent this long after the attempt before it ended, milliseconds. */
  afterMs: ms,
  /** A changed body under the same key. */
  amountMinor: amount.optional(),
  process: z.number().int().min(0).max(7).optional(),
  faults: z.array(faultSchema).max(20).optional(),
});

const stepId = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);
/** Tenant and operation; two scopes never interact. */
const scope = z.string().min(1).max(50).optional();
/** Printable ASCII, as the header of draft-ietf-httpapi-idempotency-key-header allows. */
const key = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x20-\x7e]*$/);
const currency = z.string().regex(/^[A-Z]{3}$/);
const process = z.number().int().min(0).max(7);
const carried = z.array(faultSchema).max(50).optional();
const retries = z.array(retrySchema).max(20).optional();

const chargeSchema = z.strictObject({
  id: stepId,
  at: ms,
  do: z.literal('charge'),
  scope,
  key,
  amountMinor: amount,
  currency,
  process,
  faults: carried,
  retries,
});

const checkoutSchema = z.strictObject({
  id: stepId,
  at: ms,
  do: z.literal('checkout'),
  scope,
  /** Of the order, and of the request for it. */
  key,
  amountMinor: amount,
  currency,
  process,
  /** What the fraud rules see of it; see `OrderIntent`. */
  risk: z.enum(['none', 'challenged', 'blocked']).optional(),
  /** Free text of the customer. */
  note: z.string().max(500).optional(),
  faults: carried,
  retries,
});

const refundSchema = z.strictObject({
  id: stepId,
  at: ms,
  do: z.literal('refund'),
  scope,
  /** Key of the order whose money is to be returned. */
  order: key,
  key,
  amountMinor: amount,
  currency,
  process,
  faults: carried,
  retries,
});

const disputeSchema = z.strictObject({
  id: stepId,
  at: ms,
  do: z.literal('dispute'),
  /** The purchase whose payer's bank acts. */
  scope,
  key,
  act: z.enum(['opened', 'won', 'lost']),
  /** How much is disputed; all that is left of the payment when absent. */
  amountMinor: amount.optional(),
});

const reconcileSchema = z.strictObject({
  id: stepId,
  at: ms,
  do: z.literal('reconcile'),
  /** The day to reconcile, in UTC; the present one when absent. */
  day: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .optional(),
  process,
  faults: carried,
});

const clockSchema = z.strictObject({
  id: stepId,
  at: ms,
  do: z.literal('clock'),
  process,
  /** The wall clock of the process jumps by this much, milliseconds; negative jumps back. */
  jumpMs: z.number().int().min(-31_536_000_000).max(31_536_000_000),
});

const stepUpSchema = z.strictObject({
  id: stepId,
  at: ms,
  do: z.literal('step-up'),
  /** The purchase whose payer answers the gateway's challenge. */
  scope,
  key: z.string().min(1).max(255),
  outcome: z.enum(['authenticated', 'failed']),
});

/** One thing that happens at a virtual time. */
export const stepSchema = z.discriminatedUnion('do', [
  chargeSchema,
  checkoutSchema,
  refundSchema,
  disputeSchema,
  reconcileSchema,
  clockSchema,
  stepUpSchema,
]);

/**
 * A fault that strikes by time instead of by address: every crossing of `site` that is made at a time t of the run with
 * `fromMs` ≤ t < `untilMs` may be hit.
 */
const episodeSchema = z.strictObject({
  fromMs: ms,
  untilMs: ms,
  site: z.enum(sites),
  kind: z.enum(everyFaultKind),
  /** How many of a hundred crossings are hit, drawn for each actor, site and occurrence by itself. */
  percent: z.number().min(0).max(100),
  ms: ms.optional(),
  restartAfterMs: ms.optional(),
  retryAfter: z.string().max(100).optional(),
});

/** Profile names; presets of gateway capabilities. */
export const profiles = ['stripe', 'checkout', 'mango', 'none'] as const;

const configSchema = z.strictObject({
  processes: z.number().int().min(1).max(8).optional(),
  leaseMs: z.number().int().min(1000).max(3_600_000).optional(),
  ttlMs: z.number().int().min(1000).max(31_536_000_000).optional(),
  waitMs: z.number().int().min(0).max(600_000).optional(),
  jitter: z.enum(['none', 'full', 'decorrelated']).optional(),
  /** Wall-clock error of each process, milliseconds. */
  skewMs: z.array(z.number().int().min(-86_400_000).max(86_400_000)).max(8).optional(),
  /** A background sweep runs this often while the storm lasts, `sweeps` times. */
  sweepEveryMs: z.number().int().min(100).max(86_400_000).optional(),
  sweeps: z.number().int().min(0).max(20).optional(),
  /** The circuit breaker of each process. */
  breaker: z
    .strictObject({
      failureThreshold: z.number().int().min(1).max(1_000).optional(),
      windowMs: z.number().int().min(1).max(86_400_000).optional(),
      recoveryTimeoutMs: z.number().int().min(1).max(86_400_000).optional(),
      halfOpenProbes: z.number().int().min(1).max(100).optional(),
      slowCallMs: z.number().int().min(1).max(600_000).optional(),
    })
    .optional(),
  /** The rate limiter of each process. */
  limit: z
    .strictObject({
      maxCalls: z.number().int().min(1).max(1_000_000).optional(),
      periodMs: z.number().int().min(1).max(86_400_000).optional(),
      mode: z.enum(['reject', 'wait']).optional(),
    })
    .optional(),
  /** How long the gateway remembers a key. */
  keyRetentionMs: z.number().int().min(1_000).max(31_536_000_000).optional(),
  /** How old a look-up's answer may be. */
  consistentAfterMs: z.number().int().min(0).max(600_000).optional(),
  /** Whether a request that was sent may take effect arbitrarily late. */
  effectDelay: z.enum(['bounded', 'unbounded']).optional(),
  /** Whether the gateway refuses to capture or refund more than there is; by default it does. */
  enforceLimits: z.boolean().optional(),
  /** How the gateway announces what happened, to a target that listens. */
  webhooks: z
    .strictObject({
      scheme: z.enum(['stripe', 'standard', 'github']).optional(),
      /** Whether the secret is being changed: the one before is still valid. */
      rotates: z.boolean().optional(),
      /** How often a delivery that failed is tried again. */
      retries: z.number().int().min(0).max(8).optional(),
    })
    .optional(),
});

/** The whole case, version 1. */
export const caseSchema = z.strictObject({
  paystorm: z.literal(1),
  suite: z.enum(['charge', 'checkout']).optional(),
  target: z.string().min(1).max(100),
  profile: z.enum(profiles),
  tier: z.enum(tiers).optional(),
  /** The stores of tier real: a server, or the tables of the simulator. */
  stores: z.enum(storesNames).optional(),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  config: configSchema.optional(),
  steps: z.array(stepSchema).max(1000),
  /** Faults carried by background actors: `sweep:1`, `twin:deliver:evt_1`, `twin:row:txn_ch_1_1`. */
  background: z.record(z.string(), z.array(faultSchema).max(50)).optional(),
  /** Weather: faults by time. They end with the storm, as all faults do. */
  episodes: z.array(episodeSchema).max(50).optional(),
  expect: z.strictObject({ breaks: z.string() }).optional(),
  found: z.strictObject({ tool: z.string(), historyHash: z.string() }).optional(),
});

export type Case = z.infer<typeof caseSchema>;
export type Step = z.infer<typeof stepSchema>;
export type ChargeStep = z.infer<typeof chargeSchema>;
export type CheckoutStep = z.infer<typeof checkoutSchema>;
export type RefundStep = z.infer<typeof refundSchema>;
export type DisputeStep = z.infer<typeof disputeSchema>;
export type ReconcileStep = z.infer<typeof reconcileSchema>;
/** A request that is about an amount of money, which clients repeat under its key. */
export type MoneyStep = ChargeStep | CheckoutStep | RefundStep;
/** A request to the target, which carries faults. */
export type RequestStep = MoneyStep | ReconcileStep;
export type Retry = z.infer<typeof retrySchema>;
export type Fault = z.infer<typeof faultSchema>;
export type Episode = z.infer<typeof episodeSchema>;
export type ProfileName = (typeof profiles)[number];
/** What a case is about; without a name it is about single charges. */
export type SuiteName = NonNullable<Case['suite']>;

/** The scope of a request that names none. */
export const usualScope = 'shop';

/** Whether a step is a request for money. */
export function isMoney(step: Step): step is MoneyStep {
  return step.do === 'charge' || step.do === 'checkout' || step.do === 'refund';
}

/** Whether a step is a request to the target. */
export function isRequest(step: Step): step is RequestStep {
  return isMoney(step) || step.do === 'reconcile';
}

/** How a client repeats a request; an operator does not. */
export function retriesOf(step: RequestStep): Retry[] {
  return step.do === 'reconcile' ? [] : (step.retries ?? []);
}

/** What each actor of a case carries that carries faults, in the order in which the case lists them. */
export function everyLoad(subject: Case): readonly (readonly Fault[])[] {
  const loads: (readonly Fault[])[] = [];
  for (const step of subject.steps) {
    if (!isRequest(step)) continue;
    if (step.faults !== undefined) loads.push(step.faults);
    for (const { faults } of retriesOf(step)) if (faults !== undefined) loads.push(faults);
  }
  const { background } = subject;
  return background === undefined ? loads : loads.concat(Object.values(background));
}

/** Every fault of a case at an address, whoever carries it, in the order in which the case lists them. */
export function everyFault(subject: Case): Fault[] {
  const every: Fault[] = [];
  for (const load of everyLoad(subject)) every.push(...load);
  return every;
}

/** Everything that may strike: the faults at addresses, then the weather. */
export function everyStrike(subject: Case): readonly (Fault | Episode)[] {
  const { episodes } = subject;
  const faults = everyFault(subject);
  return episodes === undefined ? faults : [...faults, ...episodes];
}
