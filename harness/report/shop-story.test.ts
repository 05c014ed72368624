// Convinces by telling hand-made histories of orders: each test fixes what a reader must see of a shop (what was announced, how
// the saga stands, what a report held) and that the story ends where it is told, not where the world does.

import { describe, expect, it } from 'vitest';
import type { InvariantId } from '../checkers/checker.ts';
import type { Crossing } from '../history/history.ts';
import { tellStory } from './story.ts';
import { chargeFor, failed, intentFor, ok, type Script, script } from './testing.ts';
import { plainText } from './text.ts';
import { durationWords } from './words.ts';

function told(events: Script, id: InvariantId, evidence: readonly Crossing[]): readonly string[] {
  const crossings = evidence.map((crossing) => crossing.id);
  const checker = { id, name: 'an invariant', hint: 'it is so.' };
  const story = { history: events.done(), checker, because: 'this broke', crossings, columns: 100 };
  return tellStory(story).map(plainText).slice(1, -2);
}

/** An order that is being served, with a note where one is given. */
function order(events: Script, note?: string, actor = 'a'): Crossing {
  const client = events.call(actor, 'client.checkout', {
    ...intentFor('k1'),
    ...(note === undefined ? {} : { note }),
  });
  events.apply(client);
  return client;
}

/** Something that is done at once, by the order's own actor unless said otherwise. */
function act(
  events: Script,
  site: Crossing['site'],
  { request = {}, actor = 'a' }: { readonly request?: unknown; readonly actor?: string } = {},
): Crossing {
  const crossing = events.call(actor, site, request);
  events.apply(crossing, ok({}));
  events.reply(crossing, ok({}));
  return crossing;
}

function delivery(events: Script, type: string): Crossing {
  const event = { eventId: 'evt_1', authentic: true, attempt: 1, headers: {} };
  const crossing = events.call('twin:deliver:evt_1', 'webhook.deliver', {
    ...event,
    body: JSON.stringify({ type }),
  });
  events.apply(crossing);
  events.reply(crossing, ok({ status: 200 }));
  return crossing;
}

describe('where a story of a shop ends', () => {
  it('is the last of its evidence, also when that is about no purchase', () => {
    const events = script();
    const lost = delivery(events, 'payment.captured');
    delivery(events, 'refund.failed');
    expect(told(events, 'W2', [lost])).toEqual([
      ' 1 ├─ evt_1: webhook payment.captured ──▶│                    │',
      ' 2 │◀─────────────────────── evt_1: 200 ─┤                    │   ◀ this event is lost',
    ]);
  });

  it('is the fault on those whose doing it is, however much later, and the crash that it was', () => {
    const events = script();
    order(events);
    const line = act(events, 'saga.save', { request: { state: 'RUNNING' } });
    const send = events.call(
      { actor: 'a', faults: ['crash-after-apply'] },
      'gateway.authorize',
      chargeFor('k1', 'g1'),
    );
    events.book(send, 'ch_1', 'authorized');
    events.apply(send, ok({ id: 'ch_1' }));
    events.incident({ kind: 'crashed', process: 'p0' });
    expect(told(events, 'L3', [line])).toEqual([
      ' 1 ├─ order k1 ───▶│ journals a step    │   ◀ left half way',
      ' 2 │               ├─ authorize ───────▶│ authorized ch_1  $5.00',
      ' 3 │               │ ✗ p0 crashes       │',
    ]);
  });

  it('leaves out who asked when all was over and was told what was known, and keeps who changed something', () => {
    const events = script();
    order(events);
    events.incident({ kind: 'healed' });
    const idle = events.call('ask:1', 'client.checkout', intentFor('k1'));
    events.apply(idle);
    const busy = events.call('reconcile:1', 'client.reconcile', { day: '2026-01-01' });
    events.apply(busy);
    act(events, 'ledger.commit', { actor: 'reconcile:1' });
    const lines = told(events, 'S2', []).join('\n');
    expect(lines).toContain('reconcile 2026-01-01');
    expect(lines).toContain('books it');
    expect(lines).not.toContain('ask');
    expect(told(events, 'S7', [idle]).join('\n')).toContain('ask for k1');
  });
});

