// What befalls only real servers, added to cases whose stores are kept in one: rarely, because while a server is down or slow
// nothing else of a case is seen, and often enough that each kind comes up in some hundred cases.

import type { Random } from 'fast-check';
import { strikes } from '../faults/kinds.ts';
import { realFaultKinds, servicesWith } from '../faults/real-kinds.ts';
import type { Site } from '../history/sites.ts';
import { type Case, isMoney } from './case.ts';
import { often, pickFrom } from './draw.ts';
import type { StoresName } from './tiers.ts';

/** How many of a hundred cases have one. */
const share = 25;

/** Stores that single charges and orders reach early, so that the fault is met. */
const chargeSites = ['store.claim', 'store.complete'] as const;
const orderSites = ['saga.open', 'saga.save', 'store.claim', 'store.complete'] as const;

/** Gives a request of the case a fault of the server that its stores are kept in. */
export function strewServerFault(dice: Random, subject: Case, stores: StoresName | undefined): Case {
  if (stores === undefined || stores === 'memory' || !often(dice, share)) return subject;
  const kinds = realFaultKinds.filter((kind) => servicesWith(kind).includes(stores));
  const kind = pickFrom(dice, kinds);
  const bearers = subject.steps.filter(isMoney).filter(({ do: what }) => what !== 'refund');
  const [bearer] = bearers;
  if (bearer === undefined || kind === undefined) return subject;
  const reached: readonly Site[] = bearer.do === 'charge' ? chargeSites : orderSites;
  const site = pickFrom(
    dice,
    reached.filter((one) => strikes(kind, one)),
  );
  if (site === undefined) return subject;
  bearer.faults = [...(bearer.faults ?? []), { site, nth: 1, kind }];
  return subject;
}
