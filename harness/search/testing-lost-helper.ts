// A helper thread that is lost in the middle of its work, for tests: like `crew-helper.ts`, but it ends with its 70th run.

import { parentPort, workerData } from 'node:worker_threads';
import { runCase } from '../run.ts';
import { reference } from '../targets/reference.ts';
import { boardOn } from './board.ts';
import type { HelperData, HelperMessage } from './crew.ts';
import { partRunner } from './part.ts';
import { workThrough } from './work-through.ts';

const { options, memory, seat } = workerData as HelperData;
let runs = 0;
const runner = partRunner(options, (subject) => {
  runs += 1;
  if (runs === 70) process.exit(7);
  return runCase(subject, reference);
});
const say = (message: HelperMessage): void => parentPort?.postMessage(message);
await workThrough({ board: boardOn(memory, seat, options), runner, bail: options.bail, handIn: say });
say('done');
