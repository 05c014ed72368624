// Every committed case is replayed on the planted bug that it was found in, where it has to break the same invariant
// through the very same history, and on the reference, where nothing may break.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeCase } from '../harness/cases/codec.ts';
import { mutants } from '../harness/mutants/registry.ts';
import { runCase } from '../harness/run.ts';
import { reference } from '../harness/targets/reference.ts';
import { findTarget } from '../harness/targets/registry.ts';
import { committedPairs } from './committed-pairs.ts';

const folder = fileURLToPath(new URL('cases/', import.meta.url));
const files = readdirSync(folder).sort();

describe('committed cases', () => {
  it('are there for every planted bug', () => {
    const expected = committedPairs(mutants).map(({ mutant, profile }) => `${mutant.id}.${profile}.json`);
    expect(files).toEqual(expected.sort());
  });

  it.each(files)('%s breaks its target as it did when it was found, and not the reference', async (file) => {
    const subject = decodeCase(readFileSync(folder + file, 'utf8'), file);
    const target = findTarget(subject.target);
    if (target === undefined || subject.found === undefined)
      throw new Error(`${file} names no known target or history`);
    const again = await runCase(subject, target);
    expect(again.broken).toContain(subject.expect?.breaks);
    expect(again.history.digest).toBe(subject.found.historyHash);
    expect((await runCase(subject, reference)).broken).toEqual([]);
  });
});
