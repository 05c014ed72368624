// Convinces by a process whose clock stands still until the test moves it: whatever the code in it reads, draws or
// waits for must come from there, while the test itself, which belongs to no process, keeps the real globals.

import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { promises as files, readFile } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/kernel/runtime.ts';
import { fakeFar } from '../gateway-twin/fake-far.ts';
import { randomStreams } from '../world/random.ts';
import { type Ambient, ambientOf, dropTimers, within } from './ambient.ts';
import { captureGlobals } from './capture-globals.ts';
import { EscapeError } from './refuse-escapes.ts';

const startMs = Date.UTC(2026, 0, 1);

function process0(seed = 7): { ambient: Ambient; advance: (ms: number) => Promise<void> } {
  const far = fakeFar();
  const streams = randomStreams(seed);
  const runtime: Runtime = {
    wallMs: () => startMs + far.nowMs(),
    monotonicMs: far.nowMs,
    sleep: () => Promise.reject(new Error('not used here')),
    after(ms, fire) {
      let live = true;
      far.after(ms, () => live && fire());
      return () => {
        live = false;
      };
    },
    random: (purpose) => streams(purpose)(),
    id: (prefix) => prefix,
    log: () => {},
  };
  const advance = async (ms: number): Promise<void> => {
    far.advance(ms);
    await turn();
  };
  return { ambient: ambientOf(runtime), advance };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let release = (): void => {};
beforeEach(() => {
  release = captureGlobals();
});
afterEach(() => release());

describe('captured clocks', () => {
  it('show virtual time inside a process and real time outside', async () => {
    const { ambient, advance } = process0();
    await advance(1_500);
    const read = () => ({
      now: Date.now(),
      made: new Date().toISOString(),
      told: Date(),
      performance: performance.now(),
      hrtime: process.hrtime([1, 0]),
      bigint: process.hrtime.bigint(),
    });
    expect(within(ambient, read)).toEqual({
      now: startMs + 1_500,
      made: '2026-01-01T00:00:01.500Z',
      told: new Date(startMs + 1_500).toString(),
      performance: 1_500,
      hrtime: [0, 500_000_000],
      bigint: 1_500_000_000n,
    });
    expect(Math.abs(Date.now() - startMs)).toBeGreaterThan(60_000);
  });

  it('leaves dates with arguments, and what a date is, as they were', () => {
    const { ambient } = process0();
    within(ambient, () => {
      expect(new Date(2_000).toISOString()).toBe('1970-01-01T00:00:02.000Z');
      expect(new Date()).toBeInstanceOf(Date);
      expect(Date.UTC(1970, 0, 2)).toBe(86_400_000);
      class Stamp extends Date {}
      expect(new Stamp()).toBeInstanceOf(Stamp);
      expect(new Stamp().getTime()).toBe(startMs);
    });
  });
});

describe('captured timers', () => {
  it('fire in virtual order, as code of the process that set them', async () => {
    const { ambient, advance } = process0();
    const fired: string[] = [];
    within(ambient, () => {
      setTimeout((name: string) => fired.push(`${name} ${Date.now() - startMs}`), 200, 'late');
      setTimeout(() => fired.push(`early ${Date.now() - startMs}`), 100);
      setTimeout(() => fired.push('at once'));
    });
    await turn();
    expect(fired).toEqual([]);
    await advance(150);
    expect(fired).toEqual(['at once', 'early 100']);
    await advance(150);
    expect(fired).toEqual(['at once', 'early 100', 'late 200']);
  });

  it('can be cleared by handle and by number, from inside and by handle from outside', async () => {
    const { ambient, advance } = process0();
    const fired: number[] = [];
    const outside = within(ambient, () => {
      clearTimeout(setTimeout(() => fired.push(1), 10));
      clearTimeout(Number(setTimeout(() => fired.push(2), 10)));
      setTimeout(() => fired.push(3), 10).close();
      return setTimeout(() => fired.push(4), 10);
    });
    clearTimeout(outside);
    clearTimeout(outside);
    await advance(20);
    expect(fired).toEqual([]);
  });

  it('repeat until cleared, and start anew when refreshed', async () => {
    const { ambient, advance } = process0();
    const fired: string[] = [];
    const [interval, timer] = within(ambient, () => [
      setInterval(() => fired.push('tick'), 10),
      setTimeout(() => fired.push('refreshed'), 30),
    ]);
    await advance(25);
    timer?.refresh();
    clearInterval(interval);
    await advance(25);
    expect(fired).toEqual(['tick', 'tick']);
    await advance(5);
    expect(fired).toEqual(['tick', 'tick', 'refreshed']);
  });

  it('include the promised ones and the signal that times out', async () => {
    const { ambient, advance } = process0();
    const done: string[] = [];
    within(ambient, () => {
      void sleep(10, 'promised').then((value) => done.push(value));
      void promisify(setTimeout)(20, 'promisified').then((value) => done.push(value));
      AbortSignal.timeout(30).addEventListener('abort', (event) => {
        done.push((event.target as AbortSignal).reason.name);
      });
      const controller = new AbortController();
      sleep(40, 'never', { signal: controller.signal }).catch((error: Error) => done.push(error.name));
      setTimeout(() => controller.abort(), 35);
    });
    for (const ms of [10, 10, 10]) await advance(ms);
    expect(done).toEqual(['promised', 'promisified', 'TimeoutError']);
    await advance(10);
    expect(done).toEqual(['promised', 'promisified', 'TimeoutError', 'AbortError']);
  });

  it('die with their process', async () => {
    const { ambient, advance } = process0();
    let fired = 0;
    within(ambient, () => {
      setTimeout(() => fired++, 10);
      setInterval(() => fired++, 10);
    });
    dropTimers(ambient);
    await advance(100);
    expect(fired).toBe(0);
    expect(ambient.timers.size).toBe(0);
  });

  it('stay real outside every process', async () => {
    const fired = await new Promise((resolve) => setTimeout(resolve, 1, 'real'));
    expect(fired).toBe('real');
  });
});

describe('captured chance', () => {
  const draw = (): readonly unknown[] => [
    Math.random(),
    crypto.randomUUID(),
    randomUUID(),
    crypto.getRandomValues(new Uint8Array(4)).join(),
    randomBytes(4).toString('hex'),
    randomInt(10, 1_000),
  ];

  it('comes from the seed inside a process and from nowhere outside', () => {
    const drawn = within(process0(1).ambient, draw);
    expect(within(process0(1).ambient, draw)).toEqual(drawn);
    expect(within(process0(2).ambient, draw)).not.toEqual(drawn);
    expect(draw()).not.toEqual(draw());
    expect(drawn[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('keeps identities apart from other chance, so that one more draw moves none', () => {
    const id = within(process0().ambient, () => randomUUID());
    const afterDraw = within(process0().ambient, () => {
      Math.random();
      return randomUUID();
    });
    expect(afterDraw).toBe(id);
  });
});

describe('what a drain cannot settle', () => {
  it.each([
    ['crypto.subtle.digest', () => crypto.subtle.digest('SHA-256', new Uint8Array(1))],
    ['fs.promises.readFile', () => files.readFile('package.json')],
    ['fs.readFile', () => readFile('package.json', () => {})],
    ['zlib.gzip', () => gzip('x', () => {})],
    ['net.connect', () => connect(1)],
  ])('%s is refused by name', (name, reach) => {
    const { ambient } = process0();
    expect(() => within(ambient, reach)).toThrow(EscapeError);
    expect(() => within(ambient, reach)).toThrow(name);
  });

  it('is nobody else’s business', async () => {
    expect(await files.readFile('package.json', 'utf8')).toContain('paystorm');
  });
});

describe('letting go', () => {
  it('puts every global back a turn after the last holder has let go', async () => {
    const captured = [Date, setTimeout, Math.random, process.hrtime, AbortSignal.timeout];
    const second = captureGlobals();
    release();
    await turn();
    expect(Date).toBe(captured[0]);
    second();
    second();
    await turn();
    const restored = [Date, setTimeout, Math.random, process.hrtime, AbortSignal.timeout];
    for (const [index, one] of restored.entries()) expect(one).not.toBe(captured[index]);
    expect(Object.hasOwn(performance, 'now')).toBe(false);
    expect(within(process0().ambient, () => Date.now())).not.toBe(startMs);
  });
});
