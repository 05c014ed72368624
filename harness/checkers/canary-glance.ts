// A glance over a value for canaries. Hardly ever is one there, and normalising every text of a history only to say so took
// longer than all other checkers together, so the texts are read where they stand, one character after the other.

/**
 * Tells whether a value may hold one of `canaries`, in whatever notation: it must be searched then. It never misses one,
 * and of what is ASCII and has no escapes but of separators, which is nearly everything, it answers exactly. Canaries are
 * given as they look once `normalised`, and texts are read as if they stood side by side: all names and values, and the
 * values alone.
 */
export function canaryGlance(canaries: Iterable<string>): (value: unknown) => boolean {
  const machine = machineOf([...canaries]);
  return (value) => {
    const place: Place = { all: start, leaves: start };
    look(machine, value, place);
    return place.all === hit || place.leaves === hit;
  };
}

/** An automaton that reads what is left of texts once they are normalised (Aho and Corasick, 1975). */
interface Machine {
  /** By ASCII code: what a character is to the machine. */
  readonly kinds: Uint8Array;
  /** Where a character leads, by state and kind. */
  readonly next: Int32Array;
  readonly width: number;
  /** How much of a canary has been read in each state. */
  readonly depths: Int32Array;
  /** Where texts and numbers have led from the start: histories say the same ones over and over. */
  readonly known: Map<string | number, number>;
}

/** So many are remembered; to forget them changes nothing. */
const mostKnown = 10_000;

/** How much of a canary was read last, among names and values and among the values alone. */
interface Place {
  all: number;
  leaves: number;
}

const start = 0;
/** A canary was read, or something that only a search can read. */
const hit = -1;

/** What stands between the parts of a number. */
const between = 0;
/** What is kept and is in no canary. */
const other = 1;
/** What begins an escape. */
const escapes = 255;

function look(machine: Machine, value: unknown, place: Place): void {
  if (typeof value !== 'object' || value === null) {
    if (value === undefined || value === null) return;
    const { all, leaves } = place;
    place.all = after(machine, all, value);
    place.leaves = leaves === all ? place.all : after(machine, leaves, value);
    return;
  }
  if (Array.isArray(value)) {
    for (const element of value) look(machine, element, place);
    return;
  }
  const names = Object.keys(value);
  // Not by name: V8 takes the names that it has seen here for all that there are, and compiles this again for every other one.
  const members = Object.values(value);
  for (let index = 0; index < names.length; index += 1) {
    place.all = after(machine, place.all, names[index]);
    look(machine, members[index], place);
  }
}

/** The state after a text, a number, or anything that is written as one. */
function after(machine: Machine, state: number, value: unknown): number {
  if (state === hit) return hit;
  if (!(typeof value === 'string' || typeof value === 'number'))
    return read(machine, state, { text: String(value), reached: undefined });
  const { known } = machine;
  let reached = known.get(value);
  if (reached === undefined) {
    reached = read(machine, start, { text: String(value), reached });
    if (known.size >= mostKnown) known.clear();
    known.set(value, reached);
  }
  return state === start ? reached : read(machine, state, { text: String(value), reached });
}

interface Text {
  readonly text: string;
  /** Where it leads from the start, if that is known. */
  readonly reached: number | undefined;
}

function read({ kinds, next, width, depths }: Machine, state: number, { text, reached }: Text): number {
  let present = state;
  let kept = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const kind = unit < kinds.length ? (kinds[unit] as number) : escapes;
    if (kind === between) continue;
    if (kind === escapes) {
      index = escapeEnd(kinds, text, index);
      if (index < 0) return hit;
      continue;
    }
    present = next[present * width + kind] as number;
    if (present === hit) return hit;
    kept += 1;
    // What was read before the text plays no part any more.
    if (reached !== undefined && (depths[present] as number) <= kept) return reached;
  }
  return present;
}

/**
 * The last character of an escape of what only stands between, such as the `%2F` of a name's parts; of another one, -1. Where
 * several follow each other they are one escape, which is undone as a whole, so each of them has to be of that sort.
 */
function escapeEnd(kinds: Uint8Array, text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit === backslash) return (text.charCodeAt(index + 1) | 0x20) === 0x75 ? -1 : index;
  if (unit !== percent) return -1;
  let last = index + 2;
  // Escaped twice: `%252F`. The search undoes three layers at most.
  for (let layer = 1; layer < 3 && text.startsWith('25', last - 1); layer += 1) last += 2;
  const byte = hexDigit(text.charCodeAt(last - 1)) * 16 + hexDigit(text.charCodeAt(last));
  return kinds[byte] === between ? last : -1;
}

/** The value of a hexadecimal digit; NaN of anything else. */
function hexDigit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : Number.NaN;
}

const percent = 0x25;
const backslash = 0x5c;

const asciiSize = 128;

function machineOf(canaries: readonly string[]): Machine {
  // What is not ASCII is found by the search alone.
  const words = canaries.filter((canary) => !/\P{ASCII}/u.test(canary));
  const kinds = new Uint8Array(asciiSize);
  for (let unit = 0; unit < asciiSize; unit += 1)
    if (/[a-z0-9*[\]]/i.test(String.fromCharCode(unit))) kinds[unit] = other;
  kinds[percent] = escapes;
  kinds[backslash] = escapes;
  const letters = [...new Set(words.join(''))];
  for (const [index, letter] of letters.entries()) {
    kinds[letter.charCodeAt(0)] = other + 1 + index;
    kinds[letter.toUpperCase().charCodeAt(0)] = other + 1 + index;
  }
  const width = other + 1 + letters.length;
  return { kinds, width, ...transitions(words, { kinds, width }), known: new Map() };
}

const none = -2;

function transitions(
  words: readonly string[],
  { kinds, width }: Pick<Machine, 'kinds' | 'width'>,
): Pick<Machine, 'next' | 'depths'> {
  const most = 1 + words.join('').length;
  const next = new Int32Array(most * width).fill(none);
  const depths = new Int32Array(most);
  let states = 1;
  for (const word of words) {
    let state = start;
    for (let index = 0; index < word.length && state !== hit; index += 1) {
      const edge = state * width + (kinds[word.charCodeAt(index)] as number);
      if (index === word.length - 1) next[edge] = hit;
      else if (next[edge] === none) {
        depths[states] = index + 1;
        next[edge] = states++;
      }
      state = next[edge] as number;
    }
  }
  complete(next, width);
  return { next, depths };
}

/** Leads on from what was read in vain to the longest end of it with which a canary begins, the shortest first. */
function complete(next: Int32Array, width: number): void {
  const fallback = new Map<number, number>();
  const queue = [start];
  for (const state of queue) {
    const shorter = fallback.get(state);
    for (let kind = 0; kind < width; kind += 1) {
      const edge = state * width + kind;
      const instead = shorter === undefined ? start : (next[shorter * width + kind] as number);
      const reached = next[edge] as number;
      if (reached === none) next[edge] = instead;
      // A canary within another ends the search as well.
      else if (instead === hit) next[edge] = hit;
      else if (reached !== hit) {
        fallback.set(reached, instead);
        queue.push(reached);
      }
    }
  }
}
