// `npm run kills`: kills workers of the reference by SIGKILL at generated boundaries and judges every history. Exit code 1:
// something broke; 2: bad usage.

import process from 'node:process';
import { parseArgs } from 'node:util';
import { storesNames } from '../cases/tiers.ts';
import { closeReal } from '../storm.ts';
import { type KillRunOptions, runKills } from './kill-run.ts';

const settings = settled();
if (settings === undefined) process.exitCode = 2;
else await kill(settings);

async function kill(options: KillRunOptions): Promise<void> {
  let shown = 0;
  const tally = await runKills({
    ...options,
    onCase({ cases, kills, broken }) {
      if (kills - shown < 100) return;
      shown = kills;
      process.stderr.write(`${kills} kills in ${cases} cases, ${broken.length} of which broke something\n`);
    },
  });
  await closeReal();
  process.stdout.write(`${JSON.stringify({ ...options, ...tally }, undefined, 2)}\n`);
  process.exitCode = tally.broken.length > 0 ? 1 : 0;
}

/** What the command line asks for; undefined after saying what is wrong with it. */
function settled(): KillRunOptions | undefined {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '1000' },
      stores: { type: 'string', default: 'redis' },
      seed: { type: 'string', default: '1' },
    },
  });
  const kills = Number(values.kills);
  const seed = Number(values.seed);
  const stores = storesNames.find((name) => name === values.stores);
  if (Number.isSafeInteger(kills) && kills > 0 && Number.isSafeInteger(seed) && stores !== undefined)
    return { kills, stores, seed };
  process.stderr.write(
    `usage: npm run kills -- [--kills 1000] [--stores ${storesNames.join('|')}] [--seed 1]; numbers are whole\n`,
  );
  return undefined;
}
