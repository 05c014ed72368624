// Convinces by telling hand-made histories and comparing the drawn lines: each test fixes what a reader must be
// able to see (who sent what, what was lost, what the books then said, where the finger points) and what must not
// distract them.

import { describe, expect, it } from 'vitest';
import type { History } from '../history/history.ts';
import { tellStory } from './story.ts';
import { chargeFor, failed, intentFor, ok, type Script, script } from './testing.ts';
import { columnsOf, plainText } from './text.ts';

const checker = { id: 'S1', name: 'single-charge', hint: 'the key is not forwarded.' } as const;

function told(history: History, crossings: readonly number[], columns = 100): readonly string[] {
  const because = 'expected at most 1 effective charge per intent, got 2';
  return tellStory({ history, checker, because, crossings, columns }).map(plainText);
}

/** A response is lost, and the retry charges again. */
function doubleCharge(events: Script): readonly number[] {
  const client = events.call('a', 'client.charge', intentFor('k1'));
  events.apply(client);
  const claim = events.call('a', 'store.claim', { key: 's/k1' });
  events.apply(claim, ok({ owned: true, record: { state: 'IN_FLIGHT', token: 1 } }));
  events.reply(claim, ok({ owned: true }));
  const first = events.call('a', 'gateway.authorize', chargeFor('k1', 'g1'), { faults: ['response-lost'] });
  events.wait(20);
  events.book(first, 'ch_1');
  events.apply(first, ok({ status: 200, charge: { id: 'ch_1' }, replayed: false }));
  events.wait(20);
  events.reply(first, failed('network_error'));
  const sleep = events.call('a', 'clock.sleep', { ms: 100 });
  events.wait(100);
  events.apply(sleep);
  const second = events.call('a', 'gateway.authorize', chargeFor('k1', 'g2'));
  events.book(second, 'ch_2');
  events.apply(second, ok({ status: 200, charge: { id: 'ch_2' }, replayed: false }));
  events.reply(second, ok({ id: 'ch_2' }));
  events.reply(
    client,
    ok({ kind: 'ok', chargeId: 'ch_2', amountMinor: 500, currency: 'USD', body: '', replayed: false }),
  );
  return [first.id, second.id];
}

describe('the story of a double charge', () => {
  it('draws the lanes, the lost response, both captures and the pointer', () => {
    const events = script();
    const evidence = doubleCharge(events);
    expect(told(events.done(), evidence)).toEqual([
      '   client          service                gateway',
      ' 1 ├─ charge k1 ──▶├─ authorize ─────────▶│ captured ch_1  $5.00',
      ' 2 │               │◀──── response lost ✗─┤',
      ' 3 │               ├─ retry, new key ────▶│ captured ch_2  $5.00   ◀ second charge for k1',
      '   expected at most 1 effective charge per intent, got 2',
      '   why it can happen: the key is not forwarded.',
    ]);
  });

  it('keeps within 80 columns, moving the pointer below its line', () => {
    const events = script();
    const evidence = doubleCharge(events);
    const lines = told(events.done(), evidence, 80);
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(80);
    expect(lines[4]).toBe('   │               │                      │ ◀ second charge for k1');
  });

  it('leaves out another purchase that was going on at the same time', () => {
    const events = script();
    const other = events.call('b', 'client.charge', intentFor('k2'));
    events.apply(other);
    const evidence = doubleCharge(events);
    expect(told(events.done(), evidence).join('\n')).not.toContain('k2');
  });

  it('tells a charge that lands after its request was given up as a line of its own', () => {
    const events = script();
    const client = events.call('a', 'client.charge', intentFor('k1'));
    events.apply(client);
    const send = events.call('a', 'gateway.authorize', chargeFor('k1', 'g1'), { faults: ['edge-504'] });
    events.apply(send, failed('gateway_error'));
    events.reply(send, failed('gateway_error'));
    events.wait(5000);
    events.book(send, 'ch_1');
    expect(told(events.done(), [send.id])).toEqual([
      '        client          service              gateway',
      ' 1 0 ms ├─ charge k1 ──▶├─ authorize ───────▶│',
      ' 2      │               │◀─────── edge 504 ✗─┤',
      ' 3  5 s │               │                    │ captured ch_1  $5.00   ◀ second charge for k1',
      '   expected at most 1 effective charge per intent, got 2',
      '   why it can happen: the key is not forwarded.',
    ]);
  });
});
