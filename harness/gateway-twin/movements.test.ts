// Convinces by trying every move from every state a payment can be in, against a table written from the rules of
// card payments (void only before capture, refund only after), and by adding up what the books say was moved.

import { describe, expect, test } from 'vitest';
import type { GatewayCapabilities } from '../../src/gateway/port.ts';
import { injection, type Rig, rig, severalCaptures } from './twin-rig.ts';

const dayMs = 86_400_000;

type State = 'pending' | 'authorized' | 'captured' | 'voided' | 'failed' | 'lapsed';

function movable(state?: State, changed: Partial<GatewayCapabilities> = {}) {
  const { twin, far, charge } = rig('stripe', changed);
  let uses = 0;
  const base = () => {
    uses += 1;
    return { idempotencyKey: `m${uses}`, merchantReference: `move-${uses}`, chargeId: 'ch_1' };
  };
  const moves = {
    capture: (amountMinor = 500) => twin.capture({ ...base(), amountMinor }),
    void: () => twin.void(base()),
    refund: (amountMinor = 500) => twin.refund({ ...base(), amountMinor }),
  };
  if (state !== undefined) bring(state, { charge, far, moves });
  return { twin, far, charge, ...moves };
}

function bring(
  state: State,
  { charge, far, moves }: Pick<Rig, 'charge' | 'far'> & { moves: { void: () => unknown } },
): void {
  if (state === 'pending') charge({}, injection('pending', 10));
  else if (state === 'captured') charge();
  else if (state === 'failed') charge({}, injection('3ds-abandoned', 10));
  else charge({ capture: 'manual' });
  if (state === 'failed') far.advance(10);
  if (state === 'voided') moves.void();
  if (state === 'lapsed') far.advance(7 * dayMs);
}

describe('which move is allowed from which state', () => {
  test.each([
    ['pending', { capture: 400, void: 400, refund: 400 }],
    ['authorized', { capture: 200, void: 200, refund: 400 }],
    ['captured', { capture: 400, void: 400, refund: 200 }],
    ['voided', { capture: 400, void: 400, refund: 400 }],
    ['failed', { capture: 400, void: 400, refund: 400 }],
    ['lapsed', { capture: 400, void: 400, refund: 400 }],
  ] as const)('%s: %o', (state, allowed) => {
    for (const move of ['capture', 'void', 'refund'] as const) {
      const moved = movable(state);
      const before = moved.twin.books();
      expect(moved[move](), move).toMatchObject({
        status: allowed[move],
        ...(allowed[move] === 400 ? { code: 'unexpected_state' } : {}),
      });
      if (allowed[move] === 400) expect(moved.twin.books()).toEqual(before);
    }
  });

  test.each(['capture', 'void', 'refund'] as const)('%s of a charge that does not exist', (move) => {
    expect(movable()[move]()).toEqual({ status: 404, code: 'resource_missing', replayed: false });
  });
});

