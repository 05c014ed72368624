// Convinces by one number in many notations and places, each beside one digit that differs; the numbers are those that card
// schemes publish for tests.

import { describe, expect, it } from 'vitest';
import { canariesOf, normalised } from './canaries.ts';
import { noLeak } from './no-leak.ts';
import { bad, good, okAnswer } from './testing-values.ts';
import { type ShopTale, shopTale } from './testing-webhooks.ts';

const note = 'card 4111-1111-1111-1111 cvv: 999, thanks';

function judged(tell: (shop: ShopTale) => void, written: string | undefined = note) {
  const shop = shopTale();
  const order = {
    paymentToken: 'tok',
    scope: 'shop',
    key: 'k1',
    amountMinor: 500,
    currency: 'USD',
    risk: 'none',
  };
  shop.story.cross('a', 'client.checkout', { ...order, ...(written === undefined ? {} : { note: written }) })(
    {},
  );
  tell(shop);
  return noLeak.check(shop.done());
}

const logged = (record: Readonly<Record<string, unknown>>) =>
  judged((shop) => shop.story.logs('a', record)).verdict;

describe('canaries', () => {
  it.each([
    [undefined, []],
    ['please ring twice', []],
    ['411111111111', []],
    ['4111111111111', ['4111111111111']],
    ['4111 1111-1111.1111', ['4111111111111111']],
    ['４１１１１１１１１１１１１１１１', ['4111111111111111']],
    ['4111%201111%201111%201111', ['4111111111111111']],
    ['cvv:', []],
    ['cvv: …, ok', []],
    ['CVV : 12３', ['cvv123']],
    ['4111111111111111 cvv: 999', ['4111111111111111', 'cvv999']],
    [
      '4111111111111111 5500005555555559',
      ['41111111111111115500005555555559', '4111111111111111', '5500005555555559'],
    ],
    [
      ';4111111111111111=29121010000000000?',
      ['411111111111111129121010000000000', '4111111111111111', '29121010000000000'],
    ],
  ])('of %j are %j', (written, expected) => {
    expect(canariesOf(written === undefined ? {} : { note: written })).toEqual(expected);
  });

  it('undo what is encoded several times, and keep what masks', () => {
    expect(normalised('%2534%2531 %E0 \\\\u0034')).toBe('41e04');
    expect(normalised('1234 **** [X] 5678')).toBe('1234****[x]5678');
  });
});

describe('S21 no-leak', () => {
  it('judges nothing without a shop, nor where nothing was planted', () => {
    expect(noLeak.check(shopTale().story.done())).toEqual({ verdict: 'holds', judged: 0 });
    const says = (shop: ShopTale) => shop.story.logs('a', { card: '4111111111111111' });
    expect(judged(says, 'no card here')).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('says where, and not what', () => {
    expect(judged((shop) => shop.story.logs('a', { note }))).toEqual({
      verdict: 'breaks',
      because: 'the log record of a at 0 ms holds a card number that a customer wrote',
      // The order of who wrote it.
      crossings: [0],
    });
  });

  it.each([
    ['plain', { text: 'paid with 4111111111111111' }],
    ['with separators', { text: '4111 1111-1111.1111' }],
    ['with full-width digits', { text: '４１１１１１１１１１１１１１１１' }],
    ['encoded for a URL', { url: '?pan=4111%201111%201111%201111' }],
    ['encoded twice', { url: '%2534111111111111111' }],
    ['as a number', { pan: 4111111111111111 }],
    ['as a bigint', { pan: 4111111111111111n }],
    ['in JSON in a text', { body: '{"pan":"4111\\u00311111111 1111"}' }],
    ['deep down', { error: { cause: [{ message: 'card 4111111111111111' }] } }],
    ['in a name', { '4111111111111111': true }],
    ['in sibling fields', { first: '41111111', second: '11111111' }],
    ['in a list', { parts: [4111, 1111, 1111, 1111] }],
    ['a code with its label', { text: 'CVV: 999' }],
    ['a code in a field of its name', { card: { cvv: '999' } }],
  ])('breaks when a log record has it %s', (_, record) => {
    expect(logged(record)).toBe('breaks');
  });

  it.each([
    ['masked', { card: '************1111', cvv: '[REDACTED_CVV]' }],
    ['masked in its middle', { card: '41111111[CUT]11111111' }],
    ['another number', { text: '4111111111111112' }],
    ['a digit short', { text: '411111111111111' }],
    ['in fields that are not beside each other', { first: '41111111', other: 'x', second: '11111111' }],
    ['the code without its label', { text: 'in 999 ms' }],
    ['a number behind the removed code', { text: 'cvv: [REDACTED_CVV] 999 Main Street' }],
    ['nothing', { nothing: null, absent: undefined }],
  ])('holds when a log record has it %s', (_, record) => {
    expect(logged(record)).toBe('holds');
  });

  it('looks into stores, errors, answers and the books, and not at what is asked', () => {
    const crossed = (tell: (shop: ShopTale) => void) => judged(tell).verdict;
    const of = (site: Parameters<ShopTale['story']['cross']>[1], request: unknown, outcome = good(null)) =>
      crossed((shop) => shop.story.cross('b', site, request)({ effect: outcome, reply: outcome }));
    expect(of('saga.open', { context: note })).toBe('breaks');
    expect(of('store.claim', { request: note })).toBe('breaks');
    expect(of('gateway.authorize', { description: note })).toBe('breaks');
    expect(of('oncall.page', { about: note })).toBe('breaks');
    expect(of('client.checkout', { note })).toBe('holds');
    expect(of('webhook.deliver', { body: note })).toBe('holds');
    expect(of('inventory.reserve', {}, bad('error', 'none', { message: note }))).toBe('breaks');
    expect(of('client.checkout', {}, good(okAnswer('ch_1', { body: note })))).toBe('breaks');
    const unlike = (tale: ShopTale) =>
      tale.story.cross(
        'b',
        'shipping.ship',
        {},
      )({
        effect: good(null),
        reply: bad('error', 'none', { message: note }),
      });
    expect(crossed(unlike)).toBe('breaks');
    // What a store answers is what it was given.
    expect(of('saga.read', 'saga-1', good({ context: note }))).toBe('holds');
    expect(crossed((shop) => shop.keeps('evt_1', { event: note }))).toBe('breaks');
    expect(
      crossed((shop) => {
        const crossing = shop.keeps('evt_1', { event: note });
        Object.assign(crossing, { request: {} });
      }),
    ).toBe('breaks');
  });

  it('looks for what this history planted, whatever others did before and however many they were', () => {
    const leaks = (number: string, written: string) =>
      judged((shop) => shop.story.logs('a', { number }), written).verdict;
    const numberOf = (index: number) => `5${String(index).padStart(15, '0')}`;
    for (let index = 0; index < 250; index += 1) {
      expect(leaks(numberOf(index), `card ${numberOf(index)}`)).toBe('breaks');
      expect(leaks(numberOf(index), `card ${numberOf(index + 1)}`)).toBe('holds');
    }
  });

  it('counts the places that it looked at', () => {
    expect(judged((shop) => shop.story.logs('a', {}))).toEqual({ verdict: 'holds', judged: 5 });
  });
});
