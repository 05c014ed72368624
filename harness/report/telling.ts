// Turns the beats of a scene into rows: each moment becomes an arrow, a note or a booking, moments that follow
// directly from one another share a row, and answers that went as expected are left out.

import type { BookedCharge, ChargeIntent, Crossing, Incident } from '../history/history.ts';
import type { Beat, Scene } from './beats.ts';
import { faultsOn } from './fault-words.ts';
import { bookingWords, effectWords, replyWords } from './gateway-words.ts';
import { type Arrow, isArrow, type Note, type Row } from './row.ts';
import { askedLabel, askedWords, isAsked, payerWords, requestVerb } from './shop-words.ts';
import { storeNote } from './store-words.ts';
import { printable } from './text.ts';
import { amountWords, durationWords, errorWords } from './words.ts';

/** Tells a scene, in order. */
export function rowsOf(scene: Scene): readonly Row[] {
  const teller = tellerOf(scene);
  const rows: Row[] = [];
  for (const beat of scene.beats) {
    const row = teller(beat, rows.at(-1));
    if (row === undefined) continue;
    const last = rows.at(-1);
    const merged = last === undefined ? undefined : merge(last, row);
    if (merged === undefined) rows.push(row);
    else rows[rows.length - 1] = merged;
  }
  return rows;
}

/** How a stage of a crossing is named in {@link Row.stages}. */
export function stageOf(crossing: Crossing, kind: string): string {
  return `${crossing.id} ${kind}`;
}

type Teller = (beat: Beat, before: Row | undefined) => Row | undefined;
type CrossingBeat = Extract<Beat, { readonly crossing: Crossing }>;

function tellerOf(scene: Scene): Teller {
  const labels = labelsOf(scene);
  return (beat, before) => {
    if (beat.kind === 'booked')
      return rowAt(beat, { gateway: bookingWords(beat.charge), booked: true, weighty: true });
    if (beat.kind === 'incident') {
      const { paymentToken, outcome } = beat.incident;
      if (paymentToken !== undefined)
        return rowAt(beat, { gateway: labels.payer(paymentToken, outcome), weighty: true });
      return rowAt(beat, { service: incidentNote(beat), weighty: true });
    }
    const { crossing } = beat;
    const weighty =
      scene.evidence.has(crossing.id) || crossing.faults.length > 0 || beat.charge !== undefined;
    const own = { actor: crossing.actor, stages: [stageOf(crossing, beat.kind)], weighty };
    if (isAsked(crossing)) return rowOr(beat, own, clientPart(beat, labels));
    if (crossing.site.startsWith('gateway.')) return rowOr(beat, own, gatewayPart(beat, labels, before));
    const note = insidePart(beat, scene.evidence.has(crossing.id));
    return note === undefined
      ? undefined
      : rowAt(beat, { ...own, service: { ...note, text: labels.tag(crossing) + note.text } });
  };
}

function rowOr(beat: Beat, own: Partial<Row>, part: Partial<Row> | undefined): Row | undefined {
  return part === undefined ? undefined : rowAt(beat, { ...own, ...part });
}

function rowAt(beat: Beat, part: Partial<Row>): Row {
  return {
    atMs: beat.at.atMs,
    actor: undefined,
    gateway: '',
    booked: false,
    stages: [],
    weighty: false,
    ...part,
  };
}

function clientPart(beat: CrossingBeat, labels: Labels): Partial<Row> | undefined {
  const { crossing, kind } = beat;
  const label = labels.client(crossing);
  const fault = faultsOn('there', crossing.faults);
  if (kind === 'called') {
    return crossing.applied === undefined
      ? { client: { way: 'there', end: 'lost', label, fault } }
      : undefined;
  }
  if (kind === 'replied') return { client: answerArrow(crossing, labels) };
  // A duplicated request is told where the second copy arrives.
  const first = kind === 'applied' && crossing.faults.every((faultKind) => faultKind === 'duplicated');
  return { client: { way: 'there', end: 'arrives', label, fault: first ? undefined : fault } };
}

