// Code that was not written for the runtime port reads the time, waits and draws through Node's globals. While the
// globals are captured, code that belongs to a simulated process gets virtual ones; everything else, the test
// runner included, goes on as before.

import { syncBuiltinESMExports } from 'node:module';
import { captureChance } from './capture-chance.ts';
import { captureClock } from './capture-clock.ts';
import { captureTimers } from './capture-timers.ts';
import { all, type Restore } from './intercept.ts';
import { refuseEscapes } from './refuse-escapes.ts';

let holders = 0;
let restore: Restore = () => {};

/**
 * Captures the globals until the returned function is called; several holders may overlap. What a module had
 * taken hold of before (`const { setTimeout } = globalThis`) stays real, and is found by its escape.
 */
export function captureGlobals(): () => void {
  holders += 1;
  if (holders === 1) {
    restore = all([captureClock(), captureTimers(), captureChance(), refuseEscapes()]);
    syncBuiltinESMExports();
  }
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    if (holders > 0) return;
    restore();
    syncBuiltinESMExports();
  };
}
