// One line of a bench: a figure of ours beside what it is compared with, and the goal that it is held to, if any.

/** What a figure or a ratio has to reach. */
export interface Goal {
  readonly of: 'ours' | 'ratio';
  readonly must: 'at least' | 'at most';
  readonly value: number;
}

/** What was measured, before it is judged. Absent: there is nothing to compare with, or nothing to reach. */
export interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly ours?: number;
  /** The same work done by somebody else's code. */
  readonly peer?: number;
  /** What cannot be saved: the same work with nothing in it. */
  readonly floor?: number;
  /** The quotient that the name speaks of; the median over the turns. */
  readonly ratio?: number;
  /** Width of the middle half of the turns, as a part of the median: of the ratio, or of the figure where none is. */
  readonly spread: number;
  readonly goal?: Goal;
}

/** A judged line, as `--json` prints it. Figures are rounded to whole units, ratio and spread to hundredths. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours: number | null;
  readonly peer: number | null;
  readonly floor: number | null;
  readonly ratio: number | null;
  readonly spread: number;
  readonly goal: Goal | null;
  /** Null where there is no goal. */
  readonly met: boolean | null;
}

/** A part of the bench that can be run alone. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Rounds and judges. A goal is judged by the rounded figure, so that everybody can check it on what is printed. */
export function rowOf(measured: Measured): Row {
  const { name, unit, ours, peer, floor, ratio, spread, goal } = measured;
  const whole = (value: number | undefined): number | null =>
    value === undefined ? null : Math.round(value);
  const rounded = {
    ours: whole(ours),
    peer: whole(peer),
    floor: whole(floor),
    ratio: ratio === undefined ? null : hundredths(ratio),
  };
  const met = goal === undefined ? null : reaches(goal, rounded[goal.of]);
  return { name, unit, ...rounded, spread: hundredths(spread), goal: goal ?? null, met };
}

function reaches({ must, value }: Goal, figure: number | null): boolean {
  const judged = figure ?? Number.NaN;
  return must === 'at least' ? judged >= value : judged <= value;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
