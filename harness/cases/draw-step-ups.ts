// Draws payers who answer the challenges of 3-D Secure: at once, after the owner has given up, too late, twice, or for
// nothing.

import type { Random } from 'fast-check';
import { type ChargeStep, type CheckoutStep, retriesOf, type Step } from './case.ts';
import { often, pick } from './draw.ts';

type StepUp = Extract<Step, { readonly do: 'step-up' }>;

// Before the request has reached the gateway, directly after it has, while its owner still retries or waits, beyond its
// lease, on either side of the end of the challenge (ten minutes after it began), and when all is over.
const afterMs = [0, 20, 50, 400, 1_000, 5_000, 35_000, 95_000, 200_000, 599_000, 601_000, 900_000] as const;
const againMs = [0, 1, 300, 40_000] as const;

/** The answers of the payers who are challenged in the course of `steps`; every fourth payer stays away. */
export function drawStepUps(dice: Random, steps: readonly Step[]): StepUp[] {
  const answers: StepUp[] = [];
  const asked = new Set<string>();
  for (const step of steps) {
    if (step.do !== 'charge' && step.do !== 'checkout') continue;
    const challengedAtMs = challengedAt(step);
    const name = `${step.scope ?? ''}/${step.key}`;
    if (challengedAtMs === undefined || asked.has(name) || often(dice, 25)) continue;
    asked.add(name);
    const at = challengedAtMs + pick(dice, afterMs);
    const named = step.scope === undefined ? { key: step.key } : { scope: step.scope, key: step.key };
    const answer: StepUp = { id: `${step.id}-up`, at, do: 'step-up', ...named, outcome: outcome(dice) };
    answers.push(answer);
    if (!often(dice, 25)) continue;
    answers.push({ ...answer, id: `${step.id}-again`, at: at + pick(dice, againMs), outcome: outcome(dice) });
  }
  return answers;
}

function outcome(dice: Random): StepUp['outcome'] {
  return often(dice, 70) ? 'authenticated' : 'failed';
}

/** About when a purchase meets a challenge that it carries or calls for, milliseconds. */
function challengedAt(step: ChargeStep | CheckoutStep): number | undefined {
  const { at, faults = [] } = step;
  let sentAtMs = at;
  if (step.do === 'checkout' && step.risk === 'challenged') return sentAtMs;
  if (faults.some(({ kind }) => kind === '3ds-challenge')) return sentAtMs;
  for (const retry of retriesOf(step)) {
    sentAtMs += retry.afterMs;
    if (retry.faults?.some(({ kind }) => kind === '3ds-challenge')) return sentAtMs;
  }
  return undefined;
}
