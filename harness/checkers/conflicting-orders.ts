// S6 for orders and refunds: who asks for other money under a key that stands for a payload is refused, and nothing is done
// for that request.

import type { Answer, Crossing, History } from '../history/history.ts';
import { outwardSites, type Site } from '../history/sites.ts';
import { type AskedKey, askedKeys, sameMoney, sameRequest } from './asked-keys.ts';
import type { Verdict } from './checker.ts';
import { shopOf } from './shop-view.ts';
import { breaks, refusesConflict, toldBy } from './verdicts.ts';

/** What was compared, and the first thing that is wrong. */
export interface KeysJudgement {
  readonly judged: number;
  readonly fault?: Verdict;
}

/** What changes something for the outside: none of it may happen for a request that conflicts. */
const effects: ReadonlySet<Site> = new Set<Site>(outwardSites);

/** Judges every request for an order or a refund by the payload that its key stands for. */
export function judgeConflicts(history: History): KeysJudgement {
  let judged = 0;
  for (const asked of askedKeys(history)) {
    for (const request of asked.requests) {
      const told = toldBy(request);
      const owner = metOwner(history, asked, request);
      const fault =
        (told && (falseConflict(asked, request, told) ?? answeredAcross(asked, request, told))) ??
        (owner && treated(history, asked, { owner, request }));
      if (fault !== undefined) return { judged, fault };
      if (owner !== undefined || told?.kind === 'ok') judged += 1;
    }
  }
  return { judged };
}

function falseConflict({ called, requests }: AskedKey, request: Crossing, told: Answer): Verdict | undefined {
  if (told.kind !== 'rejected' || told.code !== 'idempotency_conflict') return undefined;
  if (requests.some((other) => !sameRequest(other, request))) return undefined;
  const why = `was rejected as a conflict, but every request for ${called} had the same payload`;
  return breaks(`${request.actor} ${why}`, [request]);
}

/** By the answers alone: nobody is told ok about the money that another payload of the key asked for. */
function answeredAcross(
  { called, requests }: AskedKey,
  request: Crossing,
  told: Answer,
): Verdict | undefined {
  if (told.kind !== 'ok') return undefined;
  const wanted = request.request as Money;
  const isOf = ({ amountMinor, currency }: Money): boolean =>
    amountMinor === told.amountMinor && currency === told.currency;
  if (isOf(wanted)) return undefined;
  const other = requests.find((one) => isOf(one.request as Money));
  return (
    other &&
    breaks(
      `${request.actor} asked for ${wanted.amountMinor} ${wanted.currency} and was told ok about ` +
        `${told.amountMinor} ${told.currency}, for which ${other.actor} had asked under ${called}`,
      [other, request],
    )
  );
}

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** Whose key it was already when a request for other money came to it; undefined when it was free, or the same. */
function metOwner(history: History, { owner }: AskedKey, request: Crossing): AskedKey['owner'] {
  if (owner === undefined || sameMoney(owner.request, request)) return undefined;
  const opened = shopOf(history)
    ?.actors.get(request.actor)
    ?.opens.find(({ applied }) => applied);
  return ((opened ?? request).applied?.order ?? -1) > owner.at.order ? owner : undefined;
}

function treated(
  history: History,
  { called }: AskedKey,
  { owner, request }: { readonly owner: NonNullable<AskedKey['owner']>; readonly request: Crossing },
): Verdict | undefined {
  const told = toldBy(request);
  const effect = history.crossings.find(
    ({ actor, site, applied }) => actor === request.actor && applied !== undefined && effects.has(site),
  );
  if (effect === undefined && (told === undefined || refusesConflict(told))) return undefined;
  const { amountMinor, currency } = owner.request.request as Money;
  const answer = told === undefined || told.kind === 'ok' ? 'ok' : `${told.kind} (${told.code})`;
  const wrong =
    effect === undefined
      ? `expected a rejection as a conflict, was told ${answer}`
      : `expected no effect, and there was a ${effect.site} for it`;
  return breaks(
    `${request.actor} asked under the key of ${called}, which stood for ${amountMinor} ${currency}; ${wrong}`,
    [owner.kept, effect, request],
  );
}
