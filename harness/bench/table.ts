// How the sections of a bench look in a terminal.

import type { Goal, Row, Section } from './row.ts';

const head = ['', 'ours', 'peer', 'floor', 'ratio', 'spread', 'goal'] as const;

/** The lines of a section: its title, a head, and one line for each row. Fits in a hundred columns. */
export function tableOf({ title, rows }: Section): readonly string[] {
  const cells = [[...head], ...rows.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line.map((cell, column) =>
      isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
  return [title, ...lines.map((line) => `  ${line.join('  ')}`.trimEnd())];
}

/** The name and the goal stand to the left of their columns, figures to the right. */
function isText(column: number): boolean {
  return column === 0 || column === head.length - 1;
}

function cellsOf({ name, ours, peer, floor, ratio, spread, goal, met }: Row): string[] {
  return [
    name,
    ...[ours, peer, floor].map((figure) => (figure === null ? '' : spaced(figure))),
    ratio === null ? '' : `${ratio.toFixed(2)} ×`,
    `${Math.round(spread * 100)} %`,
    goal === null ? '' : `${wanted(goal)} ${met ? 'met' : 'missed'}`,
  ];
}

function wanted({ of, must, value }: Goal): string {
  const sign = must === 'at least' ? '≥' : '≤';
  return of === 'ratio' ? `${sign} ${value} ×` : `${sign} ${spaced(value)}`;
}

/** 12345 is written 12 345. */
function spaced(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}
