// How this convinces: cases of orders are run with a collection of the young objects after each, and the heap is weighed. What
// one case leaves behind must be a small part of what it holds while it runs: with a store, or a generator of the ledger,
// allocated among the old it is nearly all of it.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { shopCorpus } from './bench/corpus.ts';
import { keepWorldsYoung } from './heap-flags.ts';
import { storm } from './storm.ts';
import { reference } from './targets/reference.ts';

const collections = 40;

it('leaves no world behind that only a full collection would find', async () => {
  keepWorldsYoung();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' | 'major' }) => void;
  const [subject] = shopCorpus();
  if (subject === undefined) throw new Error('the corpus of orders is empty');
  const runs = async (): Promise<void> => {
    for (let run = 0; run < collections; run++) {
      await storm(subject, reference);
      collect({ type: 'minor' });
    }
    collect({ type: 'minor' });
  };
  // Code is compiled and memories fill up at first, which are no leftovers of cases.
  await runs();
  collect({ type: 'major' });
  const before = process.memoryUsage().heapUsed;
  await runs();
  const leftBytes = (process.memoryUsage().heapUsed - before) / collections;
  expect(leftBytes).toBeLessThan(100_000);
});
