// Convinces by starting the real command, by handing it a shop that is broken, and with the flags that people mistype.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../history/history.ts';
import { reference } from '../targets/reference.ts';
import type { Target } from '../targets/target.ts';
import { demo } from './demo.ts';
import { terminal } from './terminal.ts';

const bin = fileURLToPath(new URL('./paystorm.js', import.meta.url));

// Starting a process takes its time on a machine that is busy with other tests.
const slow = { timeout: 30_000 };

function paystorm(...words: string[]) {
  const { FORCE_COLOR: _forced, ...rest } = process.env;
  const env = { ...rest, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

interface Report {
  readonly walkthroughs: readonly {
    readonly id: string;
    readonly title: string;
    readonly passed: boolean;
    readonly checks: readonly { readonly met: boolean }[];
    readonly historyHash: string;
  }[];
}

/** The command in this process, against a shop that logs what customers note as it came. */
async function broken(json: boolean): Promise<{ readonly code: number; readonly out: string }> {
  let out = '';
  const stdout = { write: (text: string) => (out += text), columns: 80 };
  const output = terminal({ stdout, stderr: { write: () => {} }, env: { NO_COLOR: '1' } });
  const target: Target = {
    ...reference,
    start(env) {
      const subject = reference.start(env);
      return {
        ...subject,
        async checkout(intent) {
          env.runtime.log({ note: intent.note });
          return await (subject.checkout?.(intent) as Promise<Answer>);
        },
      };
    },
  };
  const flags = { target: 'planted', ...(json ? { json: true as const } : {}) };
  return { code: await demo(flags, output, () => target), out };
}

describe('paystorm demo', slow, () => {
  it('tells seven walkthroughs, what was checked, and exits with 0', () => {
    const { code, out, err } = paystorm('demo');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.match(/^✓ [1-7] {2}/gm)).toHaveLength(7);
    expect(out).not.toContain('✗ what');
    expect(out).toContain('✓ undone in this order: gateway.refund, inventory.release');
    expect(out).toContain('✓ the log has: card ************1111 cvv: [REDACTED_CVV]');
    expect(out.trimEnd().endsWith('7 walkthroughs · 7 passed')).toBe(true);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('prints one JSON object, the same for the same seed', () => {
    const [first, second] = [0, 1].map(() => paystorm('demo', '--json', '--seed', '7'));
    expect(first).toMatchObject({ code: 0, err: '' });
    const { walkthroughs } = JSON.parse(first?.out ?? '') as Report;
    expect(walkthroughs.map(({ id, passed }) => `${id} ${passed}`)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((id) => `${id} true`),
    );
    expect(walkthroughs.every(({ title, checks }) => title !== '' && checks.every(({ met }) => met))).toBe(
      true,
    );
    expect(second?.out).toBe(first?.out);
    const other = JSON.parse(paystorm('demo', '--json').out) as Report;
    expect(other.walkthroughs[0]?.historyHash).not.toBe(walkthroughs[0]?.historyHash);
  });

  it('says what was expected where a walkthrough fails, within the terminal, and exits with 1', async () => {
    const { code, out } = await broken(false);
    expect(code).toBe(1);
    expect(out).toContain('✗ 7  A card number');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      '✗ the log has: expected card ************1111 cvv: [REDACTED_CVV]; got card 4111-1111-1111-1111 cvv: 999, card',
    );
    expect(out).toContain('✗ broken: S21');
    expect(out).toContain('7 walkthroughs · 6 passed');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const json = await broken(true);
    expect(json.code).toBe(1);
    const failed = (JSON.parse(json.out) as Report).walkthroughs.filter(({ passed }) => !passed);
    expect(failed.map(({ id }) => id)).toEqual(['7']);
  });

  it.each([
    [['demo', '--target', 'refrence'], 'did you mean reference'],
    [['demo', '--target', 'mutant:stuck-half-open'], 'takes no orders'],
    [['demo', '--seed', 'x'], 'not a seed'],
    [['demo', 'all'], 'takes flags only'],
    [['demo', '--jsno'], 'flag of demo'],
  ])('%j is a mistake', (words, says) => {
    const { code, out, err } = paystorm(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
  });
});
