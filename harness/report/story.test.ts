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
  const first = events.call(
    { actor: 'a', faults: ['response-lost'] },
    'gateway.authorize',
    chargeFor('k1', 'g1'),
  );
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

  it('tells a payment that waits for its payer as opened, and the payer who decides it, however late', () => {
    const events = script();
    const client = events.call('a', 'client.charge', intentFor('k1'));
    events.apply(client);
    const challenged = events.call(
      { actor: 'a', faults: ['3ds-challenge'] },
      'gateway.authorize',
      chargeFor('k1', 'g1'),
    );
    events.book(challenged, 'ch_1');
    events.apply(challenged, failed('authentication_required'));
    events.reply(challenged, failed('authentication_required'));
    const second = events.call('a', 'gateway.authorize', chargeFor('k1', 'g2'));
    events.book(second, 'ch_2');
    events.apply(second, ok({ status: 200, charge: { id: 'ch_2' }, replayed: false }));
    events.wait(5_000);
    events.incident({ kind: 'stepped-up', paymentToken: 'tok_k9', outcome: 'authenticated' });
    events.incident({ kind: 'stepped-up', paymentToken: 'tok_k1', outcome: 'failed' });
    const lines = told(events.done(), [challenged.id, second.id]);
    expect(lines[1]).toContain('opened ch_1  $5.00');
    expect(lines[3]).toContain('captured ch_2  $5.00');
    expect(lines[5]).toContain('payer fails the challenge');
    expect(lines.join('\n')).not.toContain('authenticates');
  });

  it('tells a charge that lands after its request was given up as a line of its own', () => {
    const events = script();
    const client = events.call('a', 'client.charge', intentFor('k1'));
    events.apply(client);
    const send = events.call(
      { actor: 'a', faults: ['edge-504'] },
      'gateway.authorize',
      chargeFor('k1', 'g1'),
    );
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

describe('the story of a takeover', () => {
  it('shows the crash, the restart, when each happened, and who took over', () => {
    const events = script();
    const client = events.call('a', 'client.charge', intentFor('k1'));
    events.apply(client);
    const send = events.call(
      { actor: 'a', faults: ['crash-after-apply'] },
      'gateway.authorize',
      chargeFor('k1', 'g1'),
    );
    events.wait(20);
    events.book(send, 'ch_1');
    events.apply(send, ok({ status: 200, charge: { id: 'ch_1' } }));
    events.incident({ kind: 'crashed', process: 'p0' });
    events.wait(500);
    events.incident({ kind: 'started', process: 'p0' });
    events.wait(100_000);
    const retry = events.call('a/1', 'client.charge', intentFor('k1'));
    events.apply(retry);
    const claim = events.call('a/1', 'store.claim', { key: 's/k1' });
    events.apply(claim, ok({ owned: true, record: { state: 'IN_FLIGHT', token: 2 } }));
    const again = events.call('a/1', 'gateway.authorize', chargeFor('k1', 'g2'));
    events.book(again, 'ch_2');
    events.apply(again, ok({ status: 200, charge: { id: 'ch_2' } }));
    const lines = told(events.done(), [send.id, again.id]);
    expect(lines.slice(0, 6)).toEqual([
      '           client          service               gateway',
      ' 1    0 ms ├─ charge k1 ──▶├─ authorize ────────▶│ captured ch_1  $5.00',
      ' 2   20 ms │               │ ✗ p0 crashes        │',
      ' 3  520 ms │               │ p0 starts again     │',
      ' 4 100.5 s ├─ retry k1 ───▶│ takes over, token 2 │',
      ' 5         │               ├─ retry, new key ───▶│ captured ch_2  $5.00   ◀ second charge for k1',
    ]);
  });

  it('names the actors only where two are at work at once', () => {
    const events = script();
    const first = events.call('a', 'client.charge', intentFor('k1'));
    const second = events.call({ actor: 'b', process: 'p1' }, 'client.charge', intentFor('k1', 700));
    events.apply(first);
    events.apply(second);
    const claim = events.call({ actor: 'b', process: 'p1' }, 'store.claim', { key: 's/k1' });
    events.apply(claim, ok({ owned: false, record: { state: 'IN_FLIGHT', token: 1 } }));
    events.reply(second, ok({ kind: 'rejected', code: 'idempotency_conflict', body: '' }));
    expect(told(events.done(), [first.id, second.id]).slice(1, 4)).toEqual([
      ' 1 ├─ a: charge k1 $5.00 → p0 ──▶│                    │',
      ' 2 ├─ b: charge k1 $7.00 → p1 ──▶│ b: sees IN_FLIGHT  │',
      ' 3 │◀────────────── b: conflict ─┤                    │   ◀ second charge for k1',
    ]);
  });
});

describe('the story of a sweep', () => {
  it('names the sweep, and leaves out what it did for another purchase', () => {
    const events = script();
    const client = events.call('a', 'client.charge', intentFor('k1'));
    const other = events.call('b', 'client.charge', intentFor('k2'));
    events.incident({ kind: 'started', process: 'p0' });
    events.apply(client);
    events.apply(other);
    const claims = [
      events.call('a', 'store.claim', { key: 's/k1' }),
      events.call('b', 'store.claim', { key: 's/k2' }),
    ];
    for (const claim of claims)
      events.apply(claim, ok({ owned: true, record: { state: 'IN_FLIGHT', token: 1 } }));
    const looks: number[] = [];
    for (const key of ['k2', 'k1']) {
      const taken = events.call('sweep:1', 'store.claim', { key: `s/${key}` });
      events.apply(taken, ok({ owned: true, record: { state: 'IN_FLIGHT', token: key === 'k1' ? 2 : 3 } }));
      // A read names nothing that this story knows: it belongs to the record that the sweep works on.
      const look = events.call('sweep:1', 'gateway.lookup', {
        by: 'reference',
        merchantReference: `unknown-${key}`,
      });
      events.apply(look, ok({ kind: 'absent' }));
      events.reply(look, ok({ kind: 'absent' }));
      looks.push(look.id);
    }
    const lines = told(events.done(), [client.id, ...looks.slice(1)]);
    expect(lines.slice(1, 4)).toEqual([
      ' 1 ├─ charge k1 ──▶│                              │',
      ' 2 │               │ sweep:1: takes over, token 2 │',
      ' 3 │               ├─ sweep:1: look up ──────────▶│ look-up: nothing there',
    ]);
  });

  it('tells polling once, with a count', () => {
    const events = script();
    const client = events.call('a', 'client.charge', intentFor('k1'));
    events.apply(client);
    for (let poll = 1; poll <= 3; poll++) {
      const claim = events.call('a', 'store.claim', { key: 's/k1' });
      events.apply(claim, ok({ owned: false, record: { state: 'IN_FLIGHT', token: 1 } }));
      events.wait(100);
    }
    events.reply(client, ok({ kind: 'rejected', code: 'idempotency_in_progress', body: '' }));
    expect(told(events.done(), [client.id]).slice(1, 3)).toEqual([
      ' 1 ├─ charge k1 ────▶│ sees IN_FLIGHT ×3  │',
      ' 2 │◀── in progress ─┤                    │   ◀ second charge for k1',
    ]);
  });
});

describe('any story', () => {
  it('does not let a key rewrite the terminal', () => {
    const events = script();
    const client = events.call('a', 'client.charge', intentFor('\u001b[2Jk1'));
    events.apply(client);
    expect(told(events.done(), [client.id]).join('\n')).not.toContain('\u001b');
  });

  it('folds what is uneventful when it grows too long, and says how much', () => {
    const events = script();
    const evidence = doubleCharge(events);
    for (let index = 1; index <= 60; index++) {
      const again = events.call(`a/${index}`, 'client.charge', intentFor('k1'));
      events.apply(again);
      events.wait(1);
      events.reply(again, ok({ kind: 'pending', code: 'payment_pending', body: '' }));
    }
    const last = events.call('a/61', 'gateway.authorize', chargeFor('k1', 'g3'));
    events.apply(last, failed('card_declined'));
    const text = told(events.done(), [...evidence, last.id]).join('\n');
    expect(text).toContain('captured ch_2  $5.00');
    expect(text).toContain('declined');
    expect(text).toMatch(/\((\d+) uneventful lines left out/);
    expect(text.split('\n').length).toBeLessThan(50);
  });
});
