// Marks: interesting states that a run reached. A green suite that never reached them has proved nothing, so
// each suite requires some.

import { everyFaultKind } from '../faults/kinds.ts';
import type { Crossing, History, Incident } from '../history/history.ts';
import { markChallenges } from './challenge-marks.ts';
import { markGuards } from './guard-marks.ts';
import { markIntents } from './intent-marks.ts';
import { type MarkId, markDefinitions, type Reach } from './mark-definitions.ts';
import { markOrders } from './order-marks.ts';
import { markRecords } from './record-marks.ts';
import { markShop } from './shop-marks.ts';
import { viewOf } from './view-of.ts';
import { markWebhooks } from './webhook-marks.ts';

const place = new Map<string, number>(markDefinitions.map(({ id }, index) => [id, index]));
const placeOfFault = new Map<string, number>(
  everyFaultKind.map((kind) => [kind, place.get(`fault:${kind}`) ?? 0]),
);

/** The marks that a history reached, each once, sorted. */
export function marksOf(history: History): readonly string[] {
  const view = viewOf(history);
  const reached = new Uint8Array(markDefinitions.length);
  const reach: Reach = (id) => {
    reached[place.get(id) ?? 0] = 1;
  };
  for (const crossing of history.crossings) {
    for (const kind of crossing.faults) {
      const index = placeOfFault.get(kind);
      if (index !== undefined) reached[index] = 1;
    }
    markCrossing(crossing, reach);
  }
  for (const incident of history.incidents) markIncident(incident, reach);
  markIntents(view, reach);
  markRecords(view, reach);
  markChallenges(view, reach);
  markGuards(history, reach);
  markShop(history, reach);
  markOrders(history, reach);
  markWebhooks(history, reach);
  const ids: string[] = [];
  let index = 0;
  for (const { id } of markDefinitions) {
    if (reached[index] === 1) ids.push(id);
    index += 1;
  }
  return ids;
}

function markCrossing(crossing: Crossing, reach: Reach): void {
  const { site, applied, replied, faults } = crossing;
  if (applied === undefined) return;
  if (replied !== undefined && applied.order > replied.order) reach('late-arrival');
  if (faults.length > 0 && faults.includes('crash-after-apply')) reach('crashed-between-apply-and-reply');
  const seen = crossing.reply?.ok === true;
  if (!seen && site.startsWith('store.') && crossing.effect?.ok === true) reach('store-reply-lost');
  if (!seen && site === 'client.charge') reach('client-disconnected');
}

const incidentMarks: Readonly<Partial<Record<Incident['kind'], MarkId>>> = {
  crashed: 'process-crashed',
  stalled: 'process-stalled',
  'clock-jumped': 'clock-jumped',
};

function markIncident({ kind, ms = 0 }: Incident, reach: Reach): void {
  const mark = incidentMarks[kind];
  if (mark !== undefined) reach(mark);
  if (kind === 'clock-jumped' && ms < 0) reach('clock-jumped-back');
}
