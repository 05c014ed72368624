// What the layers cost where nothing goes wrong, which is nearly always: around an operation that answers at once.

import type { ChargeResult } from '../../src/gateway/port.ts';
import type { Call } from '../../src/resilience/operation.ts';
import type { ChargeIntent } from '../history/history.ts';
import { type Charge, emptyLayers, layered, wholeStack } from './charge-stacks.ts';
import { cockatielStack } from './cockatiel-stack.ts';
import { type Contender, interleaved, median, type Pace, quotients, spread, type Turns } from './measure.ts';
import { type Goal, type Row, rowOf, type Section } from './row.ts';

/** What the six layers are held to. */
const goals: Readonly<Record<'empty' | 'cockatiel', Goal>> = {
  empty: { of: 'ratio', must: 'at most', value: 2.5 },
  cockatiel: { of: 'ratio', must: 'at most', value: 0.5 },
};

const callsPerRun = 1_000;
const nsPerMs = 1_000_000;

const intents: readonly ChargeIntent[] = Array.from({ length: callsPerRun }, (_, index) => ({
  paymentToken: `tok:shop:order-${index}`,
  scope: 'shop',
  key: `order-${index}`,
  amountMinor: 5_000,
  currency: 'USD',
}));

/** What the idempotent layer hands down; the six layers alone are called with it. */
const call: Call = {
  idempotencyKey: 'charge-shop-order-1-0-0',
  merchantReference: 'charge-shop-order-1-0',
  mayResend: true,
  fence: () => {},
};

/** Each way to charge: a thousand calls, one after the other. */
export type ChargeContenders = Readonly<
  Record<'layers' | 'empty' | 'cockatiel' | 'fresh' | 'replay', Contender>
>;

/** All contenders around `operation`. The first run of replays is made of fresh calls. */
export function chargeContenders(operation: Charge): ChargeContenders {
  const replayed = wholeStack(operation);
  const direct = (charge: Charge): Contender => run((intent) => charge(intent, call));
  return {
    layers: direct(layered(operation)),
    empty: direct(emptyLayers(operation)),
    cockatiel: direct(cockatielStack(operation)),
    fresh: () => run(wholeStack(operation))(),
    replay: run(replayed),
  };
}

/** Measures all of them in turns. The time is the processor's, per call. */
export async function stackCostSection(pace: Pace): Promise<Section> {
  const { layers, empty, cockatiel, fresh, replay } = chargeContenders(answeredAtOnce);
  const turns = await interleaved([layers, empty, cockatiel, fresh, replay], pace);
  const [ours = [], floor = [], peer = [], freshly = [], replayed = []] = turns;
  const overFloor = (name: string, took: Turns, goal?: Goal): Row =>
    compared({ name, ours: took, floor }, quotients(took, floor), goal);
  return {
    title: 'the cost of the stack around an operation that answers at once; ns of processor time per call',
    rows: [
      overFloor('six layers ÷ six empty ones', ours, goals.empty),
      compared(
        { name: "six layers ÷ cockatiel's four", ours, peer, floor },
        quotients(ours, peer),
        goals.cockatiel,
      ),
      compared({ name: "cockatiel's four ÷ six empty ones", peer, floor }, quotients(peer, floor)),
      overFloor('with idempotent, fresh keys ÷ six empty ones', freshly),
      overFloor('with idempotent, replays ÷ six empty ones', replayed),
    ],
  };
}

interface Compared {
  readonly name: string;
  readonly ours?: Turns;
  readonly peer?: Turns;
  readonly floor: Turns;
}

function compared({ name, ours, peer, floor }: Compared, ratios: readonly number[], goal?: Goal): Row {
  const nsPerCall = (took: Turns): number => (median(took) * nsPerMs) / callsPerRun;
  return rowOf({
    name,
    unit: 'ns/call',
    ...(ours === undefined ? {} : { ours: nsPerCall(ours) }),
    ...(peer === undefined ? {} : { peer: nsPerCall(peer) }),
    floor: nsPerCall(floor),
    ratio: median(ratios),
    spread: spread(ratios),
    ...(goal === undefined ? {} : { goal }),
  });
}

/** A thousand calls, then one turn of the event loop, which is when Node clears up behind timers and signals. */
function run(charge: Charge): Contender {
  return async () => {
    for (const intent of intents) await charge(intent);
    await new Promise(setImmediate);
  };
}

const charged: ChargeResult = {
  id: 'ch_1',
  status: 'captured',
  amountMinor: 5_000,
  capturedMinor: 5_000,
  currency: 'USD',
  merchantReference: 'charge-shop-order-1-0',
};

/** It asks for the signal, as every adapter does that can be told to stop. */
const answeredAtOnce: Charge = async (_, { signal } = {}) => {
  signal?.throwIfAborted();
  return charged;
};
