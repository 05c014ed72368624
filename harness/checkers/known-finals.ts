// S8. What is stored as final must have been known to be final, and a slot may be cleared only when nothing
// that was sent for it can still have an effect. Unknown is neither.

import type { LookupResult } from '../../src/gateway/port.ts';
import type { Owned } from '../../src/idempotency/store.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { epochOfCharge, epochOfOperation, epochOfSend, hasSeveralEpochs } from './epochs.ts';
import { breaks, errorSeen, holds, isEffective, nameOf, unpromised, untraced } from './verdicts.ts';
import { type IntentView, type SlotView, wasWritten } from './view.ts';
import { viewOf } from './view-of.ts';

const assumes = ['single-delivery', 'key-retention'] as const;

/** S8 known-finals: finals come from an executed call, a look-up, or the elapsed horizon; unknown is not cleared. */
export const knownFinals: Checker = {
  id: 'S8',
  name: 'known-finals',
  statement:
    'A final state is stored only on the word of the gateway or after its horizon, and a slot is cleared only when ' +
    'nothing that was sent can have an effect.',
  evidence: ['trace', 'books'],
  assumes,
  hint:
    'An unknown outcome was stored as a failure or cleared as if nothing had happened: look at how the error was ' +
    'classified, and at attempts whose answer never came.',
  check,
};

/** One write under judgement. */
interface Writing {
  readonly history: History;
  readonly intent: IntentView;
  readonly slot: SlotView;
  readonly write: Crossing;
  /** Undefined while the intent knows one epoch only: then everything belongs to it. */
  readonly epoch: number | undefined;
}

function check(history: History): Verdict {
  const lost = untraced(history.terms) ?? unpromised(history.terms, assumes);
  if (lost !== undefined) return lost;
  let judged = 0;
  for (const slot of viewOf(history).slots) {
    const { intent, shared } = slot;
    // Which purchase a write was about can't be told where several share the record; S6 judges that.
    if (intent === undefined || shared) continue;
    for (const write of slot.operations) {
      const judge = judges[write.site];
      if (judge === undefined || !wasWritten(write)) continue;
      judged += 1;
      const epoch = hasSeveralEpochs(intent) ? epochOfOperation(intent, write) : undefined;
      const verdict = judge({ history, intent, slot, write, epoch });
      if (verdict !== undefined) return verdict;
    }
  }
  return holds(judged);
}

type Judge = (writing: Writing) => Verdict | undefined;

const judges: Readonly<Partial<Record<Crossing['site'], Judge>>> = {
  'store.complete': unearnedSuccess,
  'store.fail': unearnedFailure,
  'store.release': unearnedRelease,
};

function unearnedSuccess(writing: Writing): Verdict | undefined {
  const { intent, write } = writing;
  const known =
    sendsKnown(writing).some((send) => send.reply?.ok === true) ||
    lookupsKnown(writing).some((lookup) => found(lookup)?.kind === 'found');
  const who = `${write.actor} stored ${nameOf(intent)} as completed`;
  if (!known) return breaks(`${who} without an answer or a look-up that said so`, shownFor(writing));
  if (chargeOf(writing) !== undefined) return undefined;
  return breaks(`${who}, but the books hold no charge for it`, shownFor(writing));
}

function unearnedFailure(writing: Writing): Verdict | undefined {
  const { history, intent, write } = writing;
  const { code } = (write.request as { readonly failure: { readonly code: string } }).failure;
  const who = `${write.actor} stored ${nameOf(intent)} as failed (${code})`;
  const known =
    sendsKnown(writing).some((send) => errorSeen(send)?.effect === 'final') ||
    lookupsKnown(writing).some(saysFinal) ||
    (code === 'not_charged' && lookupsKnown(writing).some((lookup) => provesAbsence(writing, lookup)));
  if (!known) {
    const lacking =
      code === 'not_charged' ? 'a look-up begun after the horizon that found nothing' : 'a final answer';
    return breaks(`${who} without ${lacking}`, shownFor(writing));
  }
  const { broken, maxEffectDelayMs } = history.terms;
  if (broken.includes('bounded-delay') && Number.isFinite(maxEffectDelayMs)) return undefined;
  const charge = chargeOf(writing);
  if (charge === undefined) return undefined;
  return breaks(`${who}, but charge ${charge.id} of it is ${charge.status} in the books`, shownFor(writing));
}

