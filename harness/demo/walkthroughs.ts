// The seven walkthroughs of a checkout, and what each has to show. Their cases are in `scenarios/walkthroughs`.

import type { History } from '../history/history.ts';
import {
  allPages,
  answers,
  bodies,
  delivery,
  gatewayBooks,
  gatewayCalls,
  goods,
  inbox,
  keysAt,
  lastSummary,
  loggedNotes,
  moneyCalls,
  pages,
  shopBooks,
  steps,
  summaries,
  undone,
} from './facts.ts';
import type { Check, Walkthrough } from './walkthrough.ts';

/** In the order in which they are told. */
export const walkthroughs: readonly Walkthrough[] = [
  {
    id: '1',
    name: 'transient-errors',
    title: 'An order succeeds after two transient network errors',
    follows: ['order'],
    checks: (history) => [
      check('what was sent to the gateway', {
        expected: 'authorize ✗ refused, authorize ✗ response lost, authorize, capture',
        found: moneyCalls(history, 'order'),
      }),
      check('keys of the authorisation', { expected: '1', found: keysAt(history, 'gateway.authorize') }),
      check('the client was told', { expected: 'ok ch_1', found: answers(history, 'order') }),
      check('the goods', { expected: 'held, shipped', found: goods(history) }),
      ...inBothBooks('ch_1 $49.00 captured', history),
    ],
  },
  {
    id: '2',
    name: 'idempotent-replay',
    title:
      'A client whose answer was lost asks another process again: the same answer, and no second gateway call',
    follows: ['order'],
    checks: (history) => [
      check('what was sent to the gateway', {
        expected: 'authorize, capture',
        found: gatewayCalls(history, 'order'),
      }),
      check('the client was told', {
        expected: 'no answer, ok ch_1 again',
        found: answers(history, 'order'),
      }),
      check('bytes of both answers', { expected: 'equal', found: bodies(history, 'order') }),
      check('the goods', { expected: 'held, shipped', found: goods(history) }),
      ...inBothBooks('ch_1 $49.00 captured', history),
    ],
  },
  {
    id: '3',
    name: 'failed-shipment',
    title:
      'The shipment fails after the capture: the money goes back and the goods are let go, in reverse order',
    follows: ['order'],
    checks: (history) => [
      check('what was sent to the gateway', {
        expected: 'authorize, capture, refund',
        found: moneyCalls(history, 'order'),
      }),
      check('undone in this order', {
        expected: 'gateway.refund, inventory.release',
        found: undone(history),
      }),
      check('the saga’s journal', {
        expected:
          'reserve_inventory undone, authorize_payment undone, capture_payment undone, create_shipment not-done',
        found: steps(history),
      }),
      check('the client was told', { expected: 'not charged', found: answers(history, 'order') }),
      check('the goods', { expected: 'let go, not shipped', found: goods(history) }),
      ...inBothBooks('ch_1 $49.00 captured and $49.00 returned', history),
    ],
  },
  {
    id: '4',
    name: 'fraud-block',
    title: 'Fraud is blocked before any gateway call, and the reservation is taken back',
    follows: ['order'],
    checks: (history) => [
      check('what was sent to the gateway', { expected: 'none', found: gatewayCalls(history, 'order') }),
      check('undone in this order', { expected: 'inventory.release', found: undone(history) }),
      check('the client was told', { expected: 'fraud blocked', found: answers(history, 'order') }),
      check('the goods', { expected: 'let go, not shipped', found: goods(history) }),
      ...inBothBooks('none', history),
    ],
  },
  {
    id: '5',
    name: 'webhooks',
    title: 'A webhook is accepted, its repetition is known, and a body that was tampered with is refused',
    follows: ['twin:deliver:evt_1', 'twin:deliver:evt_2', 'twin:forge:evt_2'],
    mentions: ['order'],
    checks: (history) => [
      check('the first delivery', { expected: '200, new', found: delivery(history, 'twin:deliver:evt_1') }),
      check('its repetition', {
        expected: '200, known already',
        found: delivery(history, 'twin:deliver:evt_1/dup'),
      }),
      check('the tampered body', {
        expected: '400, not kept',
        found: delivery(history, 'twin:forge:evt_2'),
      }),
      check('the true one', { expected: '200, new', found: delivery(history, 'twin:deliver:evt_2') }),
      check('the inbox', { expected: 'evt_1 DONE, evt_2 DONE', found: inbox(history) }),
      ...inBothBooks('ch_1 $49.00 captured', history),
    ],
  },
  {
    id: '6',
    name: 'reconciliation',
    title:
      'Reconciliation finds three discrepancies, repairs what it can, and calls somebody about a missing row',
    follows: ['refund', 'books'],
    mentions: ['first', 'second', 'third', 'fourth', 'twin:deliver:evt_10'],
    checks: (history) => [
      check('found', {
        expected: '4/7 matched, 3 discrepancies: 1 missing_internal, 1 missing_gateway, 1 duplicate',
        found: summaries(history, 'books'),
      }),
      check('people were called about', {
        expected: 'reconciliation: MISSING_GATEWAY ch_1, reconciliation: DUPLICATE ch_2',
        found: pages(history, 'books'),
      }),
      check('calls to people in the whole run', { expected: '2', found: allPages(history) }),
      check('the same day, reconciled for the last time', {
        expected: '5/7 matched, 2 discrepancies: 1 missing_gateway, 1 duplicate',
        found: lastSummary(history, '2026-01-01'),
      }),
      ...inBothBooks(
        'ch_1 $49.00 captured, ch_2 $12.50 captured, ch_3 $80.00 captured and $80.00 returned, ch_4 $27.00 captured',
        history,
      ),
    ],
  },
  {
    id: '7',
    name: 'log-redaction',
    title: 'A card number in a customer’s note never reaches the log',
    follows: ['order'],
    checks: (history) => [
      check('the log has', {
        expected: 'card ************1111 cvv: [REDACTED_CVV]',
        found: loggedNotes(history),
      }),
      check('the client was told', { expected: 'ok ch_1', found: answers(history, 'order') }),
      ...inBothBooks('ch_1 $49.00 captured', history),
    ],
  },
];

function check(about: string, { expected, found }: Omit<Check, 'about'>): Check {
  return { about, expected, found };
}

function inBothBooks(expected: string, history: History): readonly Check[] {
  return [
    check('the gateway’s books', { expected, found: gatewayBooks(history) }),
    check('the shop’s ledger', { expected, found: shopBooks(history) }),
  ];
}
