// Convinces with a process that dies at each of its boundaries in turn, and with random crowds of payments whose effects
// are added up in every window.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CardDeclinedError, FraudBlockedError } from '../errors/payment-error.ts';
import { endOf } from '../resilience/testing.ts';
import { type Payment, type ProcessOptions, payment, room, saying, shop, twice } from './testing.ts';

/** A boundary at which the process dies. */
function dyingAt(nth: number): NonNullable<ProcessOptions['boundary']> {
  let crossed = 0;
  return async () => {
    crossed += 1;
    if (crossed > nth) await new Promise(() => {});
  };
}

describe('a process that dies', () => {
  it('at any boundary: one charge, one count, and the next execution comes to an end', async () => {
    let boundaries = 0;
    for (let nth = 0; ; nth += 1) {
      const rig = shop();
      let died = true;
      void rig
        .process({ rules: twice, boundary: dyingAt(nth) })
        .charge(payment)
        .then(() => {
          died = false;
        });
      await rig.runtime.advance(300);
      const { charge } = rig.process({ rules: twice });
      expect(await charge(payment)).toBe('charged');
      expect(rig.effects).toHaveLength(1);
      expect(await room(rig)).toBe(1);
      if (!died) break;
      boundaries = nth + 1;
    }
    // Claim, read, reserve, keep, gateway, confirm and complete, each with two halves.
    expect(boundaries).toBe(14);
  });

  it('at any boundary of a refusal: refused by the next execution as well, and nothing is sent', async () => {
    for (let nth = 0; nth <= 14; nth += 1) {
      const rig = shop();
      const rules: ProcessOptions['rules'] = (stores) => [...twice(stores), saying('BLOCK')];
      void endOf(rig.process({ rules, boundary: dyingAt(nth) }).charge(payment));
      await rig.runtime.advance(300);
      expect(await endOf(rig.process({ rules }).charge(payment))).toBeInstanceOf(FraudBlockedError);
      expect(rig.sent).toEqual([]);
    }
  });
});

const visit = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  afterMs: fc.nat(400),
  delaysMs: fc.array(fc.nat(90), { minLength: 3, maxLength: 8 }),
  diesAt: fc.option(fc.nat(14), { freq: 3 }),
  declines: fc.boolean(),
  silent: fc.boolean(),
});

describe('a crowd of payments, clients that ask again, processes that stall and die', () => {
  it('never has more than the cap in any window, and charges each key once', async () => {
    let full = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 3, maxLength: 14 }), async (visits) => {
        const rig = shop();
        for (const { key, afterMs, delaysMs, diesAt, declines, silent } of visits) {
          let crossed = 0;
          const boundary: ProcessOptions['boundary'] = async (name) => {
            crossed += 1;
            if (diesAt !== null && crossed > diesAt) await new Promise(() => {});
            const ms = delaysMs[crossed % delaysMs.length] ?? 0;
            if (ms > 0) await rig.runtime.sleep(name === 'gateway' ? Math.min(ms, 40) : ms);
          };
          // What the gateway decides is a matter of the payment, so that its answers replay.
          const answer = (given: Payment, { merchantReference }: { merchantReference?: string }) => {
            const isCharged = rig.effects.some((effect) => effect.key === merchantReference);
            if (given.key === 'd' && declines && !isCharged) throw new CardDeclinedError('no');
          };
          const { charge } = rig.process({ rules: twice, boundary, answer });
          void endOf(charge({ ...payment, key: silent ? key : `${key}${afterMs % 3}` })).then((end) => {
            if (end instanceof FraudBlockedError) full += 1;
          });
          await rig.runtime.advance(afterMs);
        }
        await rig.runtime.advance(3_000);
        const { sweep } = rig.process({ rules: twice });
        await rig.runtime.settle(endOf(sweep()));
        const { effects } = rig;
        expect(new Set(effects.map(({ key }) => key)).size).toBe(effects.length);
        for (const { atMs } of effects) {
          const window = effects.filter((other) => other.atMs > atMs - 1_000 && other.atMs <= atMs);
          expect(window.length).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 300 },
    );
    expect(full).toBeGreaterThan(50);
  });
});
