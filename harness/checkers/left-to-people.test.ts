// Convinces by a discrepancy that is queued and that somebody is called about, and by each of the two left out or done twice.

import { describe, expect, it } from 'vitest';
import { bad, good } from './testing-values.ts';
import { type ShopTale, shopTale } from './testing-webhooks.ts';
import { unknownsFound } from './unknowns-found.ts';

type Act = (shop: ShopTale) => unknown;

const id = 'missing_gateway:1';
const pages =
  (about = `MISSING_GATEWAY ch_1 (${id})`) =>
  (shop: ShopTale) =>
    shop.story.cross('op', 'oncall.page', { about })({ effect: good(undefined), reply: good(undefined) });
const leaves =
  (state = 'OPEN', isLeft = true) =>
  (shop: ShopTale) =>
    shop.story.cross('op', 'tickets.leave', { id, token: 1, state })({
      effect: good(isLeft),
      reply: good(isLeft),
    });

function seen(acts: readonly Act[], { type = 'MISSING_GATEWAY', calm = true } = {}) {
  const shop = shopTale();
  if (calm) shop.story.incident({ kind: 'healed' });
  shop.reconciles('op', { discrepancies: [{ type, id }] }, () => {
    for (const act of acts) act(shop);
  });
  shop.story.incident({ kind: 'settled' });
  return unknownsFound.check(shop.done());
}

const because = (text: string) => ({ verdict: 'breaks', because: expect.stringContaining(text) });

describe('L5 of what is for people', () => {
  it('holds when it is queued and somebody is called', () => {
    expect(seen([pages(), leaves()])).toEqual({ verdict: 'holds', judged: 1 });
    // A target that keeps no tickets has no queue to look into.
    expect(seen([pages()]).verdict).toBe('holds');
  });

  it('breaks when nobody is called about it, or about something else only', () => {
    expect(seen([leaves()])).toMatchObject(because('was found, and nobody was called'));
    expect(seen([pages('something'), leaves()])).toMatchObject(because('nobody was called'));
    const refused: Act = (shop) =>
      shop.story.cross('op', 'oncall.page', { about: id })({ reply: bad('disconnected', 'unknown') });
    expect(seen([refused, leaves()]).verdict).toBe('breaks');
    for (const type of ['AMOUNT_MISMATCH', 'STATUS_MISMATCH', 'DUPLICATE'])
      expect(seen([leaves()], { type }).verdict).toBe('breaks');
  });

  it('breaks when it stands in no queue', () => {
    expect(seen([pages(), leaves('CLOSED')])).toMatchObject(because('left in no queue'));
    expect(seen([pages(), leaves('OPEN', false)]).verdict).toBe('breaks');
  });

  it('breaks at a second call once it is in the queue, and allows one where a ticket was lost', () => {
    expect(seen([pages(), leaves(), pages(), leaves()])).toMatchObject(because('once more'));
    expect(seen([pages(), leaves('RETRY'), pages(), leaves()]).verdict).toBe('holds');
  });

  it('asks for nothing of what repairs itself, or was found among faults', () => {
    for (const type of ['MISSING_INTERNAL', 'NOT_YET_DUE']) expect(seen([], { type }).verdict).toBe('holds');
    expect(seen([], { calm: false }).verdict).toBe('holds');
  });

  it('goes by the last run over the day', () => {
    const shop = shopTale();
    shop.story.incident({ kind: 'healed' });
    shop.reconciles('op:1', { discrepancies: [{ type: 'MISSING_GATEWAY', id }] });
    shop.reconciles('op:2', { discrepancies: [] });
    shop.story.incident({ kind: 'settled' });
    expect(unknownsFound.check(shop.done()).verdict).toBe('holds');
  });
});
