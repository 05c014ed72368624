// S1. The books alone decide: whatever the target believes, the payer must not be charged twice.

import type { BookedCharge, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { epochOfCharge, hasSeveralEpochs, mayHaveLapsed } from './epochs.ts';
import { breaks, holds, isEffective, nameOf, unpromised } from './verdicts.ts';
import type { IntentView } from './view.ts';
import { viewOf } from './view-of.ts';

const assumes = ['single-delivery', 'key-retention'] as const;

/** S1 single-charge: at most one effective charge for each intent and epoch. */
export const singleCharge: Checker = {
  id: 'S1',
  name: 'single-charge',
  statement: 'Each intended purchase is charged at most once.',
  evidence: ['books'],
  assumes,
  hint:
    'Something sent the purchase again under a key that the gateway did not recognise, or to a gateway that ' +
    'recognises none: look at what was sent after an attempt whose outcome was unknown.',
  check,
};

function check(history: History): Verdict {
  const lost = unpromised(history.terms, assumes);
  if (lost !== undefined) return lost;
  let judged = 0;
  for (const intent of viewOf(history).intents) {
    if (mayHaveLapsed(history, intent)) continue;
    judged += 1;
    if (intent.charges.length < 2) continue;
    const second = firstRepeated(intent);
    if (second === undefined || outlivedItsKey(history, intent)) continue;
    return broken(intent, second);
  }
  return holds(judged);
}

/** The first effective charge that shares its epoch with an earlier one. */
function firstRepeated(intent: IntentView): BookedCharge | undefined {
  const several = hasSeveralEpochs(intent);
  const charged = new Set<number>();
  for (const charge of intent.charges) {
    if (!isEffective(charge)) continue;
    const epoch = several ? epochOfCharge(intent, charge) : 0;
    if (charged.has(epoch)) return charge;
    charged.add(epoch);
  }
  return undefined;
}

/**
 * Whether the network held a request back for longer than the gateway remembers its key. No sender can guard
 * against that, so it is excused, but only in a case whose faults break the bound on delays.
 */
function outlivedItsKey({ terms }: History, { sends, charges }: IntentView): boolean {
  if (!terms.broken.includes('bounded-delay')) return false;
  return charges.some((charge) => {
    const first = sends.find(({ request }) => request.idempotencyKey === charge.idempotencyKey);
    return first !== undefined && charge.at.atMs - first.crossing.called.atMs >= terms.keyRetentionMs;
  });
}

function broken(intent: IntentView, second: BookedCharge): Verdict {
  const epoch = epochOfCharge(intent, second);
  const charges = intent.charges.filter(
    (charge) => isEffective(charge) && epochOfCharge(intent, charge) === epoch,
  );
  const keys = new Set(charges.map((charge) => charge.idempotencyKey));
  const listed = charges.map(
    ({ id, status, amountMinor, currency }) => `${id} ${status} ${amountMinor} ${currency}`,
  );
  const shown = intent.sends
    .filter((send) => keys.has(send.request.idempotencyKey))
    .map((send) => send.crossing);
  return breaks(
    `expected at most 1 effective charge for ${nameOf(intent)}, the books hold ${charges.length}: ${listed.join(', ')}`,
    shown,
  );
}
