// What the arrows of a story are called: as briefly as its scene allows, so that what is the same everywhere is not repeated.

import type { ChargeIntent, Crossing, Incident } from '../history/history.ts';
import type { OrderIntent } from '../history/shop.ts';
import type { Scene } from './beats.ts';
import { askedLabel, payerWords, requestVerb } from './shop-words.ts';
import { printable } from './text.ts';
import { amountWords } from './words.ts';

/** The words for one scene. */
export interface Labels {
  /** `a: ` where several actors would be mixed up, else nothing. */
  readonly tag: (crossing: Crossing) => string;
  readonly client: (crossing: Crossing) => string;
  readonly gateway: (crossing: Crossing) => string;
  /** What the payer of a purchase came to who answered the gateway's challenge. */
  readonly payer: (paymentToken: string, outcome: Incident['outcome']) => string;
}

/** Finds the words for a scene. */
export function labelsOf(scene: Scene): Labels {
  const crossings = scene.beats.flatMap((beat) => ('crossing' in beat ? [beat.crossing] : []));
  const requests = crossings.filter(({ site }) => site === 'client.charge' || site === 'client.checkout');
  const varies = (of: (crossing: Crossing) => unknown, among: readonly Crossing[]): boolean =>
    new Set(among.map(of)).size > 1;
  const mixed = areMixed(crossings);
  const manyProcesses = varies(({ process }) => process, crossings);
  const manyScopes = varies(({ request }) => (request as ChargeIntent).scope, requests);
  const manyAmounts = varies(({ request }) => (request as ChargeIntent).amountMinor, requests);
  const sent = new Map<string, Sent>();
  const sendNames = new Map<number, string>();
  for (const crossing of crossings) {
    if (sendNames.has(crossing.id) || !crossing.site.startsWith('gateway.')) continue;
    sendNames.set(crossing.id, sendName(crossing, sent));
  }
  // Background work has no request in the client's lane that would tell whose it is.
  const tag = ({ actor }: Crossing): string =>
    mixed || /^(sweep|settle|process|twin|reconcile):/.test(actor)
      ? `${printable(actor.replace(/^twin:\w+:/, ''), 12)}: `
      : '';
  return {
    tag,
    client(crossing) {
      const asked = askedLabel(crossing);
      if (asked !== undefined)
        return `${tag(crossing)}${asked}${manyProcesses ? ` → ${crossing.process}` : ''}`;
      const { scope, key, amountMinor, currency, note } = crossing.request as OrderIntent;
      const parts = [`${tag(crossing)}${requestVerb(crossing)}`];
      parts.push(manyScopes ? `${printable(scope, 8)}/${printable(key, 10)}` : printable(key, 12));
      if (manyAmounts) parts.push(amountWords(amountMinor, currency));
      if (note !== undefined) parts.push('with a note');
      if (manyProcesses) parts.push(`→ ${crossing.process}`);
      return parts.join(' ');
    },
    gateway: (crossing) => tag(crossing) + (sendNames.get(crossing.id) ?? crossing.site),
    payer(paymentToken, outcome) {
      const asked = requests.map(({ request }) => request as ChargeIntent);
      const key = asked.find((intent) => intent.paymentToken === paymentToken)?.key ?? paymentToken;
      const whose =
        new Set(asked.map((intent) => intent.paymentToken)).size > 1 ? `${printable(key, 12)}: ` : '';
      return `${whose}${payerWords(outcome)}`;
    },
  };
}

/** Whether two actors were at work at the same time, so that a reader could take one's doing for the other's. */
function areMixed(crossings: readonly Crossing[]): boolean {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { actor, called, applied, appliedAgain, replied } of crossings) {
    const to = Math.max(called.order, applied?.order ?? 0, appliedAgain?.order ?? 0, replied?.order ?? 0);
    const span = spans.get(actor);
    if (span === undefined) spans.set(actor, { from: called.order, to });
    else span.to = Math.max(span.to, to);
  }
  const inOrder = [...spans.values()].sort((left, right) => left.from - right.from);
  return inOrder.some((span, index) => inOrder.slice(0, index).some((earlier) => earlier.to > span.from));
}

/** Who sent the gateway what for a purchase last. */
interface Sent {
  readonly idempotencyKey: unknown;
  readonly request: string;
}

/** `authorize`, `retry` under the same gateway key, or a warning that the key is another one. */
function sendName(crossing: Crossing, sent: Map<string, Sent>): string {
  const name = crossing.site.slice('gateway.'.length);
  if (name !== 'authorize') return name === 'lookup' ? 'look up' : name;
  const { idempotencyKey, paymentToken } = crossing.request as Readonly<Record<string, unknown>>;
  const intent = String(paymentToken);
  const [request = ''] = crossing.actor.split('/');
  const earlier = sent.get(intent);
  sent.set(intent, { idempotencyKey, request });
  if (earlier === undefined) return 'authorize';
  const verb = earlier.request === request ? 'retry' : 'authorize';
  return `${verb}, ${earlier.idempotencyKey === idempotencyKey ? 'same' : 'new'} key`;
}