/** Whether the look-up found nothing and began when nothing that was sent could appear any more. */
function provesAbsence({ history, intent, write, epoch }: Writing, lookup: Crossing): boolean {
  if (found(lookup)?.kind !== 'absent') return false;
  const { maxEffectDelayMs, consistentAfterMs } = history.terms;
  for (const send of intent.sends) {
    if (send.crossing.called.order > write.called.order) break;
    if (epoch !== undefined && epochOfSend(intent, send) !== epoch) continue;
    const effect = errorSeen(send.crossing)?.effect;
    // An attempt that was answered "nothing happened" cannot turn up later.
    if (effect === 'none' || effect === 'final') continue;
    const horizonMs = send.crossing.called.atMs + maxEffectDelayMs + consistentAfterMs;
    if (lookup.called.atMs < horizonMs) return false;
  }
  return true;
}

function unearnedRelease(writing: Writing): Verdict | undefined {
  const { intent, slot, write, epoch } = writing;
  const advancedOrder = lastAdvance(slot, write);
  for (const send of intent.sends) {
    const { crossing } = send;
    if (crossing.called.order > write.called.order) break;
    if (epoch !== undefined && epochOfSend(intent, send) !== epoch) continue;
    if (crossing.called.order < advancedOrder) continue;
    const answered = crossing.replied !== undefined && crossing.replied.order < write.called.order;
    const effect = answered
      ? (errorSeen(crossing)?.effect ?? (crossing.reply?.ok === true ? 'final' : 'unknown'))
      : undefined;
    const who = `${write.actor} cleared the slot of ${nameOf(intent)}`;
    if (effect !== 'none') {
      const state = effect === undefined ? 'unanswered' : `answered with effect ${effect}`;
      return breaks(`${who} while the attempt sent by ${crossing.actor} was ${state}`, [crossing, write]);
    }
    if (crossing.effect?.ok === true) {
      return breaks(`${who}, but the attempt sent by ${crossing.actor} had been carried out`, [
        crossing,
        write,
      ]);
    }
  }
  return undefined;
}

/** Order of the last step to a new generation before `write`; what was sent before it was left behind. */
function lastAdvance(slot: SlotView, write: Crossing): number {
  let order = -1;
  for (const operation of slot.operations) {
    if (operation === write) break;
    if (operation.site === 'store.advance' && wasWritten(operation))
      order = operation.applied?.order ?? order;
  }
  return order;
}

/** What the writer's process had seen of sends before it wrote. A process that died knows nothing any more. */
function sendsKnown({ intent, write, epoch }: Writing): readonly Crossing[] {
  const known: Crossing[] = [];
  for (const send of intent.sends) {
    if (!wasSeenBy(write, send.crossing)) continue;
    if (epoch === undefined || epochOfSend(intent, send) === epoch) known.push(send.crossing);
  }
  return known;
}

function lookupsKnown({ intent, write }: Writing): readonly Crossing[] {
  return intent.lookups.filter((lookup) => wasSeenBy(write, lookup));
}

function wasSeenBy(write: Crossing, { process, incarnation, replied }: Crossing): boolean {
  if (replied === undefined || replied.order > write.called.order) return false;
  return process === write.process && incarnation === write.incarnation;
}

function found(lookup: Crossing): LookupResult | undefined {
  return lookup.reply?.ok === true ? (lookup.reply.value as LookupResult) : undefined;
}

function saysFinal(lookup: Crossing): boolean {
  const answer = found(lookup);
  return answer?.kind === 'answered' && 'effect' in answer.error && answer.error.effect === 'final';
}

function chargeOf({ intent, epoch }: Writing) {
  return intent.charges.find(
    (charge) => isEffective(charge) && (epoch === undefined || epochOfCharge(intent, charge) === epoch),
  );
}

function shownFor({ intent, write }: Writing): readonly Crossing[] {
  const { token } = write.request as Owned;
  const claim = intent.slots[0]?.operations.findLast(
    (operation) =>
      operation.site === 'store.claim' &&
      operation.effect?.ok === true &&
      (operation.effect.value as { readonly record: Owned }).record.token === token,
  );
  const before = intent.sends.filter((send) => send.crossing.called.order < write.called.order);
  return [...(claim === undefined ? [] : [claim]), ...before.map((send) => send.crossing), write];
}
