// How fast the simulator is, and how much faster than the same world driven by well-known parts.

import { judge } from '../judge.ts';
import { runCase } from '../run.ts';
import { storm } from '../storm.ts';
import { reference } from '../targets/reference.ts';
import type { Drive } from '../world/pump.ts';
import { corpus } from './corpus.ts';
import { fakeTimerDrive, schedulerDrive } from './drives.ts';
import { interleaved, median, type Pace, quotients, spread } from './measure.ts';
import { type Goal, rowOf, type Section } from './row.ts';

/** What the simulator is held to: cases of the corpus per second on one core, and the ratio to the other scheduler. */
const goals: Readonly<Record<'cases' | 'scheduler', Goal>> = {
  cases: { of: 'ours', must: 'at least', value: 5_000 },
  scheduler: { of: 'ratio', must: 'at least', value: 2 },
};

/** Runs the committed corpus in turns with its peers. The ratio of a row says how often ours is done meanwhile. */
export async function simulatorSection(pace: Pace): Promise<Section> {
  const cases = corpus();
  let events = 0;
  for (const subject of cases) events += (await storm(subject, reference)).events;
  const driven = (drive: Drive) => async (): Promise<void> => {
    for (const subject of cases) judge(await storm(subject, reference, drive));
  };
  const own = async (): Promise<void> => {
    for (const subject of cases) await runCase(subject, reference);
  };
  const [ours = [], scheduler = [], fakeTimers = []] = await interleaved(
    [own, driven(schedulerDrive), driven(fakeTimerDrive)],
    pace,
  );
  const perSecond = (turns: readonly number[]): number => (cases.length * 1_000) / median(turns);
  const beside = (name: string, turns: readonly number[], goal?: Goal) => {
    const ratios = quotients(turns, ours);
    return rowOf({
      name,
      unit: 'cases/s',
      ours: perSecond(ours),
      peer: perSecond(turns),
      ratio: median(ratios),
      spread: spread(ratios),
      ...(goal === undefined ? {} : { goal }),
    });
  };
  const eventsPerCase = events / cases.length;
  return {
    title:
      `the simulator: ${cases.length} cases of ${eventsPerCase.toFixed(0)} boundary events; ` +
      'faults, digest and checkers on; per second of one core',
    rows: [
      rowOf({
        name: 'cases',
        unit: 'cases/s',
        ours: perSecond(ours),
        spread: spread(ours),
        goal: goals.cases,
      }),
      rowOf({
        name: 'boundary events',
        unit: 'events/s',
        ours: perSecond(ours) * eventsPerCase,
        spread: spread(ours),
      }),
      beside("cases ÷ on fast-check's scheduler", scheduler, goals.scheduler),
      beside('cases ÷ on fake timers', fakeTimers),
    ],
  };
}
