// One fault of another kind may do what several faults or a further request did: a failure that the gateway stores
// is seen by every attempt, where a lost answer has to be lost three times.

import type { Case, Fault } from '../cases/case.ts';
import { kindsAt } from '../cases/fault-problems.ts';
import { holdsEffectBack } from '../faults/assumptions.ts';
import { type FaultKind, faultFacts } from '../faults/kinds.ts';
import { carriersOf, edited, moneyOf } from './edit.ts';
import type { Pass } from './pass.ts';

/**
 * Tries every other kind for each fault, each time without something else: the other faults at its site, one other
 * fault, or one request. Does nothing where one fault and one request are left.
 */
export const swapFaults: Pass = function* (from) {
  let current = from;
  let again = true;
  while (again) {
    again = false;
    for (const candidate of swapsOf(current)) {
      if (!(yield candidate)) continue;
      current = candidate;
      again = true;
      break;
    }
  }
};

interface Place {
  readonly carrier: number;
  readonly index: number;
}

function* swapsOf(subject: Case): Generator<Case> {
  const places = placesOf(subject);
  const drops = dropsOf(subject);
  for (const place of places) {
    const fault = faultAt(subject, place);
    if (fault === undefined) continue;
    for (const swapped of substitutes(fault)) {
      // The fault is replaced first: dropping others would move its place.
      const replaced = edited(subject, (draft) => {
        carriersOf(draft)[place.carrier]?.faults?.splice(place.index, 1, { ...swapped });
      });
      yield edited(replaced, (draft) => alone(draft, place));
      for (const other of places) {
        if (other === place) continue;
        yield edited(
          replaced,
          (draft) => void carriersOf(draft)[other.carrier]?.faults?.splice(other.index, 1),
        );
      }
      for (const drop of drops) yield edited(replaced, drop);
    }
  }
}

function placesOf(subject: Case): readonly Place[] {
  return carriersOf(subject).flatMap(({ faults = [] }, carrier) =>
    faults.map((_, index) => ({ carrier, index })),
  );
}

function faultAt(subject: Case, { carrier, index }: Place): Fault | undefined {
  return carriersOf(subject)[carrier]?.faults?.[index];
}

/** Leaves the fault at `place` as the only one at its site. */
function alone(draft: Case, place: Place): void {
  const carrier = carriersOf(draft)[place.carrier];
  const kept = carrier?.faults?.[place.index];
  if (carrier === undefined || kept === undefined) return;
  carrier.faults = (carrier.faults ?? []).filter((fault) => fault === kept || fault.site !== kept.site);
  kept.nth = 1;
}

function dropsOf(subject: Case): readonly ((draft: Case) => void)[] {
  const retries = moneyOf(subject).flatMap((step, index) =>
    (step.retries ?? []).map(
      (_, retry) => (draft: Case) => void moneyOf(draft)[index]?.retries?.splice(retry, 1),
    ),
  );
  const steps = subject.steps.map((_, index) => (draft: Case) => void draft.steps.splice(index, 1));
  return steps.length + retries.length > 1 ? [...retries, ...steps] : [];
}

/** Whatever else could strike there without taking a promise away, and the long form of what holds an effect back. */
function* substitutes({ site, nth, kind }: Fault): Generator<Fault> {
  for (const other of kindsAt(site)) {
    const { breaks, needs } = faultFacts[other];
    if ((breaks ?? needs) !== undefined || (other === 'duplicated' && kind !== other)) continue;
    if (other !== kind) yield { site, nth, kind: other };
    const ms = longMs(other);
    if (ms !== undefined) yield { site, nth, kind: other, ms };
  }
}

/** Longer than any attempt waits, and within what the gateways declare where they declare it. */
function longMs(kind: FaultKind): number | undefined {
  if (holdsEffectBack(kind)) return 29_000;
  return kind === 'reply-delay' || kind === 'drip' ? 95_000 : undefined;
}
