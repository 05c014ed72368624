// Turns the beats of a scene into rows: each moment becomes an arrow, a note or a booking, moments that follow
// directly from one another share a row, and answers that went as expected are left out.

import type { BookedCharge, Crossing } from '../history/history.ts';
import type { Beat, Scene } from './beats.ts';
import { faultsOn } from './fault-words.ts';
import { bookingWords, effectWords, replyWords } from './gateway-words.ts';
import { type Labels, labelsOf } from './labels.ts';
import { type Arrow, isArrow, type Note, type Row } from './row.ts';
import { askedWords, isAsked } from './shop-words.ts';
import { storeNote } from './store-words.ts';
import { durationWords, errorWords } from './words.ts';

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

/**
 * A charge as it was when it was booked. What waits for somebody is told as opened: what became of it has a line of its own
 * where the story has its payer, else it is told right here. What is captured or voided by itself is authorised before.
 */
function bookedBy({ effect, faults, request }: Crossing, charge: BookedCharge): string {
  const { status } = charge;
  if (effect?.ok === false && waiting.has(effect.error.code)) {
    const opened = bookingWords({ ...charge, status: 'pending' });
    return faults.includes('3ds-required') && status !== 'pending' ? `${opened}, later ${status}` : opened;
  }
  const { capture } = (request ?? {}) as { readonly capture?: unknown };
  const moved = status === 'captured' || status === 'voided';
  return bookingWords(capture === 'manual' && moved ? { ...charge, status: 'authorized' } : charge);
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
