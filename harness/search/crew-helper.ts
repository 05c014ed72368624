// What a helper thread of a campaign runs; see `startCrew`.

import { parentPort, workerData } from 'node:worker_threads';
import { runCase } from '../run.ts';
import { findTarget } from '../targets/registry.ts';
import { boardOn } from './board.ts';
import type { HelperData, HelperMessage } from './crew.ts';
import { partRunner } from './part.ts';
import { workThrough } from './work-through.ts';

const { options, memory, seat } = workerData as HelperData;
const target = findTarget(options.target);
if (target === undefined) throw new RangeError(`no target is called ${options.target}`);

const say = (message: HelperMessage): void => parentPort?.postMessage(message);
const board = boardOn(memory, seat, options);
const runner = partRunner(options, (subject) => runCase(subject, target));
await workThrough({ board, runner, bail: options.bail, handIn: say });
say('done');
