// S14. Retries that come too often or too soon turn an incident at the gateway into an outage, and one after a
// final answer annoys the issuer for nothing.

import type { Crossing, History, Terms } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, errorSeen, holds, nameOf, untraced } from './verdicts.ts';
import type { ActorView, IntentView, Send } from './view.ts';
import { viewOf } from './view-of.ts';

type Policy = NonNullable<Terms['retry']>;

/** S14 retry-discipline: attempts ≤ the declared number, gaps ≥ the drawn delay and Retry-After. */
export const retryDiscipline: Checker = {
  id: 'S14',
  name: 'retry-discipline',
  statement:
    'One call makes no more attempts than its policy allows, waits the delay and any Retry-After in full between ' +
    'them, and makes none after a final answer.',
  evidence: ['trace'],
  assumes: [],
  hint:
    'Count the attempts and measure the pauses: look for an off-by-one in the loop, a Retry-After that is ignored or ' +
    'read as 0, seconds taken for milliseconds, and answers that should have ended the retrying.',
  check,
};

function check(history: History): Verdict {
  const lost = untraced(history.terms);
  if (lost !== undefined) return lost;
  const { retry } = history.terms;
  if (retry === undefined) return holds(0);
  const { intents, actors } = viewOf(history);
  let judged = 0;
  for (const intent of intents) {
    for (const send of intent.sends) {
      judged += 1;
      if (send.before === undefined) continue;
      const actor = actors.get(send.crossing.actor);
      const wrong =
        tooMany(send, retry) ?? needless(send.before) ?? tooSoon(send, send.before, { retry, actor });
      if (wrong !== undefined) return broken(intent, send, wrong);
    }
  }
  return holds(judged);
}

function tooMany({ attempt }: Send, { maxAttempts }: Policy): string | undefined {
  return attempt > maxAttempts
    ? `that is attempt ${attempt} of one call, at most ${maxAttempts} are allowed`
    : undefined;
}

function needless({ crossing }: Send): string | undefined {
  if (crossing.reply?.ok === true) return 'the attempt before it had succeeded';
  const error = errorSeen(crossing);
  return error?.effect === 'final'
    ? `the attempt before it had been answered finally (${error.code})`
    : undefined;
}

interface Pausing {
  readonly retry: Policy;
  readonly actor: ActorView | undefined;
}

function tooSoon(send: Send, before: Send, { retry, actor }: Pausing): string | undefined {
  // An attempt that was given up has no recorded end; its beginning bounds the pause from above.
  const end = before.crossing.replied ?? before.crossing.called;
  const next = send.crossing.called;
  const gapMs = next.atMs - end.atMs;
  const askedMs = secondsOf(errorSeen(before.crossing)?.retryAfter) * 1000;
  if (gapMs < askedMs)
    return `it came ${gapMs} ms after an answer that asked for ${askedMs} ms (Retry-After)`;
  if (retry.jitter === 'none') {
    const delayMs = Math.floor(
      Math.min(retry.delayMs * retry.backoff ** (before.attempt - 1), retry.maxDelayMs),
    );
    return gapMs < delayMs
      ? `it came ${gapMs} ms after the attempt before it, the delay is ${delayMs} ms`
      : undefined;
  }
  const cut = actor === undefined ? undefined : cutShort(actor.sleeps, end.order, next);
  return cut === undefined ? undefined : `the drawn delay of ${cut} ms had not passed`;
}

/** Whole seconds of a Retry-After header; 0 for dates, which a wrong wall clock may misread, and for garbage. */
function secondsOf(header: string | undefined): number {
  return header !== undefined && /^\s*\d{1,15}\s*$/.test(header) ? Number(header) : 0;
}

/** The longest sleep begun after `fromOrder`, in ms, when none of those begun since had run out by `next`. */
function cutShort(
  sleeps: readonly Crossing[],
  fromOrder: number,
  next: { readonly atMs: number; readonly order: number },
): number | undefined {
  let longestMs: number | undefined;
  for (const { called, request } of sleeps) {
    if (called.order < fromOrder) continue;
    if (called.order > next.order) break;
    const { ms } = request as { readonly ms: number };
    if (next.atMs - called.atMs >= Math.floor(ms)) return undefined;
    longestMs = Math.max(longestMs ?? 0, ms);
  }
  return longestMs;
}

function broken(intent: IntentView, send: Send, wrong: string): Verdict {
  const shown: Crossing[] = [];
  for (let one: Send | undefined = send; one !== undefined; one = one.before) shown.push(one.crossing);
  return breaks(`${send.crossing.actor} sent ${nameOf(intent)} again, but ${wrong}`, shown);
}
