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
let restore: Restore | undefined;

/**
 * Captures the globals until the returned function is called; several holders may overlap. They are put back a turn
 * of the event loop after the last holder let go, so that a campaign, which runs one case after the other, does
 * not pay for each. What a module had taken hold of before (`const { setTimeout } = globalThis`) stays real, and is
 * found by its escape.
 */
export function captureGlobals(): () => void {
  holders += 1;
  if (restore === undefined) {
    restore = all([captureClock(), captureTimers(), captureChance(), refuseEscapes()]);
    syncBuiltinESMExports();
  }
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    if (holders === 0) setImmediate(putBack);
  };
}

function putBack(): void {
  if (holders > 0 || restore === undefined) return;
  restore();
  restore = undefined;
  syncBuiltinESMExports();
}
