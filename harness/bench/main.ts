// `npm run bench`: how fast the simulator is, and what the layers of the stack cost, beside others. Figures depend on
// the machine; the ratios, taken within one run, hardly do. Exit code 4: a goal was missed; 2: bad usage.

import { parseArgs } from 'node:util';
import { keepWorldsYoung } from '../heap-flags.ts';
import type { Pace } from './measure.ts';
import { realStoresSection } from './real-stores.ts';
import { reconciliationSection } from './reconciliation.ts';
import { redactionSection } from './redaction.ts';
import type { Section } from './row.ts';
import { shopSection } from './shop.ts';
import { simulatorSection } from './simulator.ts';
import { stackCostSection } from './stack-cost.ts';
import { tableOf } from './table.ts';
import { webhookSection } from './webhook-verification.ts';

const sections: Readonly<Record<string, (pace: Pace) => Promise<Section>>> = {
  simulator: simulatorSection,
  shop: shopSection,
  stack: stackCostSection,
  redaction: redactionSection,
  webhooks: webhookSection,
  reconciliation: reconciliationSection,
  stores: realStoresSection,
};

keepWorldsYoung();
const settings = settled();
if (settings === undefined) process.exitCode = 2;
else await bench(settings);

interface Settings {
  readonly json: boolean;
  readonly only: readonly string[];
  readonly pace: Pace;
}

async function bench({ json, only, pace }: Settings): Promise<void> {
  const measured: Section[] = [];
  for (const name of only) {
    const section = await sections[name]?.(pace);
    if (section === undefined) continue;
    measured.push(section);
    if (!json) console.log([...tableOf(section), ''].join('\n'));
  }
  const rows = measured.flatMap((section) => section.rows);
  if (json) console.log(JSON.stringify({ rows }));
  process.exitCode = rows.some(({ met }) => met === false) ? 4 : 0;
}

/** What the command line asks for; undefined after saying what is wrong with it. */
function settled(): Settings | undefined {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
        turns: { type: 'string', default: '25' },
        'turn-ms': { type: 'string', default: '150' },
      },
    });
    const known = Object.keys(sections);
    const { only } = values;
    if (only !== undefined && !known.includes(only)) {
      throw new RangeError(`--only: there is no section "${only}"; known: ${known.join(', ')}`);
    }
    const pace = { turns: count('turns', values.turns), turnMs: count('turn-ms', values['turn-ms']) };
    return { json: values.json, only: only === undefined ? known : [only], pace };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`bench: ${error.message}`);
    return undefined;
  }
}

function count(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`--${flag}: expected a whole number ≥ 1, got "${text}"`);
}
