// `npm run bench`: how fast the simulator is, and how much faster than the same world driven by well-known parts.
// Figures are per second of processor time. They depend on the machine; the ratios, taken within one run, hardly do.

import { parseArgs } from 'node:util';
import { judge } from '../judge.ts';
import { runCase } from '../run.ts';
import { storm } from '../storm.ts';
import { reference } from '../targets/reference.ts';
import type { Drive } from '../world/pump.ts';
import { corpus } from './corpus.ts';
import { fakeTimerDrive, schedulerDrive } from './drives.ts';
import { interleaved, median } from './measure.ts';

/** What the simulator is held to: cases of the corpus per second on one core, and the ratio to the other scheduler. */
const goals = { casesPerSecond: 5_000, timesScheduler: 2 };

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    turns: { type: 'string', default: '7' },
    'turn-ms': { type: 'string', default: '600' },
  },
});

const cases = corpus();
let events = 0;
for (const subject of cases) events += (await storm(subject, reference)).events;
const eventsPerCase = events / cases.length;

const driven = (drive: Drive) => async (): Promise<void> => {
  for (const subject of cases) judge(await storm(subject, reference, drive));
};
const contenders = [
  {
    name: 'paystorm',
    run: async () => {
      for (const subject of cases) await runCase(subject, reference);
    },
  },
  { name: "fast-check's scheduler", run: driven(schedulerDrive) },
  { name: 'fake timers', run: driven(fakeTimerDrive) },
];
const turns = await interleaved(contenders, { turns: Number(flags.turns), turnMs: Number(flags['turn-ms']) });

const [ours = []] = turns;
const rows = contenders.map(({ name }, index) => {
  const times = turns[index] ?? [];
  const casesPerSecond = (cases.length / median(times)) * 1_000;
  return {
    name,
    casesPerSecond: Math.round(casesPerSecond),
    eventsPerSecond: Math.round(casesPerSecond * eventsPerCase),
    /** How many times as long as ours, turn by turn. */
    timesOurs: Number(median(times.map((ms, turn) => ms / (ours[turn] ?? Number.NaN))).toFixed(2)),
    spread: Number(((Math.max(...times) - Math.min(...times)) / median(times)).toFixed(2)),
  };
});

const [own, scheduler] = rows;
const met =
  (own?.casesPerSecond ?? 0) >= goals.casesPerSecond && (scheduler?.timesOurs ?? 0) >= goals.timesScheduler;

if (flags.json) {
  console.log(JSON.stringify({ cases: cases.length, eventsPerCase, rows, goals, met }));
} else {
  console.log(
    `${cases.length} cases of ${eventsPerCase.toFixed(0)} boundary events, faults, digest and checkers on; one core`,
  );
  for (const { name, casesPerSecond, eventsPerSecond, timesOurs, spread } of rows) {
    const figures = `${casesPerSecond} cases/s  ${eventsPerSecond} events/s`;
    console.log(
      `  ${name.padEnd(24)} ${figures}  ${timesOurs} × our time  (spread ${(spread * 100).toFixed(0)} %)`,
    );
  }
  const wanted = `≥ ${goals.casesPerSecond} cases/s, scheduler ≥ ${goals.timesScheduler} ×`;
  console.log(`  goal ${wanted}: ${met ? 'met' : 'missed'}`);
}
process.exitCode = met ? 0 : 4;
