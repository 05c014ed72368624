// S18. The gateway recognises a repeated charge by its key alone, so an operation may take a new key only where
// the old one has had no effect and never will.

import type { BookedCharge, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { epochOfCharge, epochOfSend, hasSeveralEpochs } from './epochs.ts';
import { judgeOperations } from './operation-keys.ts';
import { breaks, holds, nameOf, unpromised } from './verdicts.ts';
import type { IntentView, Send } from './view.ts';
import { viewOf } from './view-of.ts';

const assumes = ['bounded-delay', 'single-delivery', 'key-retention'] as const;

/** S18 stable-gateway-key: no other key is sent once a key that has an effect was. */
export const stableGatewayKey: Checker = {
  id: 'S18',
  name: 'stable-gateway-key',
  statement:
    'Where one gateway key of an operation has an effect, no other key is sent after it and none has an effect.',
  evidence: ['books', 'trace'],
  assumes,
  hint:
    'A fresh gateway key was made while the old one could still charge: look for keys drawn per attempt or per ' +
    'process, and for a new generation begun without proof that the old one is spent.',
  check,
};

function check(history: History): Verdict {
  const lost = unpromised(history.terms, assumes);
  if (lost !== undefined) return lost;
  let judged = 0;
  for (const intent of viewOf(history).intents) {
    const several = hasSeveralEpochs(intent);
    for (const charge of intent.charges) {
      if (charge.status === 'failed') continue;
      judged += 1;
      const epoch = several ? epochOfCharge(intent, charge) : 0;
      const rival = intent.charges.length > 1 ? rivalOf(intent, charge, epoch) : undefined;
      if (rival !== undefined) return twoEffects(intent, charge, rival);
      const send = laterKey(intent, charge, epoch);
      if (send !== undefined) return freshKey(intent, charge, send);
    }
  }
  const operations = judgeOperations(history);
  return operations.fault ?? holds(judged + operations.judged);
}

function rivalOf(intent: IntentView, charge: BookedCharge, epoch: number): BookedCharge | undefined {
  return intent.charges.find(
    (other) =>
      other.idempotencyKey !== charge.idempotencyKey &&
      other.status !== 'failed' &&
      epochOfCharge(intent, other) === epoch,
  );
}

/** The first send under another key after the charge's key was first sent. */
function laterKey(intent: IntentView, charge: BookedCharge, epoch: number): Send | undefined {
  let begun = false;
  for (const send of intent.sends) {
    const own = send.request.idempotencyKey === charge.idempotencyKey;
    if (own && !begun) begun = epochOfSend(intent, send) === epoch;
    else if (!own && begun && epochOfSend(intent, send) === epoch) return send;
  }
  return undefined;
}

function twoEffects(intent: IntentView, charge: BookedCharge, rival: BookedCharge): Verdict {
  const shown = intent.sends.filter(({ request: { idempotencyKey: key } }) =>
    [charge.idempotencyKey, rival.idempotencyKey].includes(key),
  );
  return breaks(
    `${nameOf(intent)} has effects under two gateway keys: ${charge.id} under ${charge.idempotencyKey} and ` +
      `${rival.id} under ${rival.idempotencyKey}`,
    shown.map((send) => send.crossing),
  );
}

function freshKey(intent: IntentView, charge: BookedCharge, send: Send): Verdict {
  const first = intent.sends.find(({ request }) => request.idempotencyKey === charge.idempotencyKey);
  return breaks(
    `${send.crossing.actor} sent ${nameOf(intent)} under gateway key ${send.request.idempotencyKey} after ` +
      `${charge.idempotencyKey} had been sent, which has charge ${charge.id} in the books`,
    [first?.crossing, send.crossing],
  );
}
