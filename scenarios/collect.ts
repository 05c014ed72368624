// Writes the committed cases of the planted bugs anew: `npm run scenarios`. Needed when the world, the history or the
// reference stack has changed so that saved histories no longer have their old hashes; read the difference before
// committing it.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeCase } from '../harness/cases/codec.ts';
import { version } from '../harness/cli/version.ts';
import { hunt, huntsFor } from '../harness/mutants/hunt.ts';
import { mutants } from '../harness/mutants/registry.ts';

const folder = fileURLToPath(new URL('cases/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const file of readdirSync(folder)) if (file.endsWith('.json')) rmSync(join(folder, file));

let missed = 0;
for (const one of huntsFor(mutants, { seed: 1, runs: 100_000 })) {
  const { mutant, profile, expected } = one;
  const found = await hunt(one);
  const faults = found === undefined ? 0 : found.faults + found.preemptions;
  const caught = found !== undefined && faults <= expected.faults;
  if (!caught) missed += 1;
  const story =
    found === undefined
      ? 'survived'
      : `${found.requests} requests, ${faults} faults, run ${found.runsToFailure}`;
  process.stdout.write(
    `${caught ? 'caught' : 'MISSED'} ${mutant.id} (${profile}) ${expected.breaks}: ${story}\n`,
  );
  if (found === undefined) continue;
  const historyHash = found.result.history.digest;
  const saved = { ...found.case, expect: { breaks: expected.breaks }, found: { tool: version, historyHash } };
  writeFileSync(join(folder, `${mutant.id}.${profile}.json`), encodeCase(saved));
}
process.exitCode = missed === 0 ? 0 : 1;
