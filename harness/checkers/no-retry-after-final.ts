// S5. A final answer ends a payment: whoever goes on sending after it annoys the issuer at best, and charges at worst.

import type { LookupResult } from '../../src/gateway/port.ts';
import type { Crossing, History, SeenError } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { epochOfCharge, epochOfOperation, epochOfSend, hasSeveralEpochs } from './epochs.ts';
import { breaks, errorSeen, holds, nameOf, unpromised, untraced } from './verdicts.ts';
import { type IntentView, wasWritten } from './view.ts';
import { viewOf } from './view-of.ts';

const assumes = ['durable-claims'] as const;

/** S5 no-retry-after-final: nothing is sent for a purchase once its owner heard, or the record holds, a final answer. */
export const noRetryAfterFinal: Checker = {
  id: 'S5',
  name: 'no-retry-after-final',
  statement:
    'Nothing is sent for a purchase after its owner has received, or its record holds, a final answer; a demand for ' +
    'authentication is not one, because the payment goes on.',
  evidence: ['trace'],
  assumes,
  hint:
    'A final answer was not recognised, or the record was not asked: look at how the answer was classified, and at ' +
    'what is done with a record that is final.',
  check,
};

/** One mutating call under judgement. */
interface Sending {
  readonly intent: IntentView;
  readonly crossing: Crossing;
  /** What its actor held. */
  readonly claim: Crossing | undefined;
  /** Undefined while the intent knows one purchase only. */
  readonly epoch: number | undefined;
  /** A success is no reason not to capture what was authorised; a failure is. */
  readonly afterFailure: boolean;
}

/** What was final, and how a sentence says so. */
interface Final {
  readonly crossing: Crossing;
  readonly words: string;
}

function check(history: History): Verdict {
  const { terms } = history;
  const lost = untraced(terms) ?? unpromised(terms, assumes);
  if (lost !== undefined) return lost;
  const { intents, movements } = viewOf(history);
  let judged = 0;
  for (const intent of intents) {
    const several = hasSeveralEpochs(intent);
    for (const send of intent.sends) {
      const { crossing, claim } = send;
      const epoch = several ? epochOfSend(intent, send) : undefined;
      judged += 1;
      const verdict = judge({ intent, crossing, claim, epoch, afterFailure: false });
      if (verdict !== undefined) return verdict;
    }
  }
  for (const crossing of movements) {
    const capture = captureOf(intents, crossing);
    if (capture === undefined) continue;
    judged += 1;
    const verdict = judge(capture);
    if (verdict !== undefined) return verdict;
  }
  return holds(judged);
}

function judge(sending: Sending): Verdict | undefined {
  const { intent, crossing } = sending;
  // Which purchase a record was about can't be told where several share it; S6 judges that.
  const shared = intent.slots.some((slot) => slot.shared);
  const final = heardBefore(sending) ?? (shared ? undefined : storedBefore(sending));
  if (final === undefined) return undefined;
  const what = crossing.site === 'gateway.authorize' ? 'sent' : 'called gateway.capture for';
  return breaks(
    `${crossing.actor} ${what} ${nameOf(intent)} at ${crossing.called.atMs} ms although ${final.words}`,
    [final.crossing, crossing],
  );
}

/** Voids and refunds undo what was final, and are not repetitions of it. */
function captureOf(intents: readonly IntentView[], crossing: Crossing): Sending | undefined {
  if (crossing.site !== 'gateway.capture') return undefined;
  const { chargeId } = crossing.request as { readonly chargeId: string };
  for (const intent of intents) {
    const charge = intent.charges.find(({ id }) => id === chargeId);
    if (charge === undefined) continue;
    const epoch = hasSeveralEpochs(intent) ? epochOfCharge(intent, charge) : undefined;
    return { intent, crossing, claim: undefined, epoch, afterFailure: true };
  }
  return undefined;
}

/** A final answer that the same actor had received under the same claim. */
function heardBefore({ intent, crossing, claim, afterFailure }: Sending): Final | undefined {
  const { actor, called } = crossing;
  const heard = ({ replied }: Crossing): boolean => replied !== undefined && replied.order < called.order;
  for (const { crossing: earlier, claim: held } of intent.sends) {
    if (earlier.called.order >= called.order) break;
    if (earlier.actor !== actor || !heard(earlier) || (held !== claim && !afterFailure)) continue;
    const words = finalWords(earlier);
    if (words === undefined || (afterFailure && earlier.reply?.ok === true)) continue;
    return { crossing: earlier, words: `it had been answered ${words}` };
  }
  for (const lookup of intent.lookups) {
    if (lookup.actor !== actor || !heard(lookup) || lookup.called.order < (claim?.called.order ?? 0))
      continue;
    const words = foundWords(lookup, afterFailure);
    if (words !== undefined) return { crossing: lookup, words: `its look-up had found ${words}` };
  }
  return undefined;
}

function finalWords(send: Crossing): string | undefined {
  if (send.reply?.ok === true) return 'with a charge';
  const error = errorSeen(send);
  return error !== undefined && isFinal(error) ? `finally (${error.code})` : undefined;
}

function foundWords(lookup: Crossing, afterFailure: boolean): string | undefined {
  const found = lookup.reply?.ok === true ? (lookup.reply.value as LookupResult) : undefined;
  if (found?.kind === 'found' && !afterFailure) return `charge ${found.charge.id}`;
  if (found?.kind !== 'answered') return undefined;
  const error = found.error as Error & Partial<SeenError>;
  return isFinal(error) ? `a final answer (${error.code})` : undefined;
}

function isFinal({ effect, code }: Partial<SeenError>): boolean {
  return effect === 'final' && code !== 'authentication_required';
}

/** A final state that the record of the same purchase had been given by anybody. */
function storedBefore({ intent, crossing, epoch, afterFailure }: Sending): Final | undefined {
  for (const { operations } of intent.slots) {
    for (const write of operations) {
      if ((write.applied?.order ?? 0) > crossing.called.order) break;
      const isSuccess = write.site === 'store.complete' && !afterFailure;
      if (!(isSuccess || write.site === 'store.fail') || !wasWritten(write)) continue;
      if (epoch !== undefined && epochOfOperation(intent, write) !== epoch) continue;
      const state = isSuccess ? 'completed' : 'failed';
      return { crossing: write, words: `${write.actor} had stored the payment as ${state}` };
    }
  }
  return undefined;
}