describe('how much', () => {
  test('a capture may take less than was authorised, and then no more', () => {
    const { capture, twin } = movable('authorized');
    expect(capture(501)).toMatchObject({ status: 400, code: 'amount_too_large' });
    expect(capture(0)).toMatchObject({ status: 400, code: 'parameter_invalid' });
    expect(capture(300)).toMatchObject({
      charge: { status: 'captured', amountMinor: 500, capturedMinor: 300 },
    });
    expect(capture(200)).toMatchObject({ status: 400, code: 'unexpected_state' });
    expect(twin.books().charges[0]?.capturedMinor).toBe(300);
  });

  test('several captures, where the gateway has them, add up to what was authorised', () => {
    const { capture, twin, void: cancel } = movable('authorized', severalCaptures);
    expect(capture(300)).toMatchObject({
      charge: { status: 'captured', capturedMinor: 300, openMinor: 200 },
    });
    expect(twin.books().charges[0]?.openMinor).toBe(200);
    expect(capture(201)).toMatchObject({ status: 400, code: 'amount_too_large' });
    const last = capture(200);
    expect(last).toMatchObject({ status: 200, charge: { status: 'captured', capturedMinor: 500 } });
    expect(last).not.toHaveProperty('charge.openMinor');
    expect(cancel()).toMatchObject({ status: 400, code: 'unexpected_state' });
    expect(capture(1)).toMatchObject({ status: 400, code: 'unexpected_state' });
    const [charge] = twin.books().charges;
    expect(charge).toMatchObject({ capturedMinor: 500 });
    expect(charge).not.toHaveProperty('openMinor');
    expect(
      charge?.captures?.map(({ amountMinor, merchantReference }) => [amountMinor, merchantReference]),
    ).toEqual([
      [300, 'move-1'],
      [200, 'move-3'],
    ]);
  });

  test('a void after a part was captured releases the rest, once, and what was captured stays', () => {
    const { capture, twin, refund, void: cancel } = movable('authorized', severalCaptures);
    capture(300);
    const answer = cancel();
    expect(answer).toMatchObject({ status: 200, charge: { status: 'captured', capturedMinor: 300 } });
    expect(answer).not.toHaveProperty('charge.openMinor');
    expect(cancel()).toMatchObject({ code: 'unexpected_state' });
    expect(capture(1)).toMatchObject({ code: 'unexpected_state' });
    expect(refund(300)).toMatchObject({ status: 200 });
    expect(twin.books().charges[0]).toMatchObject({
      status: 'captured',
      capturedMinor: 300,
      refundedMinor: 300,
    });
  });

  test('without several captures, a capture releases what it does not take', () => {
    const { capture, twin, void: cancel } = movable('authorized');
    expect(capture(300)).not.toHaveProperty('charge.openMinor');
    expect(cancel()).toMatchObject({ code: 'unexpected_state' });
    expect(twin.books().charges[0]).not.toHaveProperty('openMinor');
  });

  test('a partially approved authorisation can be captured up to what was approved', () => {
    const { charge, capture } = movable();
    charge({ capture: 'manual', amountMinor: 501 }, injection('partial-approval'));
    expect(capture(252)).toMatchObject({ code: 'amount_too_large' });
    expect(capture(251)).toMatchObject({ charge: { capturedMinor: 251 } });
  });

  test('refunds never exceed what was captured, those on their way included', () => {
    const { refund, twin, far } = movable('captured');
    const later = { idempotencyKey: 'r', merchantReference: 'r', chargeId: 'ch_1', amountMinor: 300 };
    expect(twin.refund(later, injection('pending', 1000))).toEqual({
      status: 200,
      refund: { id: 're_1', chargeId: 'ch_1', amountMinor: 300, status: 'pending' },
      replayed: false,
    });
    expect(refund(201)).toMatchObject({ status: 400, code: 'amount_too_large' });
    expect(refund(200)).toMatchObject({ refund: { id: 're_2', status: 'succeeded' } });
    expect(twin.books().charges[0]?.refundedMinor).toBe(200);
    far.advance(1000);
    expect(twin.books().charges[0]?.refundedMinor).toBe(500);
    expect(refund(1)).toMatchObject({ code: 'amount_too_large' });
  });
});

test('an authorisation lapses after seven days and not before', () => {
  const { twin, far } = movable('authorized');
  far.advance(7 * dayMs - 1);
  expect(twin.books().charges[0]?.status).toBe('authorized');
  far.advance(1);
  expect(twin.books().charges[0]?.status).toBe('voided');
});

test('keys and faults treat every movement as they treat a charge', () => {
  const { twin } = movable('captured');
  const refund = { idempotencyKey: 'r', merchantReference: 'r', chargeId: 'ch_1', amountMinor: 100 };
  expect(twin.refund(refund, injection('rate-limited'))).toMatchObject({ status: 429 });
  expect(twin.refund(refund, injection('500-after-commit'))).toMatchObject({ status: 500, replayed: false });
  expect(twin.refund(refund)).toMatchObject({ status: 500, replayed: true });
  expect(twin.books().charges[0]?.refundedMinor).toBe(100);
});