function answerArrow(crossing: Crossing, labels: Labels): Arrow {
  const fault = faultsOn('back', crossing.faults);
  const { reply } = crossing;
  const words = reply === undefined ? '' : reply.ok ? askedWords(crossing) : errorWords(reply.error);
  const label = reply?.ok === true || fault === undefined ? labels.tag(crossing) + words : '';
  return { way: 'back', end: reply === undefined ? 'lost' : 'arrives', label, fault };
}

function gatewayPart(beat: CrossingBeat, labels: Labels, before: Row | undefined): Partial<Row> | undefined {
  const { crossing, kind } = beat;
  const there = faultsOn('there', crossing.faults);
  if (kind === 'called') {
    const end = crossing.applied === undefined ? 'lost' : 'leaves';
    return { service: { way: 'there', end, label: labels.gateway(crossing), fault: there } };
  }
  if (kind === 'replied') return replyPart(crossing, labels, before);
  const gateway = beat.charge === undefined ? effectIfUntold(crossing) : bookedBy(crossing, beat.charge);
  const label = kind === 'again' ? `${labels.gateway(crossing)} again` : labels.gateway(crossing);
  return {
    service: { way: 'there', end: 'arrives', label, continued: true },
    gateway,
    booked: beat.charge !== undefined,
  };
}

/** A payment that waits for somebody is told as opened, whatever became of it later. */
function bookedBy({ effect }: Crossing, charge: BookedCharge): string {
  const waits = effect?.ok === false && waiting.has(effect.error.code);
  return bookingWords(waits ? { ...charge, status: 'pending' } : charge);
}

const waiting: ReadonlySet<string> = new Set(['authentication_required', 'payment_pending']);

function effectIfUntold(crossing: Crossing): string {
  const told = faultsOn('back', crossing.faults) !== undefined && crossing.site === 'gateway.authorize';
  const words = effectWords(crossing);
  return told && !words.startsWith('replays') ? '' : words;
}

function replyPart(crossing: Crossing, labels: Labels, before: Row | undefined): Partial<Row> | undefined {
  const fault = faultsOn('back', crossing.faults);
  const justTold = before?.stages.some((stage) => stage.startsWith(`${crossing.id} `)) ?? false;
  if (fault === undefined && justTold) return undefined;
  const end = crossing.reply === undefined ? 'lost' : 'arrives';
  const label = fault === undefined ? labels.tag(crossing) + replyWords(crossing) : '';
  return { service: { way: 'back', end, label, fault } };
}

function insidePart(beat: CrossingBeat, insist: boolean): Note | undefined {
  const { crossing, kind } = beat;
  if (crossing.site === 'clock.sleep') {
    const { ms } = crossing.request as { readonly ms: number };
    return kind === 'called' && insist ? { text: `waits ${durationWords(ms)}`, bad: false } : undefined;
  }
  // One note tells the whole operation: where it took effect, or where it left for nowhere.
  const told = crossing.applied === undefined ? kind === 'called' : kind === 'applied';
  return told ? storeNote(crossing, insist) : undefined;
}

function incidentNote({ incident }: Extract<Beat, { readonly kind: 'incident' }>): Note {
  const who = incident.process ?? 'the world';
  switch (incident.kind) {
    case 'crashed':
      return { text: `✗ ${who} crashes`, bad: true };
    case 'stalled':
      return { text: `✗ ${who} freezes for ${durationWords(incident.ms ?? 0)}`, bad: true };
    case 'clock-jumped':
      return { text: `✗ ${who}'s clock jumps ${durationWords(incident.ms ?? 0)}`, bad: true };
    case 'stepped-up':
      return { text: 'a payer answers the challenge', bad: false };
    case 'disputed':
      return { text: "a payer's bank acts", bad: false };
    case 'started':
      return { text: `${who} starts again`, bad: false };
    case 'healed':
      return { text: 'the storm is over', bad: false };
    case 'settled':
      return { text: 'everything has settled', bad: false };
  }
}

