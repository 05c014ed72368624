// Planted bugs of the redaction class: a second log of the orders, beside the shop's own, with a redactor made in-house.

import type { OrderIntent } from '../history/shop.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withEntrances } from './shop-replace.ts';

/** The shop that writes something about each order before it is taken. */
function logging(record: (order: OrderIntent) => Readonly<Record<string, unknown>>): PlantedShop['start'] {
  return withEntrances((subject, { runtime }) => ({
    async checkout(order) {
      runtime.log({ notice: 'order taken', ...record(order) });
      return (await subject.checkout?.(order)) ?? { kind: 'unknown', code: 'internal_error', body: '' };
    },
  }));
}

const contiguous = /\b\d{13,19}\b/g;
const withSeparators = /\b\d(?:[ -]?\d){12,18}\b/g;

const planted: readonly PlantedShop[] = [
  {
    id: 'contiguous-digits-pattern',
    class: 'redaction',
    mistake: 'a card number is looked for as digits in a row, and people write them in groups',
    exposure: everywhere({ breaks: 'S21', requests: 1, faults: 0 }),
    start: logging(({ note }) => ({ note: note?.replaceAll(contiguous, '[card]') })),
  },
  {
    id: 'security-code-kept',
    class: 'redaction',
    mistake: 'numbers of cards are masked, and the security code behind them is not',
    exposure: everywhere({ breaks: 'S21', requests: 1, faults: 0 }),
    start: logging(({ note }) => ({ note: note?.replaceAll(withSeparators, '[card]') })),
  },
  {
    id: 'members-redacted-by-depth',
    class: 'redaction',
    mistake: 'notes are masked where they are known to be, at the first two levels of a record',
    exposure: everywhere({ breaks: 'S21', requests: 1, faults: 0 }),
    start: logging((order) => ({
      order: { ...order, note: '[note]' },
      request: { body: { order: { note: order.note } } },
    })),
  },
  {
    id: 'exception-unredacted',
    class: 'redaction',
    mistake: 'fields are masked, and the message of an error, which quotes them, is not',
    exposure: everywhere({ breaks: 'S21', requests: 1, faults: 0 }),
    start: logging((order) => {
      const error = new Error(`order ${order.key} has a note: ${order.note}`);
      return order.note === undefined ? {} : { note: '[note]', error: { message: error.message } };
    }),
  },
  {
    id: 'note-cut-in-two',
    class: 'redaction',
    mistake: 'long notes are cut into lines before they are masked, so that neither half has a whole number',
    exposure: everywhere({ breaks: 'S21', requests: 1, faults: 0 }),
    start: logging(({ note = '' }) => {
      const masked = (text: string): string =>
        text.replaceAll(withSeparators, '[card]').replaceAll(/cvv\D*\d+/g, '');
      return { first: masked(note.slice(0, 14)), second: masked(note.slice(14)) };
    }),
  },
  {
    id: 'redactor-changes-the-request',
    class: 'redaction',
    mistake:
      'the redactor masks the very request that it was given to log, and the masked one is carried out',
    exposure: everywhere({ breaks: 'S22', requests: 1, faults: 0 }),
    start: withEntrances((subject, { runtime }) => ({
      async checkout(order) {
        const masked = order.note === undefined ? order : { ...order, amountMinor: 0, note: '[note]' };
        runtime.log({ notice: 'order taken', order: masked });
        const given = { ...masked, amountMinor: Math.max(1, masked.amountMinor) };
        return (await subject.checkout?.(given)) ?? { kind: 'unknown', code: 'internal_error', body: '' };
      },
    })),
  },
];

/** Planted bugs of what is told to logs. */
export const redactionMutants: readonly Mutant[] = planted.map(plantShop);
