// What comes after the storm around a shop: its processes work off what was left, as long as anything is; the gateway tries
// its deliveries once more; and the books of each day are reconciled when all reports are complete, and before if rows are late.

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
   * Reconciles every day when its report can be complete, and a second time, which must find nothing to do. The day after
   * each is among them when rows stand there.
   */
  closeBooks(): Promise<void>;
}

/** The aftermath of the run on `stage`. */
export function shopAftermath(stage: Stage, shop: Shop): ShopAftermath {
  const { world, processes, terms } = stage;
  const { pauses, furtherMs } = settlingPauses(terms);
  let passes = 0;
  const reconcile = operator(stage);
  /** How many crossings there were when two passes in a row had found nothing; undefined before. */
  let quietAt: number | undefined;

  const isLeft = (): boolean => shop.isLeft() || stage.undecided() > 0;

  /** Whether another pass would find what the last two found: nothing was changed since, and nothing was put off. */
  function isQuiet(): boolean {
    if (quietAt === undefined || shop.nextDueMs() !== undefined) return false;
    return !world.history.crossings.slice(quietAt).some(moved);
  }

  /** One pass of one process in `pauseMs`; answers whether it had an effect. */
  async function pass(process: Stage['processes'][number] | undefined, pauseMs: number): Promise<boolean> {
    passes += 1;
    const id = `settle:${passes}`;
    const before = world.history.crossings.length;
    world.after(pauseMs, () => sweep(stage, process, { id }));
    await runToRest(stage);
    return world.history.crossings.slice(before).some(hadEffect);
  }

  /** Every process once, past every lease: what one of them may hold in memory alone is seen by no other. */
  async function firstPasses(): Promise<void> {
    let [pauseMs = furtherMs] = pauses;
    for (const process of processes) {
      await pass(process, pauseMs);
      pauseMs = furtherMs;
    }
  }

  /**
   * As long as anything is left, lets the processes work in turn: first past the gateway's horizon, then whenever something is
   * due, until two passes in a row had no effect.
   */
  async function workOff(): Promise<void> {
    if (isQuiet()) return;
    let idle = 0;
    for (let turn = 0; turn < mostPasses && idle < 2 && isLeft(); turn++) {
      const dueInMs = (shop.nextDueMs() ?? 0) - world.nowMs() + 1;
      const pauseMs = idle > 0 ? longPauseMs : (pauses[turn + 1] ?? furtherMs);
      const acted = await pass(processes[passes % processes.length], Math.max(pauseMs, dueInMs));
      idle = acted ? 0 : idle + 1;
    }
    quietAt = idle < 2 || stage.undecided() > 0 ? undefined : world.history.crossings.length;
  }

  return {
    async settle() {
      await firstPasses();
      await workOff();
      if (shop.tryAgain() > 0) {
        await runToRest(stage);
        await workOff();
      }
      // Where rows come late, what is not yet due has to be told from what is missing.
      if (!shop.hasLateRows) return;
      await reconcile(touchedDays(stage.books()));
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
      const after = touched.map(dayAfter).filter(shop.hasRows);
      const days = [...new Set([...touched, ...after])].sort();
      await reconcile(days);
      await workOff();
      await reconcile(days);
      await workOff();
    },
  };
}

/** Has an operator reconcile days, one after the other. */
function operator(stage: Stage): (days: readonly string[]) => Promise<void> {
  const { processes, clients } = stage;
  let reconciliations = 0;
  return async (days) => {
    const process = processes.find((one) => one.program()?.reconcile !== undefined);
    if (process === undefined) return;
    for (const day of days) {
      reconciliations += 1;
      const who = actor(`reconcile:${reconciliations}`);
      clients.send({ who, process, asking: { site: 'client.reconcile', intent: { day } }, ended: () => {} });
      await runToRest(stage);
    }
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

/** What may be granted a lease, and says whether it was. */
const mayOwn: ReadonlySet<string> = new Set(['store.claim', 'saga.open', 'saga.claim']);

/**
 * The days on which money moved by the gateway's books, on which it was booked by the shop's, and as of which, in order: a
 * process whose clock is wrong dates an entry on another day than that of its row, and an entry is compared on its own.
 */
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
  for (const { postedAtMs, occurredAtMs } of shop?.entries ?? []) {
    days.add(dayOf(postedAtMs));
    days.add(dayOf(occurredAtMs - startOfTimeMs));
  }
  return [...days].sort();
}

function dayAfter(day: string): string {
  return dayOf(Date.parse(day) - startOfTimeMs + dayMs);
}
