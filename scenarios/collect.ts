// Writes the committed cases of the planted bugs anew: `npm run scenarios`. Needed when the world, the history or the
// reference stack has changed so that saved histories no longer have their old hashes; read the difference before
// committing it.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeCase } from '../harness/cases/codec.ts';
import { version } from '../harness/cli/version.ts';
import { hunt } from '../harness/mutants/hunt.ts';
import { stepsOf } from '../harness/mutants/minimum.ts';
import { mutants } from '../harness/mutants/registry.ts';
import { committedPairs } from './committed-pairs.ts';

const folder = fileURLToPath(new URL('cases/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const file of readdirSync(folder)) if (file.endsWith('.json')) rmSync(join(folder, file));

/** A case of orders takes as long as many of single charges. */
const runs = { charge: 100_000, checkout: 10_000 } as const;

let missed = 0;
for (const pair of committedPairs(mutants)) {
  const { mutant, profile, expected } = pair;
  const { caught } = await hunt({ ...pair, seed: 1, runs: runs[mutant.suite] });
  const steps = caught === undefined ? 0 : stepsOf(caught);
  const least = stepsOf(expected);
  if (caught === undefined) missed += 1;
  const story =
    caught === undefined ? 'survived' : `${steps} steps, at least ${least}, run ${caught.runsToFailure}`;
  process.stdout.write(
    `${caught === undefined ? 'MISSED' : 'caught'} ${mutant.id} (${profile}) ${expected.breaks}: ${story}\n`,
  );
  if (caught === undefined) continue;
  const historyHash = caught.result.history.digest;
  const saved = {
    ...caught.case,
    expect: { breaks: expected.breaks },
    found: { tool: version, historyHash },
  };
  writeFileSync(join(folder, `${mutant.id}.${profile}.json`), encodeCase(saved));
}
process.exitCode = missed === 0 ? 0 : 1;
