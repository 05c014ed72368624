// What comes after the storm around a shop: its processes work off what was left until nothing moves any more, the gateway
// tries its deliveries once more, and the books of each day are reconciled, at once and when all reports are complete.

import { settlingPauses } from './aftermath.ts';
import { groupOf } from './faults/kinds.ts';
import type { Books, Crossing } from './history/history.ts';
import { dayOf } from './requests.ts';
import type { Shop } from './shop/shop.ts';
import { runToRest, type Stage, sweep } from './stage.ts';
import { actor } from './world/actor.ts';
import { startOfTimeMs } from './world/world.ts';

/** A shop that is not done after so many passes is left as it is: the checkers will say what is wrong. */
const mostPasses = 20;

/** How long after a pass without effect another one makes sure that nothing was put off, milliseconds. */
const longPauseMs = 3_600_000;

const dayMs = 86_400_000;

/** The two halves of it; clients ask again in between. */
export interface ShopAftermath {
  /** Brings everything to its end that can be brought there. */
  settle(): Promise<void>;
  /**
   * Reconciles every day once more when its report can be complete, and a second time, which must find nothing to do. The
   * day after each is among them, because rows may stand there.
   */
  closeBooks(): Promise<void>;
}

/** The aftermath of the run on `stage`. */
export function shopAftermath(stage: Stage, shop: Shop): ShopAftermath {
  const { world, processes, clients, terms } = stage;
  let passes = 0;
  let reconciliations = 0;
  /** How many crossings there were when two passes in a row had found nothing; undefined before. */
  let quietAt: number | undefined;

  /** Whether another pass would find what the last two found: nothing was changed since, and nothing was put off. */
  function isQuiet(): boolean {
    if (quietAt === undefined || shop.nextDueMs() !== undefined) return false;
    return !world.history.crossings.slice(quietAt).some(moved);
  }

  /**
   * Lets all processes work in the background, one after the other: first past every lease, then past the gateway's
   * horizon, then whenever something is due, until two passes in a row had no effect.
   */
  async function workOff(): Promise<void> {
    if (isQuiet()) return;
    const { pauses, furtherMs } = settlingPauses(terms);
    let idle = 0;
    for (let pass = 0; pass < mostPasses && (idle < 2 || pass < pauses.length); pass++) {
      const dueInMs = (shop.nextDueMs() ?? 0) - world.nowMs() + 1;
      const before = world.history.crossings.length;
      let pauseMs = Math.max(pauses[pass] ?? (idle > 0 ? longPauseMs : furtherMs), dueInMs);
      for (const process of processes) {
        passes += 1;
        const id = `settle:${passes}`;
        world.after(pauseMs, () => sweep(stage, process, { id }));
        await runToRest(stage);
        pauseMs = furtherMs;
      }
      idle = world.history.crossings.slice(before).some(hadEffect) ? 0 : idle + 1;
    }
    const { crossings } = world.history;
    quietAt = idle < 2 || leavesUndecided(crossings) ? undefined : crossings.length;
  }

  /** Has an operator reconcile each of `days`, one after the other. */
  async function reconcile(days: readonly string[]): Promise<void> {
    const process = processes.find((one) => one.program()?.reconcile !== undefined);
    if (process === undefined) return;
    for (const day of days) {
      reconciliations += 1;
      const who = actor(`reconcile:${reconciliations}`);
      clients.send({ who, process, asking: { site: 'client.reconcile', intent: { day } }, ended: () => {} });
      await runToRest(stage);
    }
  }

  return {
    async settle() {
      await workOff();
      if (shop.tryAgain() > 0) {
        await runToRest(stage);
        await workOff();
      }
      const days = touchedDays(stage.books());
      if (days.length === 0) return;
      await reconcile(days);
      await workOff();
    },
    async closeBooks() {
      await workOff();
      const touched = touchedDays(stage.books());
      const last = touched.at(-1);
      if (last === undefined) return;
      const completeAtMs = Date.parse(last) - startOfTimeMs + 2 * dayMs + shop.reportLagMs;
      world.after(Math.max(0, completeAtMs - world.nowMs()), () => {});
      await runToRest(stage);
      const days = [...new Set(touched.flatMap((day) => [day, dayAfter(day)]))].sort();
      await reconcile(days);
      await workOff();
      await reconcile(days);
    },
  };
}

/** What is asked or claimed changes nothing by itself. */
const idleSites: ReadonlySet<string> = new Set([
  'store.claim',
  'store.renew',
  'store.read',
  'store.list',
  'saga.claim',
  'saga.renew',
  'saga.read',
  'saga.list',
  'inbox.claim',
  'inbox.list',
  'inbox.effect',
  'ledger.entries',
  'ledger.totals',
  'outbox.claim',
  'outbox.deadLetters',
  'tickets.listOpen',
  'verdicts.read',
  'gateway.lookup',
  'gateway.lookup-refund',
  'gateway.report',
  'clock.sleep',
]);

function hadEffect({ site, effect }: Crossing): boolean {
  if (idleSites.has(site) || effect?.ok !== true) return false;
  if (site !== 'ledger.commit') return true;
  const { outcomes = [] } = effect.value as { readonly outcomes?: readonly { readonly applied: boolean }[] };
  return outcomes.some(({ applied }) => applied);
}

/**
 * Whether a crossing may have left something to do. What a client is answered changes nothing beyond what was done for it
 * at other sites; a claim that was granted may never have been let go.
 */
function moved(crossing: Crossing): boolean {
  const { site, effect } = crossing;
  if (groupOf(site) === 'client') return false;
  if (!mayOwn.has(site)) return hadEffect(crossing);
  const answer = effect?.ok === true ? (effect.value as { readonly owned?: boolean }) : undefined;
  return answer !== undefined && answer.owned !== false;
}

/** Whether the last sweep saw records that are not decided yet: time alone may decide them. */
function leavesUndecided(crossings: readonly Crossing[]): boolean {
  const effect = crossings.findLast(({ site }) => site === 'store.list')?.effect;
  return effect?.ok === true && (effect.value as readonly unknown[]).length > 0;
}

/** What may be granted a lease, and says whether it was. */
const mayOwn: ReadonlySet<string> = new Set(['store.claim', 'saga.open', 'saga.claim']);

/** The days on which money moved by the gateway's books, or was booked by the shop's, in order. */
function touchedDays({ charges, shop }: Books): readonly string[] {
  const days = new Set<string>();
  for (const { at, captures = [], refunds = [], disputes = [] } of charges) {
    days.add(dayOf(at.atMs));
    for (const capture of captures) days.add(dayOf(capture.at.atMs));
    for (const sequel of [...refunds, ...disputes]) {
      days.add(dayOf(sequel.at.atMs));
      days.add(dayOf(sequel.changedAtMs));
    }
  }
  for (const { postedAtMs } of shop?.entries ?? []) days.add(dayOf(postedAtMs));
  return [...days].sort();
}

function dayAfter(day: string): string {
  return dayOf(Date.parse(day) - startOfTimeMs + dayMs);
}
