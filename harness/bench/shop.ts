// How fast whole shops are stormed: orders, refunds, webhooks and days of settlement, beside cases of charges alone. Faults,
// digest and every checker are on.

import type { Case } from '../cases/case.ts';
import { runCase } from '../run.ts';
import { reference } from '../targets/reference.ts';
import type { Target } from '../targets/target.ts';
import { corpus, shopCorpus } from './corpus.ts';
import { type Contender, interleaved, median, type Pace, quotients, spread, type Turns } from './measure.ts';
import { type Goal, rowOf, type Section } from './row.ts';

/** What the suite of orders is held to: cases of its corpus per second of one core. */
const goal: Goal = { of: 'ours', must: 'at least', value: 1_000 };

const nsPerMs = 1_000_000;

interface Suite {
  readonly cases: number;
  /** Boundary events of all cases together. */
  readonly events: number;
  readonly run: Contender;
}

/** Runs both corpora in turns. The ratio says how many times as long an event of a shop takes as one of a charge. */
export async function shopSection(pace: Pace): Promise<Section> {
  const orders = await suiteOf(shopCorpus(), reference);
  const charges = await suiteOf(corpus(), reference);
  const [ours = [], others = []] = await interleaved([orders.run, charges.run], pace);
  const perSecond = ({ cases }: Suite, turns: Turns): number => (cases * 1_000) / median(turns);
  const nsPerEvent = ({ events }: Suite, turns: Turns): number => (median(turns) * nsPerMs) / events;
  const scale = charges.events / orders.events;
  const ratios = quotients(ours, others).map((ratio) => ratio * scale);
  return {
    title:
      `the storm around a shop: ${sizeOf(orders)}; beside charges alone: ${sizeOf(charges)}; ` +
      'faults, digest and checkers on; one core',
    rows: [
      rowOf({
        name: 'cases of orders',
        unit: 'cases/s',
        ours: perSecond(orders, ours),
        spread: spread(ours),
        goal,
      }),
      rowOf({
        name: 'cases of charges',
        unit: 'cases/s',
        ours: perSecond(charges, others),
        spread: spread(others),
      }),
      rowOf({
        name: 'ns for an event of orders ÷ of charges',
        unit: 'ns/event',
        ours: nsPerEvent(orders, ours),
        peer: nsPerEvent(charges, others),
        ratio: median(ratios),
        spread: spread(ratios),
      }),
    ],
  };
}

/** The cases around `target`, run once to count their events. */
async function suiteOf(cases: readonly Case[], target: Target): Promise<Suite> {
  let events = 0;
  for (const subject of cases) events += (await runCase(subject, target)).history.events;
  return {
    cases: cases.length,
    events,
    async run() {
      for (const subject of cases) await runCase(subject, target);
    },
  };
}

function sizeOf({ cases, events }: Suite): string {
  return `${cases} cases of ${(events / cases).toFixed(0)} boundary events`;
}
