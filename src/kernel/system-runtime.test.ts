// Convinces by faked ambient timers, which fire at once when a delay exceeds what a timer can hold, exactly as
// Node's do, and by counting the timers and listeners that are left.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { maxTimerMs } from './runtime.ts';
import { systemRuntime } from './system-runtime.ts';

const startMs = Date.UTC(2026, 0, 1);

beforeEach(() => {
  vi.useFakeTimers({ now: startMs });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A signal that counts its listeners. */
function watchedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const add = vi.spyOn(signal, 'addEventListener');
  const remove = vi.spyOn(signal, 'removeEventListener');
  return { controller, signal, listeners: () => add.mock.calls.length - remove.mock.calls.length };
}

describe('clocks', () => {
  it('dates by the wall and measures by the monotonic clock', () => {
    const runtime = systemRuntime();
    const fromMs = runtime.monotonicMs();
    vi.advanceTimersByTime(250);
    expect(runtime.wallMs()).toBe(startMs + 250);
    expect(runtime.monotonicMs() - fromMs).toBe(250);
    vi.setSystemTime(startMs - 1_000);
    expect(runtime.wallMs()).toBe(startMs - 1_000);
    expect(runtime.monotonicMs() - fromMs).toBe(250);
  });
});

describe('after', () => {
  it('fires once, at its time', () => {
    const fire = vi.fn();
    systemRuntime().after(100, fire);
    vi.advanceTimersByTime(99);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(fire).toHaveBeenCalledOnce();
  });

  it('does not fire once it is cancelled', () => {
    const fire = vi.fn();
    systemRuntime().after(100, fire)();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(fire).not.toHaveBeenCalled();
  });

  it('does not take the word of a timer that fires before the monotonic clock says so', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const fire = vi.fn();
    const cancel = systemRuntime().after(60_000, fire);
    vi.advanceTimersByTime(60_000);
    expect(fire).not.toHaveBeenCalled();
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits longer than a timer can, and can still be cancelled on the way', () => {
    const [fire, cancelled] = [vi.fn(), vi.fn()];
    const runtime = systemRuntime();
    runtime.after(maxTimerMs + 5_000, fire);
    const cancel = runtime.after(maxTimerMs + 5_000, cancelled);
    vi.advanceTimersByTime(maxTimerMs + 4_999);
    expect(fire).not.toHaveBeenCalled();
    cancel();
    vi.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledOnce();
    expect(cancelled).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('arms no timer with a delay that would make it fire at once, over and over', () => {
    const runtime = systemRuntime();
    const fromMs = runtime.monotonicMs();
    runtime.after(maxTimerMs * 2, () => {});
    vi.advanceTimersToNextTimer();
    expect(runtime.monotonicMs() - fromMs).toBe(maxTimerMs);
  });

  it('takes a negative delay as none, and refuses one that is not a number', () => {
    const fire = vi.fn();
    systemRuntime().after(-5, fire);
    vi.advanceTimersByTime(0);
    expect(fire).toHaveBeenCalledOnce();
    expect(() => systemRuntime().after(Number.NaN, fire)).toThrow(ValidationError);
  });
});

describe('sleep', () => {
  it('wakes at its time and leaves no listener', async () => {
    const { signal, listeners } = watchedSignal();
    const slept = systemRuntime().sleep(100, signal);
    expect(listeners()).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    await slept;
    expect(listeners()).toBe(0);
  });

  it('rejects with the reason of the abort and leaves no timer', async () => {
    const controller = new AbortController();
    const slept = systemRuntime().sleep(100, controller.signal);
    const reason = new Error('the caller left');
    controller.abort(reason);
    await expect(slept).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin for a caller who has left already', async () => {
    const reason = new Error('the caller left');
    await expect(systemRuntime().sleep(100, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses a delay that is not a number', async () => {
    await expect(systemRuntime().sleep(Number.NaN)).rejects.toThrow(ValidationError);
  });
});

describe('chance and log', () => {
  it('draws from [0, 1) and gives every id once', () => {
    const runtime = systemRuntime();
    const drawn = Array.from({ length: 100 }, () => runtime.random('jitter'));
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(90);
    const ids = Array.from({ length: 100 }, () => runtime.id('attempt'));
    expect(new Set(ids).size).toBe(100);
    expect(ids[0]).toMatch(/^attempt-[0-9a-f-]{36}$/);
  });

  it('hands records on, and survives a log that throws or is missing', () => {
    const records: unknown[] = [];
    systemRuntime({ log: (record) => records.push(record) }).log({ event: 'charged' });
    expect(records).toEqual([{ event: 'charged' }]);
    const failing = systemRuntime({
      log: () => {
        throw new Error('disk full');
      },
    });
    expect(() => failing.log({})).not.toThrow();
    expect(() => systemRuntime().log({})).not.toThrow();
  });
});
