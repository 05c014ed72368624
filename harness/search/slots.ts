// The numbers of a case by their places, so that all of them can be lowered in one way.

import type { Case } from '../cases/case.ts';
import { configNumbers } from './config-numbers.ts';
import { carriersOf, moneyOf } from './edit.ts';
import { plainAmountMinor } from './weight.ts';

/** One number of a case. */
export interface Slot {
  readonly sort: 'nth' | 'time' | 'span' | 'amount' | 'seed';
  readonly value: number;
  /** The simplest value that it may have. */
  readonly floor: number;
  /** Writes `value` to the same place in a case of the same shape. */
  readonly write: (draft: Case, value: number) => void;
}

/**
 * Every number of a case that can be lowered: occurrences and counts, then times (counted from the start of the run), then
 * spans (counted from something else), then amounts and the seed.
 */
export function slotsOf(subject: Case): readonly Slot[] {
  return [
    ...faultSlots(subject),
    ...stepSlots(subject),
    ...episodeSlots(subject),
    ...configSlots(subject),
    {
      sort: 'seed' as const,
      value: subject.seed,
      floor: 0,
      write: (draft: Case, value: number) => (draft.seed = value),
    },
  ].sort((a, b) => order.indexOf(a.sort) - order.indexOf(b.sort));
}

const order: readonly Slot['sort'][] = ['nth', 'time', 'span', 'amount', 'seed'];

function stepSlots(subject: Case): Slot[] {
  const slots: Slot[] = [];
  for (const [index, step] of subject.steps.entries()) {
    slots.push({
      sort: 'time',
      value: step.at,
      floor: 0,
      write: (draft, at) => Object.assign(draft.steps[index] ?? {}, { at }),
    });
    if (step.do !== 'clock') continue;
    const sign = Math.sign(step.jumpMs);
    slots.push({
      sort: 'span',
      value: Math.abs(step.jumpMs),
      floor: 0,
      write: (draft, ms) => Object.assign(draft.steps[index] ?? {}, { jumpMs: sign * ms }),
    });
  }
  for (const [index, step] of moneyOf(subject).entries()) {
    slots.push({
      sort: 'amount',
      value: step.amountMinor,
      floor: plainAmountMinor,
      write: (draft, amountMinor) => Object.assign(moneyOf(draft)[index] ?? {}, { amountMinor }),
    });
    for (const [place, { afterMs, amountMinor }] of (step.retries ?? []).entries()) {
      const write = (draft: Case, change: object): unknown =>
        Object.assign(moneyOf(draft)[index]?.retries?.[place] ?? {}, change);
      slots.push({
        sort: 'span',
        value: afterMs,
        floor: 0,
        write: (draft, value) => write(draft, { afterMs: value }),
      });
      if (amountMinor === undefined) continue;
      slots.push({
        sort: 'amount',
        value: amountMinor,
        floor: plainAmountMinor,
        write: (draft, value) => write(draft, { amountMinor: value }),
      });
    }
  }
  return slots;
}

function faultSlots(subject: Case): Slot[] {
  const slots: Slot[] = [];
  for (const [index, carrier] of carriersOf(subject).entries()) {
    for (const [place, { nth, ms, restartAfterMs }] of (carrier.faults ?? []).entries()) {
      const write = (draft: Case, change: object): unknown =>
        Object.assign(carriersOf(draft)[index]?.faults?.[place] ?? {}, change);
      slots.push({
        sort: 'nth',
        value: nth,
        floor: 1,
        write: (draft, value) => write(draft, { nth: value }),
      });
      if (ms !== undefined) {
        slots.push({
          sort: 'span',
          value: ms,
          floor: 0,
          write: (draft, value) => write(draft, { ms: value }),
        });
      }
      if (restartAfterMs === undefined) continue;
      slots.push({
        sort: 'span',
        value: restartAfterMs,
        floor: 0,
        write: (draft, value) => write(draft, { restartAfterMs: value }),
      });
    }
  }
  return slots;
}

function episodeSlots({ episodes = [] }: Case): Slot[] {
  const slots: Slot[] = [];
  for (const [index, { fromMs, untilMs, percent, ms, restartAfterMs }] of episodes.entries()) {
    const write =
      (name: string) =>
      (draft: Case, value: number): unknown =>
        Object.assign(draft.episodes?.[index] ?? {}, { [name]: value });
    slots.push(
      { sort: 'time', value: fromMs, floor: 0, write: write('fromMs') },
      { sort: 'time', value: untilMs, floor: 1, write: write('untilMs') },
    );
    if (percent < 100) slots.push({ sort: 'nth', value: percent, floor: 1, write: write('percent') });
    if (ms !== undefined) slots.push({ sort: 'span', value: ms, floor: 0, write: write('ms') });
    if (restartAfterMs === undefined) continue;
    slots.push({ sort: 'span', value: restartAfterMs, floor: 0, write: write('restartAfterMs') });
  }
  return slots;
}

function configSlots({ config = {} }: Case): Slot[] {
  const slots: Slot[] = configNumbers(config).map(({ sort, value, floor, write }) => ({
    sort: sort === 'count' ? 'nth' : sort,
    value,
    floor,
    write: (draft, lower) => draft.config && write(draft.config, lower),
  }));
  for (const [index, skewMs] of (config.skewMs ?? []).entries()) {
    slots.push({
      sort: 'span',
      value: Math.abs(skewMs),
      floor: 0,
      write: (draft, ms) => draft.config?.skewMs?.splice(index, 1, Math.sign(skewMs) * ms),
    });
  }
  return slots;
}
