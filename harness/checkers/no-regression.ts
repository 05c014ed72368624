// W4. Deliveries overtake each other; where an object stands must not follow the order in which they come.

import type {
  FinishWrite,
  InboxClaim,
  InboxReceipt,
  InboxWriteAnswer,
  ObjectState,
} from '../../src/webhooks/inbox-store.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
import { breaks, holds, untraced } from './verdicts.ts';

/** W4 no-regression: no object moves backwards in the order of its states. */
export const noRegression: Checker = {
  id: 'W4',
  name: 'no-regression',
  statement: 'The position of an object only moves to a later state, and never to an earlier version.',
  evidence: ['trace'],
  assumes: [],
  hint:
    'A late event was taken for the news: look at whether the state it brings is compared with the one that is known, in ' +
    'the operation that writes, and at what is done when versions are missing or equal.',
  check,
};

/** Which states may come next. Void and failure end what was not captured; a refund or dispute follows a capture. */
const paymentOrder: Order = {
  pending: ['authorized', 'captured', 'voided', 'failed'],
  authorized: ['captured', 'voided', 'failed'],
  captured: ['partially_refunded', 'refunded', 'disputed'],
  partially_refunded: ['refunded', 'disputed'],
  refunded: ['disputed'],
  disputed: ['dispute_won', 'dispute_lost'],
  dispute_won: [],
  dispute_lost: [],
  voided: [],
  failed: [],
};

/** A refund can fail after it was acknowledged. */
const refundOrder: Order = { pending: ['succeeded', 'failed'], succeeded: ['failed'], failed: [] };

const disputeOrder: Order = { open: ['won', 'lost'], won: [], lost: [] };

type Order = Readonly<Record<string, readonly string[]>>;

interface Stand extends ObjectState {
  readonly crossing: Crossing;
}

function check(history: History): Verdict {
  if (history.books.shop === undefined) return holds(0);
  const lost = untraced(history.terms);
  if (lost !== undefined) return lost;
  const orderOf = ordersIn(history);
  const stands = new Map<string, Stand>();
  let judged = 0;
  for (const { object, stand } of standsIn(history)) {
    const before = stands.get(object);
    stands.set(object, stand);
    if (before === undefined) continue;
    judged += 1;
    const wrong = regression(orderOf(object), before, stand);
    if (wrong !== undefined) return breaks(`${object} ${wrong}`, [before.crossing, stand.crossing]);
  }
  return holds(judged);
}

/** Where objects stood, in the order in which the store did it: as claimers were told, and as was written. */
function standsIn(history: History): readonly { readonly object: string; readonly stand: Stand }[] {
  const asked = standing.flatMap((site) => crossingsAt(history, site));
  const applied = asked.filter(({ effect }) => effect?.ok === true);
  applied.sort((a, b) => (a.applied?.order ?? 0) - (b.applied?.order ?? 0));
  return applied.flatMap((crossing) => {
    const value = crossing.effect?.ok === true ? crossing.effect.value : null;
    if (crossing.site !== 'inbox.finish') {
      const claim = crossing.site === 'inbox.receive' ? takenAtOnce(value) : (value as InboxClaim | null);
      const { object } = claim?.record ?? {};
      return claim?.position && object !== undefined
        ? [{ object, stand: { ...claim.position, crossing } }]
        : [];
    }
    const answer = value as InboxWriteAnswer;
    const { move } = crossing.request as FinishWrite;
    if (!answer.written || move === undefined) return [];
    return [{ object: answer.record.object, stand: { ...move.to, crossing } }];
  });
}

/** Where the store says where an object stands, or moves it. */
const standing: readonly Site[] = ['inbox.receive', 'inbox.claim', 'inbox.finish'];

/** The claim of an event that was taken up as it came in. */
function takenAtOnce(value: unknown): InboxClaim | null {
  const { record, claim } = value as InboxReceipt;
  return claim == null ? null : { record, ...claim };
}

/** The order of an object's states, by the gateway's books of what it is. */
function ordersIn({ books: { charges } }: History): (object: string) => Order {
  // A name of an object is made of parts that are escaped, and ends with the gateway's id.
  const refunds = new Set(charges.flatMap(({ refunds: made = [] }) => made.map(escapedId)));
  const disputes = new Set(charges.flatMap(({ disputes: made = [] }) => made.map(escapedId)));
  return (object) => {
    const id = object.slice(object.lastIndexOf('/') + 1);
    if (refunds.has(id)) return refundOrder;
    return disputes.has(id) ? disputeOrder : paymentOrder;
  };
}

function escapedId({ id }: { readonly id: string }): string {
  return encodeURIComponent(id);
}

/** States that are nobody's are not judged: a target may have states of its own. */
function regression(order: Order, before: ObjectState, after: ObjectState): string | undefined {
  if (before.version !== undefined && after.version !== undefined && after.version < before.version)
    return `went from version ${before.version} back to version ${after.version}`;
  const [from, to] = [before.status, after.status];
  if (from === to || !Object.hasOwn(order, from) || !Object.hasOwn(order, to)) return undefined;
  return isLater(order, from, to) ? undefined : `was ${from} and became ${to}, which does not come later`;
}

function isLater(order: Order, from: string, to: string): boolean {
  return (order[from] ?? []).some((next) => next === to || isLater(order, next, to));
}
