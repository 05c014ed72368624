// Convinces by what a shell sees: the exit code, and what stands on either stream.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

function bench(...flags: string[]) {
  const script = fileURLToPath(new URL('./main.ts', import.meta.url));
  return spawnSync(process.execPath, [script, ...flags], { encoding: 'utf8' });
}

it('prints one JSON object, and exits with 4 when a goal was missed', () => {
  const { stdout, status } = bench('--only', 'stack', '--json', '--turns', '1', '--turn-ms', '1');
  const { rows } = JSON.parse(stdout);
  expect(rows.map(({ goal }: { goal: unknown }) => goal !== null)).toEqual([true, true, false, false, false]);
  expect(status).toBe(rows.every(({ met }: { met: unknown }) => met !== false) ? 0 : 4);
});

it.each([
  [['--only', 'nothing'], 'simulator, shop, stack, redaction, webhooks, reconciliation, stores'],
  [['--turns', '0'], '--turns'],
])('answers %o with what is wrong, and exits with 2', (flags, expected) => {
  const { stdout, stderr, status } = bench(...flags);
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toContain(expected);
});