describe('what a story of a shop says', () => {
  it('tells where the saga stands when it turns back and when it ends', () => {
    const events = script();
    order(events);
    const turned = act(events, 'saga.save', { request: { state: 'COMPENSATING' } });
    const left = act(events, 'saga.leave', { request: { state: 'RUNNING' } });
    const ended = act(events, 'saga.leave', { request: { state: 'COMPENSATED' } });
    const lines = told(events, 'S12', [turned, left, ended]).join('\n');
    expect(lines).toMatch(/journals the way back.*leaves the saga.*journals COMPENSATED.*◀ not undone yet/s);
  });

  it('tells an event that is kept from one that was seen before', () => {
    const events = script();
    order(events);
    const kept = events.call('a', 'inbox.receive', {});
    events.apply(kept, ok({ first: true }));
    const seen = events.call('a', 'inbox.receive', {});
    events.apply(seen, ok({ first: false }));
    expect(told(events, 'L5', [kept, seen]).join('\n')).toMatch(/keeps the event.*has seen the event/s);
  });

  it('tells a fault in place of the error that it made', () => {
    const events = script();
    order(events);
    const ship = events.call({ actor: 'a', faults: ['service-refuses'] }, 'shipping.ship', {});
    events.apply(ship, failed('service_refused'));
    expect(told(events, 'S13', [ship]).join('\n')).toContain('│ ships ✗ refused');
  });

  it('counts the rows of a report, and says where more was matched than there is', () => {
    const events = script();
    const asked = events.call('b', 'client.reconcile', { day: '2026-01-01' });
    events.apply(asked);
    const report = events.call('b', 'gateway.report', {});
    const reports = ok([
      { day: '2026-01-01', rows: [{}] },
      { day: '2026-01-02', rows: [{}] },
    ]);
    events.apply(report, reports);
    events.reply(report, reports);
    const figures = { matched: 2, internal: 1, gateway: 2, discrepancies: [], repaired: 0 };
    events.reply(asked, ok(figures));
    const lines = told(events, 'S23', [asked]).join('\n');
    expect(lines).toMatch(/├─ reconcile 2026-01-01 .* report .*│ 2 rows/);
    expect(lines).toContain(' 2 of our 1 matched ─');
    const clean = script();
    const again = clean.call('b', 'client.reconcile', { day: '2026-01-01' });
    clean.apply(again);
    clean.reply(again, ok({ ...figures, matched: 1 }));
    expect(told(clean, 'S23', [again]).join('\n')).toContain(' all matched ─');
  });

  it('counts hours where seconds would be too many', () => {
    expect([999, 1_500, 600_000, 35_999_999, 36_000_000, 345_600_000].map(durationWords)).toEqual([
      '999 ms',
      '1.50 s',
      '600 s',
      '36000 s',
      '10 h',
      '96 h',
    ]);
  });

  it('shows at the order what its note brought into the log, for a log has no line of its own', () => {
    const events = script();
    events.reply(order(events, 'card 4111-1111-1111-1111'), failed('card_declined'));
    events.incident({ kind: 'healed' });
    order(events, 'card 4111-1111-1111-1111', 'ask:1');
    const lines = told(events, 'S21', []);
    expect(lines[0]).toMatch(/├─ order k1 with a note ─.*◀ card data/);
    expect(lines.slice(1).join()).toMatch(/^ 2 │◀─+ declined ─┤ *│$/);
  });

  it('tells a payment as it was booked, and one that its payer authorised later as such', () => {
    const events = script();
    order(events);
    const manual = { ...chargeFor('k1', 'g1'), capture: 'manual' };
    const challenged = events.call({ actor: 'a', faults: ['3ds-required'] }, 'gateway.authorize', manual);
    events.book(challenged, 'ch_1', 'authorized');
    events.apply(challenged, failed('authentication_required'));
    const other = { ...manual, idempotencyKey: 'g2' };
    order(events, undefined, 'b');
    const second = events.call('b', 'gateway.authorize', other);
    events.book(second, 'ch_2', 'captured');
    events.apply(second, ok({ id: 'ch_2' }));
    const lines = told(events, 'S1', [challenged, second]).join('\n');
    expect(lines).toContain('opened ch_1  $5.00, later authorized');
    expect(lines).toMatch(/─ authorize, new key .*│ authorized ch_2 {2}\$5\.00/);
  });

  it('points at the entry that was one too many', () => {
    const events = script();
    order(events);
    const send = events.call('a', 'gateway.authorize', chargeFor('k1', 'g1'));
    events.book(send, 'ch_1');
    events.apply(send, ok({ id: 'ch_1' }));
    const first = act(events, 'ledger.commit');
    const second = act(events, 'ledger.commit', { actor: 'twin:deliver:evt_2' });
    const lines = told(events, 'W1', [first, second]);
    expect(lines.at(-1)).toMatch(/evt_2: books it *│ .*◀ booked once too often/);
  });
});
