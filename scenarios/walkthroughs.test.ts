// Convinces by playing every committed walkthrough from several seeds, where it has to pass and to tell what is written
// down here, and by planting one bug for each: it has to fail for that reason.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Played, play } from '../harness/demo/play.ts';
import { isMet } from '../harness/demo/walkthrough.ts';
import { walkthroughs } from '../harness/demo/walkthroughs.ts';
import { reference } from '../harness/targets/reference.ts';
import { type ShopParts, shopService } from '../harness/targets/shop.ts';
import type { Subject, Target, TargetEnv } from '../harness/targets/target.ts';
import { fraudEngine } from '../src/fraud/engine.ts';
import { retry } from '../src/resilience/retry.ts';

const folder = fileURLToPath(new URL('walkthroughs/', import.meta.url));

function walkthrough(id: string) {
  const found = walkthroughs.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no walkthrough ${id}`);
  return found;
}

function told({ tale }: Played): readonly string[] {
  return tale.map(({ who, what, wrong }) =>
    wrong === '' ? `${who}: ${what}` : `${who}: ${what} ✗ ${wrong}`,
  );
}

const paid = [
  'shop p0 → inventory: reserves the goods',
  'shop p0 → gateway: authorize $49.00: ch_1',
  'shop p0 → gateway: capture: ch_1',
  'shop p0 → carrier: ships: shp_1',
];

/** What each tells, from its first line to its last. */
const tales: Readonly<Record<string, readonly string[]>> = {
  1: [
    'client → shop p0: order 1001 for $49.00',
    'shop p0 → inventory: reserves the goods',
    'shop p0 → gateway: authorize $49.00 ✗ refused',
    'shop p0 → gateway: authorize $49.00 ✗ response lost, though it was done',
    'shop p0 → gateway: authorize $49.00: ch_1',
    'shop p0 → gateway: capture: ch_1',
    'shop p0 → carrier: ships: shp_1',
    'shop p0 → client: ok ch_1',
  ],
  2: [
    'client → shop p0: order 1002 for $49.00',
    ...paid,
    'shop p0 → client: no answer ✗ response lost',
    'client → shop p1: retry 1002 for $49.00',
    'shop p1 → client: ok ch_1 again',
  ],
  3: [
    'client → shop p0: order 1003 for $49.00',
    ...paid.slice(0, 3),
    'shop p0 → carrier: ships ✗ refused',
    'shop p0 → gateway: looks up: ch_1 is captured',
    'shop p0 → gateway: refund: re_1',
    'shop p0 → gateway: looks up: ch_1 is captured',
    'shop p0 → gateway: looks up: re_1 is succeeded',
    'shop p0 → inventory: lets the goods go',
    'shop p0 → client: not charged',
  ],
  4: [
    'client → shop p0: order 1004 for $49.00',
    'shop p0 → inventory: reserves the goods',
    'shop p0 → inventory: lets the goods go',
    'shop p0 → client: fraud blocked',
  ],
  5: [
    'client → shop p0: order 1005 for $49.00',
    'shop p0 → client: ok ch_1',
    'gateway → shop p0: delivers evt_1',
    'shop p0 → inbox: keeps evt_1: new',
    'shop p0 → gateway: looks up: ch_1 is captured',
    'somebody → shop p0: pretends to deliver evt_2_forged',
    'gateway → shop p0: delivers evt_2',
    'shop p0 → log: {"webhook":"refused","status":400,"code":"webhook_signature"}',
    'shop p0 → gateway: 200 for evt_1',
    'shop p0 → inbox: keeps evt_2: new',
    'shop p0 → somebody: 400 for evt_2_forged',
    'shop p0 → gateway: looks up: ch_1 is captured',
    'shop p0 → gateway: 200 for evt_2',
    'gateway → shop p0: delivers evt_1, once more',
    'shop p0 → inbox: keeps evt_1: known already',
    'shop p0 → gateway: 200 for evt_1',
  ],
  6: [
    ...[
      ['2001', '$49.00', 'ch_1'],
      ['2002', '$12.50', 'ch_2'],
      ['2003', '$80.00', 'ch_3'],
      ['2004', '$27.00', 'ch_4'],
    ].flatMap(([key, amount, charge]) => [
      `client → shop p0: order ${key} for ${amount}`,
      `shop p0 → client: ok ${charge}`,
    ]),
    'client → shop p0: refund $80.00 of 2003',
    'shop p0 → gateway: refund: re_1 ✗ refund to bounce',
    'shop p0 → client: ok ch_3',
    'operator → shop p0: reconcile 2026-01-01',
    'shop p0 → gateway: report of 2026-01-01: charge ch_2, charge ch_2, charge ch_3, charge ch_4, refund re_1, adjustment re_1',
    'shop p0 → on call: reconciliation: MISSING_GATEWAY ch_1',
    'shop p0 → on call: reconciliation: DUPLICATE ch_2',
    'shop p0 → gateway: asks for the news of refund re_1 once more',
    'gateway → shop p0: delivers evt_10',
    'shop p0 → gateway: 200 for evt_10',
    'shop p0 → operator: 4/7 matched, 3 discrepancies: 1 missing_internal, 1 missing_gateway, 1 duplicate',
  ],
  7: [
    'client → shop p0: order 1007 for $49.00, noting “card 4111-1111-1111-1111 cvv: 999”',
    'shop p0 → log: {"notice":"order.note","about":"1007","note":"card ************1111 cvv: [REDACTED_CVV]"}',
    ...paid,
    'shop p0 → client: ok ch_1',
  ],
};

/** The shop with one bug. */
function planted(start: (env: TargetEnv) => Subject): Target {
  return { ...reference, name: 'planted', start };
}

function withParts(change: ShopParts): Target {
  return planted((env) => shopService(env, change));
}

interface Bug {
  readonly id: string;
  readonly bug: string;
  readonly target: Target;
  /** Checks that must fail; others may as well. */
  readonly shows: readonly string[];
}

const bugs: readonly Bug[] = [
  {
    id: '1',
    bug: 'nothing is tried again',
    target: withParts((parts, { runtime }) => {
      const once = retry({ runtime, maxAttempts: 1 });
      return { ...parts, guards: [...parts.guards.slice(0, 1), once, ...parts.guards.slice(2)] };
    }),
    shows: ['what was sent to the gateway', 'the goods'],
  },
  {
    id: '2',
    bug: 'each process knows an order by a key of its own',
    target: planted((env) => {
      const subject = shopService(env);
      const own = <T extends { readonly key: string }>(intent: T): T => ({
        ...intent,
        key: `${intent.key}-${env.process}`,
      });
      return { ...subject, checkout: async (intent) => await (subject.checkout?.(own(intent)) as never) };
    }),
    shows: ['what was sent to the gateway', 'bytes of both answers', 'the gateway’s books'],
  },
  {
    id: '3',
    bug: 'a release of goods is forgotten',
    target: withParts((parts) => {
      const { services } = parts;
      const inventory = { ...services.inventory, release: async () => undefined };
      return { ...parts, services: { ...services, inventory } };
    }),
    shows: ['undone in this order', 'the goods'],
  },
  {
    id: '3',
    bug: 'the goods are let go before the money is back',
    target: withParts((parts) => {
      const { services } = parts;
      const { inventory, shipping } = services;
      const ship: typeof shipping.ship = async (request, ...rest) => {
        const released = (): Promise<unknown> => inventory.release({ ...request, idempotencyKey: 'early' });
        return await shipping.ship(request, ...rest).catch(async (error: unknown) => {
          await released();
          throw error;
        });
      };
      return { ...parts, services: { ...services, shipping: { ship } } };
    }),
    shows: ['undone in this order'],
  },
  {
    id: '4',
    bug: 'no rule looks at the payer',
    target: withParts((parts, { runtime, shop: world }) => ({
      ...parts,
      fraud: fraudEngine({ runtime, verdicts: (world as NonNullable<typeof world>).verdicts, rules: [] }),
    })),
    shows: ['what was sent to the gateway', 'the client was told', 'the goods', 'the gateway’s books'],
  },
  {
    id: '5',
    bug: 'no signature is looked at',
    target: withParts((parts) => ({
      ...parts,
      webhooks: { ...parts.webhooks, verifier: { verify: () => ({ scheme: 'stripe' }) } },
    })),
    shows: ['the tampered body', 'the inbox'],
  },
  {
    id: '6',
    bug: 'nobody is called',
    target: withParts((parts) => ({
      ...parts,
      services: { ...parts.services, page: async () => undefined },
    })),
    shows: ['people were called about', 'calls to people in the whole run'],
  },
  {
    id: '6',
    bug: 'missed news are never asked for',
    target: withParts((parts) => ({
      ...parts,
      services: { ...parts.services, redeliver: async () => undefined },
    })),
    shows: ['the same day, reconciled for the last time', 'the gateway’s books'],
  },
  {
    id: '7',
    bug: 'a note is logged as it came',
    target: planted((env) => {
      const subject = shopService(env);
      return {
        ...subject,
        async checkout(intent) {
          env.runtime.log({ notice: 'order.note', note: intent.note });
          return await (subject.checkout?.(intent) as never);
        },
      };
    }),
    shows: ['the log has'],
  },
];

/** Logs a note under a name that no check looks for. */
const leaky = planted((env) => {
  const subject = shopService(env);
  return {
    ...subject,
    async checkout(intent) {
      env.runtime.log({ notice: 'memo', memo: intent.note });
      return await (subject.checkout?.(intent) as never);
    },
  };
});

describe('the committed walkthroughs', () => {
  it('are the seven that are told, each with a tale here', () => {
    const names = walkthroughs.map(({ id, name }) => `${id}-${name}.json`);
    expect(readdirSync(folder).sort()).toEqual(names);
    expect(Object.keys(tales)).toEqual(walkthroughs.map(({ id }) => id));
    expect([...new Set(bugs.map(({ id }) => id))]).toEqual(walkthroughs.map(({ id }) => id));
  });

  it.each(walkthroughs)('$id passes and tells: $title', async (one) => {
    const played = await play(one, { target: reference });
    expect(played.checks.filter((check) => !isMet(check))).toEqual([]);
    expect({ broken: played.broken, passed: played.passed }).toEqual({ broken: [], passed: true });
    expect(told(played)).toEqual(tales[one.id]);
    expect((await play(one, { target: reference })).historyHash).toBe(played.historyHash);
    for (const seed of [2, 3])
      expect(await play(one, { target: reference, seed })).toMatchObject({ passed: true });
  });

  it.each(bugs)('$id fails where $bug', async ({ id, target, shows }) => {
    const played = await play(walkthrough(id), { target });
    const failed = played.checks.filter((check) => !isMet(check)).map(({ about }) => about);
    expect(failed).toEqual(expect.arrayContaining([...shows]));
    expect(played.passed).toBe(false);
  });

  it('fails where nothing but an invariant breaks', async () => {
    const played = await play(walkthrough('7'), { target: leaky });
    expect(played.checks.every(isMet)).toBe(true);
    expect(played).toMatchObject({ broken: ['S21'], passed: false });
  });
});
