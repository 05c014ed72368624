// The marks by name: interesting states that a run may reach, each with what happened in one sentence.

import { everyFaultKind } from '../faults/kinds.ts';

/** One mark. */
export interface MarkDefinition {
  readonly id: string;
  /** What happened, in one sentence. */
  readonly description: string;
}

const described = {
  'replayed-completed': 'A stored success was replayed to a client.',
  'replayed-failed': 'A stored failure was replayed to a client.',
  'conflict-rejected': 'A request was rejected because its key was used with another payload.',
  'conflict-while-in-flight': 'A claim met a record of another payload that was still in flight.',
  'in-progress-rejected': 'A duplicate was told that the first request is still running.',
  'waiter-served': 'A duplicate met a request in flight, waited, and was given its final answer.',
  'lease-taken-over': 'A record in flight was taken over after its lease had run out.',
  'write-refused': 'A write was refused because its writer no longer owned the record.',
  'own-claim-recognised': 'A repeated claim was recognised by its attempt id.',
  'send-fenced': 'A send was stopped because the lease had run out.',
  'unknown-suspended': 'An operation was left as UNKNOWN.',
  'unknown-resolved-by-lookup': 'A final state was stored on the word of a look-up.',
  'resent-same-key': 'A request with unknown effect was sent again under the same gateway key.',
  'replayed-by-gateway': 'The gateway answered a repeated key without executing anything.',
  'key-sealed': 'The gateway showed that it had finally answered a key.',
  'generation-advanced': 'An operation moved to a new gateway key.',
  'horizon-elapsed': 'An operation was concluded as not charged after the horizon.',
  'slot-released': 'A slot was cleared after an operation without effect.',
  retried: 'One call made more than one attempt.',
  'retry-exhausted': 'One call used all its attempts and failed.',
  'retry-after-honoured': 'An attempt waited for as long as the gateway had asked.',
  'timed-out': 'An attempt was given up unanswered by a process that lived on.',
  declined: 'The gateway declined finally.',
  'decline-after-unknown': 'The gateway declined after an attempt with unknown effect.',
  'pending-seen': 'A payment was seen waiting for the payer or the gateway.',
  'process-crashed': 'A process crashed.',
  'crashed-between-apply-and-reply':
    'A process crashed after its request was carried out and before it was answered.',
  'process-restarted': 'A process came back after a crash.',
  'process-stalled': 'A process was frozen for a while.',
  'clock-jumped': 'A wall clock was set forward or back.',
  'late-arrival': 'A request was carried out after its sender had seen it fail.',
  'store-reply-lost': 'The store carried an operation out and its answer was lost.',
  'store-unavailable-fail-closed':
    'A request was rejected, and nothing sent, because the store did not answer.',
  renewed: 'A lease was renewed.',
  'double-click': 'Two requests for one purchase were under way at once.',
  'client-disconnected': 'A client never learned what its request came to.',
  'sweep-resolved': 'A background actor brought an operation to its end.',
  'taken-over-by-sweep': 'A background actor took over a record in flight after its lease had run out.',
  'breaker-opened': 'Failures opened a breaker.',
  'breaker-refused': 'A breaker refused a call.',
  'breaker-probed': 'A half-open breaker let a probe through.',
  'breaker-closed-again': 'Probes closed a breaker again.',
  'breaker-late-result-ignored': 'A result came after its breaker had changed, and counted for nothing.',
  'limiter-refused': 'A limiter refused a call.',
  'limiter-waited': 'A call waited for its limiter and was let through.',
  'clock-jumped-back': 'A wall clock was set back.',
  'stepped-up-completed': 'A payment was completed after its payer had answered a challenge.',
  'challenge-expired': 'A challenge went unanswered until it expired, and its payment was stored as failed.',
  'pending-resolved-by-lookup': 'A payment that had been pending came to its end on the word of a look-up.',
  'stale-lookup-seen': 'A look-up found nothing although the books held the charge already.',
  'key-retention-passed': 'An undecided operation was concluded when the gateway no longer knew its key.',
  'saga-compensated': 'A saga was undone.',
  'saga-recovered': 'An unfinished saga was taken up by recovery and brought to an end.',
  'saga-repaired': 'A saga that was stuck was brought to its end by a repair.',
  'compensation-failed': 'A saga ended neither finished nor undone.',
  'compensation-retried': 'A compensation that had failed succeeded when it was tried again.',
  'step-unknown-resolved': 'A step was resolved of which nobody knew whether it had happened.',
  'step-resolved-by-lookup':
    'A step was resolved of which nobody knew whether it had happened, on the word of a look-up.',
  'refund-pending-seen': 'A refund was seen on its way.',
  'refund-failed-after-ack': 'A refund failed that the gateway had accepted.',
  'refund-after-capture': 'A saga that went back returned captured money.',
  'void-before-capture': 'An authorisation was released before anything of it was captured.',
  'remainder-released': 'What a capture had left open of an authorisation was released.',
  'late-authorization-voided': 'An authorisation that came after its request had failed was released.',
  'dispute-during-refund': 'A payment was disputed while a refund of it was on its way.',
  'webhook-before-response': 'An event arrived before the answer to the request that made its object.',
  'webhook-duplicate-dropped': 'A delivery was recognised as one that had been received before.',
  'webhook-two-ids-one-effect': 'Two events that announced one change were accepted, and it was booked once.',
  'webhook-parked': 'An event was put back because nothing was known of its object yet.',
  'webhook-dead-lettered': 'An event was given up and left to an operator.',
  'webhook-forged-refused': 'A forged delivery was refused.',
  'webhook-stale-refused': 'A delivery that somebody had kept and sent again was refused.',
  'webhook-rotated-accepted':
    'A delivery that was signed with an old secret as well, or alone, was accepted.',
  'late-settlement-row': 'A report had a row that it had lacked before.',
  'duplicate-row-found': 'A reconciliation found a row that was there once too often.',
  'amount-mismatch-found': 'A reconciliation found a row with another amount or currency than the books.',
  'status-mismatch-found': 'A reconciliation found a row in another state than the books.',
  'next-day-row': 'The report of one day had a row about what had happened on the day before.',
  'missing-row-paged': 'A reconciliation called somebody because the gateway lacked a row.',
  'reconciliation-repaired': 'A reconciliation took care of something.',
  'redelivery-asked': 'The gateway was asked to announce something once more.',
  'card-data-noted': 'A customer wrote card data into the note of an order.',
  'card-data-noted-in-failure': 'A customer wrote card data into the note of an order that failed.',
  'order-blocked': 'An order was blocked by the fraud rules.',
  'order-stepped-up': 'An order was paid after its payer had answered a challenge.',
  'velocity-blocked': 'A payment was blocked because too much had been paid in the window.',
  'velocity-given-back': 'What was counted for a payment was given back.',
} as const;

/** Ids of the marks that are not about fault kinds. */
export type MarkId = keyof typeof described;

/** All marks, sorted by id. */
export const markDefinitions: readonly MarkDefinition[] = [
  ...Object.entries(described).map(([id, description]) => ({ id, description })),
  ...everyFaultKind.map((kind) => ({ id: `fault:${kind}`, description: `The fault ${kind} struck.` })),
].sort((a, b) => (a.id < b.id ? -1 : 1));

/** Notes that a mark was reached. */
export type Reach = (id: MarkId) => void;