/** A process that polls says the same thing again and again: told once, with a count. */
function repeated(first: Row, second: Row): Row | undefined {
  const { service: before } = first;
  const { service: after } = second;
  if (before === undefined || after === undefined || isArrow(before) || isArrow(after)) return undefined;
  if (before.text !== after.text || second.client !== undefined || first.client?.way === 'back')
    return undefined;
  return {
    ...first,
    service: { ...before, times: (before.times ?? 1) + 1 },
    stages: [...first.stages, ...second.stages],
    weighty: first.weighty || second.weighty,
  };
}

/** Two rows as one, when the second follows directly from the first; undefined when they must stay apart. */
function merge(first: Row, second: Row): Row | undefined {
  if (first.actor === undefined || first.actor !== second.actor) return undefined;
  const again = repeated(first, second);
  if (again !== undefined) return again;
  const joined = (part: Partial<Row>): Row => ({
    ...first,
    ...part,
    stages: [...first.stages, ...second.stages],
    weighty: first.weighty || second.weighty,
    booked: first.booked || second.booked,
  });
  const { service } = second;
  if (
    isArrow(service) &&
    service.continued === true &&
    isArrow(first.service) &&
    first.service.end === 'leaves'
  ) {
    return joined({ service: { ...first.service, end: 'arrives' }, gateway: second.gateway });
  }
  const opens =
    first.client?.way === 'there' && first.client.end === 'arrives' && first.service === undefined;
  const follows =
    service !== undefined && second.client === undefined && !(isArrow(service) && service.way === 'back');
  if (opens && follows) return joined({ service, gateway: second.gateway });
  const answers = second.client?.way === 'back' && second.service === undefined && first.client === undefined;
  const ended = !isArrow(first.service) || first.service.way === 'back';
  return answers && ended && second.client !== undefined ? joined({ client: second.client }) : undefined;
}

interface Labels {
  /** `a: ` where several actors would be mixed up, else nothing. */
  readonly tag: (crossing: Crossing) => string;
  readonly client: (crossing: Crossing) => string;
  readonly gateway: (crossing: Crossing) => string;
  /** What the payer of a purchase came to who answered the gateway's challenge. */
  readonly payer: (paymentToken: string, outcome: Incident['outcome']) => string;
}

/** Names things as briefly as the scene allows: what is the same everywhere is not repeated. */
function labelsOf(scene: Scene): Labels {
  const crossings = scene.beats.flatMap((beat) => ('crossing' in beat ? [beat.crossing] : []));
  const requests = crossings.filter(({ site }) => site === 'client.charge' || site === 'client.checkout');
  const varies = (of: (crossing: Crossing) => unknown, among: readonly Crossing[]): boolean =>
    new Set(among.map(of)).size > 1;
  const mixed = areMixed(crossings);
  const manyProcesses = varies(({ process }) => process, crossings);
  const manyScopes = varies(({ request }) => (request as ChargeIntent).scope, requests);
  const manyAmounts = varies(({ request }) => (request as ChargeIntent).amountMinor, requests);
  const keysSent = new Map<string, string>();
  const sendNames = new Map<number, string>();
  for (const crossing of crossings) {
    if (sendNames.has(crossing.id) || !crossing.site.startsWith('gateway.')) continue;
    sendNames.set(crossing.id, sendName(crossing, keysSent));
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
      const { scope, key, amountMinor, currency } = crossing.request as ChargeIntent;
      const parts = [`${tag(crossing)}${requestVerb(crossing)}`];
      parts.push(manyScopes ? `${printable(scope, 8)}/${printable(key, 10)}` : printable(key, 12));
      if (manyAmounts) parts.push(amountWords(amountMinor, currency));
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

/** `authorize`, `retry` under the same gateway key, or a warning that the key is another one. */
function sendName(crossing: Crossing, keysSent: Map<string, string>): string {
  const name = crossing.site.slice('gateway.'.length);
  if (name !== 'authorize') return name === 'lookup' ? 'look up' : name;
  const { idempotencyKey, paymentToken } = crossing.request as Readonly<Record<string, unknown>>;
  const intent = String(paymentToken);
  const earlier = keysSent.get(intent);
  keysSent.set(intent, String(idempotencyKey));
  if (earlier === undefined) return 'authorize';
  return earlier === idempotencyKey ? 'retry, same key' : 'retry, new key';
}
