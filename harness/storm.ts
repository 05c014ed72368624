// The life of one run: build the world, let the steps fire and the faults strike, heal, settle, and ask every
// client's question once more.

import { tracePaymentErrors } from '../src/errors/payment-error.ts';
import { askAgain, askAtLast, payAnew, settle } from './aftermath.ts';
import type { Case, Step } from './cases/case.ts';
import type { History } from './history/history.ts';
import { request, tokenOf } from './requests.ts';
import { shopAftermath } from './shop-aftermath.ts';
import { runToRest, type Stage, setUp, sweep, unfinishedSweeps } from './stage.ts';
import type { Target } from './targets/target.ts';
import { captureGlobals } from './tiers/capture-globals.ts';
import type { RealRun } from './tiers/real/real-tier.ts';
import type { Drive } from './world/pump.ts';

/** Runs a case to its settled end and returns its history. See `runCase`; benches try other ways to drive the world. */
export async function storm(subject: Case, target: Target, drive?: Drive): Promise<History> {
  const traced = tracePaymentErrors(false);
  const releaseGlobals = subject.tier === 'msw' ? captureGlobals() : () => {};
  const real = subject.tier === 'real' ? await openReal(subject) : undefined;
  try {
    return await stormed(setUp(subject, target, { drive, real }), subject);
  } finally {
    await real?.close();
    releaseGlobals();
    tracePaymentErrors(traced);
  }
}

/** Loaded when it is asked for: whoever stays in the simulator needs neither processes nor servers. */
async function openReal(subject: Case): Promise<RealRun> {
  const { openRealRun } = await import('./tiers/real/real-tier.ts');
  return openRealRun(subject);
}

/** Ends what real runs of this thread have started: workers, the twin's server, servers of stores. */
export async function closeReal(): Promise<void> {
  const { closeRealTier } = await import('./tiers/real/real-tier.ts');
  await closeRealTier();
}

async function stormed(stage: Stage, subject: Case): Promise<History> {
  const { world, clients } = stage;
  for (const process of stage.processes) process.start();
  scheduleSteps(stage, subject);
  scheduleSweeps(stage, subject);
  await runToRest(stage);

  world.heal();
  for (const process of stage.processes) process.start();
  const shop = stage.shop && shopAftermath(stage, stage.shop);
  await (shop?.settle() ?? settle(stage));
  const waiting = askAgain(stage);
  await runToRest(stage);
  payAnew(stage);
  await runToRest(stage);
  world.releaseLate();
  await runToRest(stage);
  await shop?.closeBooks();
  askAtLast(stage, waiting);
  await runToRest(stage);
  world.history.incident({ kind: 'settled' }, world.nowMs());
  const deadlocked = [...clients.unfinished(), ...unfinishedSweeps(stage)];
  return world.history.close({ terms: stage.terms, books: stage.books(), deadlocked });
}

function scheduleSteps(stage: Stage, subject: Case): void {
  for (const step of subject.steps) {
    stage.world.after(step.at, () => take(stage, step));
  }
}

function take(stage: Stage, step: Step): void {
  const { world, processes } = stage;
  switch (step.do) {
    case 'charge':
    case 'checkout':
    case 'refund':
    case 'reconcile':
      return request(stage, step);
    case 'clock':
      return processes[step.process]?.jumpClock(step.jumpMs);
    case 'step-up': {
      const paymentToken = tokenOf(step, step.key);
      const { outcome } = step;
      world.history.incident({ kind: 'stepped-up', paymentToken, outcome }, world.nowMs());
      return stage.stepUp(paymentToken, outcome);
    }
    case 'dispute': {
      const paymentToken = tokenOf(step, step.key);
      const { act, amountMinor } = step;
      world.history.incident({ kind: 'disputed', paymentToken, outcome: act }, world.nowMs());
      return stage.dispute(paymentToken, act === 'opened' ? { kind: act, amountMinor } : { kind: act });
    }
  }
}

function scheduleSweeps(stage: Stage, { config, background }: Case): void {
  const everyMs = config?.sweepEveryMs;
  if (everyMs === undefined) return;
  for (let index = 1; index <= (config?.sweeps ?? 1); index++) {
    const process = stage.processes[(index - 1) % stage.processes.length];
    const name = `sweep:${index}`;
    stage.world.after(index * everyMs, () => sweep(stage, process, { id: name, faults: background?.[name] }));
  }
}
