// Which purchase a crossing is about. Requests at different sites name it differently (payment token, scoped key,
// merchant reference), so the names are collected first, from the crossings that carry two of them.

import type { ChargeIntent, Crossing, History } from '../history/history.ts';

/** Tells which intent, by its payment token, a crossing belongs to; undefined when it is about none or about all. */
export type IntentOf = (crossing: Crossing) => string | undefined;

const asksForMoney: ReadonlySet<string> = new Set(['client.charge', 'client.checkout', 'client.refund']);

/** Reads the intents of a history. */
export function intentsOf(history: History): IntentOf {
  const byActor = new Map<string, string>();
  for (const { site, actor, request } of history.crossings) {
    if (asksForMoney.has(site)) byActor.set(actor, (request as ChargeIntent).paymentToken);
  }
  const byName = namesOf(history, byActor);
  const byCrossing = new Map<number, string>();
  // A sweep works on one record after another: what names no intent belongs to the one its actor touched last.
  const current = new Map(byActor);
  for (const crossing of history.crossings) {
    const named = namesIn(crossing)
      .map((name) => byName.get(name))
      .find((token) => token !== undefined);
    if (named !== undefined) current.set(crossing.actor, named);
    const intent = named ?? (crossing.site === 'store.list' ? undefined : current.get(crossing.actor));
    if (intent !== undefined) byCrossing.set(crossing.id, intent);
  }
  return (crossing) => byCrossing.get(crossing.id);
}

function namesOf(history: History, byActor: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const charge of history.books.charges) {
    names.set(`token ${charge.paymentToken}`, charge.paymentToken);
    names.set(`reference ${charge.merchantReference}`, charge.paymentToken);
  }
  for (const crossing of history.crossings) {
    const request = membersOf(crossing.request);
    const token = textOf(request['paymentToken']) ?? byActor.get(crossing.actor);
    if (token === undefined) continue;
    for (const name of namesIn(crossing)) if (!names.has(name)) names.set(name, token);
  }
  return names;
}

function namesIn({ site, request }: Crossing): readonly string[] {
  const { paymentToken, merchantReference, key } = membersOf(
    typeof request === 'string' ? { key: request } : request,
  );
  const names: string[] = [];
  if (textOf(paymentToken) !== undefined) names.push(`token ${textOf(paymentToken)}`);
  if (textOf(merchantReference) !== undefined) names.push(`reference ${textOf(merchantReference)}`);
  if (site.startsWith('store.') && textOf(key) !== undefined) names.push(`key ${textOf(key)}`);
  return names;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
