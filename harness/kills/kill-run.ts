// Kills workers until enough are dead, and says what became of the money.

import type { StoresName } from '../cases/tiers.ts';
import type { InvariantId } from '../checkers/checker.ts';
import type { History } from '../history/history.ts';
import { runCase } from '../run.ts';
import { reference } from '../targets/reference.ts';
import { killCaseAt } from './kill-cases.ts';

/** How many to kill, and where records are kept. */
export interface KillRunOptions {
  readonly kills: number;
  readonly stores: StoresName;
  readonly seed: number;
  /** Told after each case. */
  readonly onCase?: (tally: KillTally) => void;
}

/** What came of it. */
export interface KillTally {
  readonly cases: number;
  /** Workers that were killed by SIGKILL. */
  readonly kills: number;
  /** Kills by the site at whose boundary they struck. */
  readonly sites: Readonly<Record<string, number>>;
  /** What was asked of the target: charges, orders, refunds, and deliveries of webhooks. */
  readonly asked: Readonly<Record<string, number>>;
  /** Invariants that broke, with the cases that broke them. */
  readonly broken: readonly { readonly index: number; readonly invariants: readonly InvariantId[] }[];
}

/** Runs cases from the first on until `kills` workers are dead. */
export async function runKills({ kills, stores, seed, onCase }: KillRunOptions): Promise<KillTally> {
  const sites: Record<string, number> = {};
  const asked: Record<string, number> = {};
  const broken: { index: number; invariants: readonly InvariantId[] }[] = [];
  let dead = 0;
  let index = 0;
  const tally = (): KillTally => ({ cases: index, kills: dead, sites, asked, broken });
  for (; dead < kills; index++) {
    const { history, broken: invariants } = await runCase(
      await killCaseAt({ seed, stores }, index),
      reference,
    );
    dead += history.incidents.filter(({ kind }) => kind === 'crashed').length;
    count(sites, struckSites(history));
    count(asked, askedSites(history));
    if (invariants.length > 0) broken.push({ index, invariants });
    onCase?.(tally());
  }
  return tally();
}

function struckSites({ crossings }: History): readonly string[] {
  return crossings
    .filter(({ faults, reply }) => reply === undefined && faults.some((kind) => kind.startsWith('crash-')))
    .map(({ site }) => site);
}

function askedSites({ crossings }: History): readonly string[] {
  return crossings
    .map(({ site }) => site)
    .filter((site) => site.startsWith('client.') || site === 'webhook.deliver');
}

function count(counts: Record<string, number>, names: readonly string[]): void {
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
}
