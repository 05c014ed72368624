// Stories that tests of a shop's checkers begin with: an order that went well, and one that was undone.

import type { BookedCharge } from '../history/history.ts';
import { type ShopTale, shopTale } from './testing-shop.ts';
import { chargeResult, good, okAnswer, toldAnswer } from './testing-values.ts';

/** Why an order is undone. */
const failure = 'no_shipment';

/** A client orders, the goods are held and the money is reserved: `charge` is authorised and not captured. */
export function reserved(actor = 'a'): { readonly story: ShopTale; readonly charge: BookedCharge } {
  const story = shopTale();
  story.order(actor);
  return { story, charge: reserves(story, actor) };
}

/** The same for a client who has asked already. */
export function reserves(story: ShopTale, actor = 'a'): BookedCharge {
  story.begins(actor, { reserve: 'started' });
  story.serves(actor, 'inventory.reserve');
  story.saves(actor, { reserve: 'done', authorize: 'started' });
  const answer = good({ ...chargeResult(), status: 'authorized', capturedMinor: 0 });
  const record = { key: 'authorize/k1' };
  story.claim(actor, record);
  story.send(actor, { effect: answer, reply: answer });
  const charge = story.book({ status: 'authorized', capturedMinor: 0 });
  story.write(actor, 'store.complete', { record: { ...record, state: 'COMPLETED' } });
  story.saves(actor, { reserve: 'done', authorize: 'done', capture: 'started' });
  return charge;
}

/** An order that is paid and booked, and whose shipment is about to be asked for. */
export function paid(): { readonly story: ShopTale; readonly charge: BookedCharge } {
  const { story, charge } = reserved();
  story.captures('a', charge);
  story.posts(charge, 'capture');
  story.saves('a', { reserve: 'done', authorize: 'done', capture: 'done', ship: 'started' });
  return { story, charge };
}

/** The shipment of a paid order, and the end of it all; who asked under `actor` is told ok. */
export function ships({ story }: Pick<ReturnType<typeof paid>, 'story'>): void {
  story.serves('a', 'shipping.ship');
  story.leaves(
    'a',
    { reserve: 'done', authorize: 'done', capture: 'done', ship: 'done' },
    { state: 'COMPLETED' },
  );
  tells(story, 'ok');
}

/** The shipment of a paid order is refused: the saga turns back, up to the intent of undoing the capture. */
export function turnsBack(story: ShopTale): void {
  const going = { state: 'COMPENSATING' } as const;
  story.saves('a', { reserve: 'done', authorize: 'done', capture: 'done', ship: 'not-done' }, going);
  story.saves('a', { reserve: 'done', authorize: 'done', capture: 'undoing', ship: 'not-done' }, going);
}

/** The rest of the way back, after the money. */
export function undoes(story: ShopTale): void {
  const going = { state: 'COMPENSATING' } as const;
  story.saves('a', { reserve: 'done', authorize: 'undoing', capture: 'undone', ship: 'not-done' }, going);
  story.saves('a', { reserve: 'undoing', authorize: 'undone', capture: 'undone', ship: 'not-done' }, going);
  story.serves('a', 'inventory.release');
}

/** The saga is written down as undone, and the client is told. */
export function ends(story: ShopTale): void {
  const undone = { reserve: 'undone', authorize: 'undone', capture: 'undone', ship: 'not-done' } as const;
  story.leaves('a', undone, { state: 'COMPENSATED' });
  tells(story, 'failed');
}

/** A paid order that was undone after all, with its money back. */
export function undone(): ReturnType<typeof paid> {
  const { story, charge } = paid();
  turnsBack(story);
  story.refunds('a', charge);
  story.posts(charge, 'refund');
  undoes(story);
  ends(story);
  return { story, charge };
}

/** Everything has settled, and the client asks once more. */
export function settles(story: ShopTale, answer: 'ok' | 'failed' | 'unknown' | 'rejected'): void {
  const request = story.order('ask:1');
  const code = answer === 'failed' ? failure : `told_${answer}`;
  story.answer(request, answer === 'ok' ? okAnswer() : toldAnswer(answer, code));
  story.incident({ kind: 'settled' });
}

function tells(story: ShopTale, kind: 'ok' | 'failed'): void {
  const request = story.done().crossings.find(({ site }) => site === 'client.checkout');
  if (request !== undefined)
    story.answer(request, kind === 'ok' ? okAnswer() : toldAnswer('failed', failure));
}
