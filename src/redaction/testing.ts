// Card data to plant, and a judge that finds it again. The judge knows what was planted and looks for exactly that, in
// everything that a reader could make of the bytes; it shares nothing with the patterns that it judges.

/** One thing that must not come out: how it is written, and what is left of it for a reader who folds the text. */
export interface Canary {
  /** As it is planted. */
  readonly text: string;
  /** Letters and digits that a leak shows. */
  readonly secret: string;
}

/** Prefixes and lengths as a merchant's documentation lists them. */
const schemes: readonly (readonly [prefix: string, length: number])[] = [
  ['4', 16],
  ['4', 13],
  ['4', 19],
  ['51', 16],
  ['55', 16],
  ['2221', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['6011', 16],
  ['65', 16],
  ['644', 16],
  ['300', 14],
  ['36', 14],
  ['38', 14],
  ['3528', 16],
  ['3589', 16],
  ['62', 16],
  ['62', 19],
  ['6759', 16],
  ['5018', 13],
  ['5893', 18],
];

/** A card number of any scheme, as digits, chosen by natural numbers; 20 of them choose among all. */
export function cardNumberOf([scheme = 0, ...filler]: readonly number[]): string {
  const [prefix, length] = chosen(schemes, scheme);
  const body = (
    prefix +
    filler
      .map((choice) => choice % 10)
      .join('')
      .padEnd(19, '0')
  ).slice(0, length - 1);
  return [...'0123456789'].map((check) => body + check).find(checks) ?? '';
}

function chosen<T>(all: readonly T[], choice: number): T {
  return all[choice % all.length] as T;
}

/** The formula of ISO/IEC 7812-1 by its table, from the right. */
function checks(number: string): boolean {
  const twice = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const digits = [...number].map(Number).reverse();
  return digits.reduce((sum, digit, at) => sum + (at % 2 === 0 ? digit : (twice[digit] ?? 0)), 0) % 10 === 0;
}

const grouped = (separator: string) => (digits: string) =>
  (digits.length === 15 ? /(.{4})(.{6})(.*)/ : /(.{4})(.{4})(.{4})(.*)/)
    .exec(digits)
    ?.slice(1)
    .filter((group) => group !== '')
    .join(separator) ?? digits;
const each = (spell: (digit: string) => string) => (digits: string) => [...digits].map(spell).join('');
const shifted = (zero: number) => each((digit) => String.fromCodePoint(zero + Number(digit)));

/** Ways to write a number. */
export const spellings: Readonly<Record<string, (digits: string) => string>> = {
  plain: (digits) => digits,
  spaces: grouped(' '),
  dashes: grouped('-'),
  dots: grouped('.'),
  'spaced dashes': grouped(' - '),
  'no-break spaces': grouped('\u00a0'),
  'narrow no-break spaces': grouped('\u202f'),
  'en dashes': grouped('–'),
  'a space after each': each((digit) => `${digit} `),
  'zero-width spaces': each((digit) => `${digit}\u200b`),
  'soft hyphens': grouped('\u00ad'),
  lines: grouped('\n'),
  tabs: grouped('\t'),
  plus: grouped('+'),
  '%20': grouped('%20'),
  '%2D': grouped('%2D'),
  '%252D': grouped('%252D'),
  '%C2%A0': grouped('%C2%A0'),
  'percent-encoded': each((digit) => `%3${digit}`),
  'percent-encoded twice': each((digit) => `%253${digit}`),
  'escaped as in JSON': each((digit) => `\\u003${digit}`),
  'entities of HTML': each((digit) => `&#${48 + Number(digit)};`),
  'full-width': shifted(0xff10),
  mathematical: shifted(0x1d7ce),
  'Arabic-Indic': shifted(0x660),
  'next to letters': (digits) => `pan${digits}x`,
  'next to digits': (digits) => `90${digits}1`,
  'next to spaced digits': (digits) => `12 ${grouped(' ')(digits)} 34`,
  'in JSON': (digits) => JSON.stringify({ card: { number: digits, expiry: '12/30' } }),
  'a number in JSON': (digits) => `{"number":${digits},"n":1}`,
  'in JSON in JSON': (digits) => JSON.stringify({ body: JSON.stringify({ number: digits }) }),
  'in a form': (digits) => `amount=500&number=${grouped('+')(digits)}&expiry=1230`,
  'in a URL': (digits) => `https://example.com/pay/${digits}?number=${digits}#${digits}`,
  split: (digits) => JSON.stringify({ first: digits.slice(0, 8), last: digits.slice(8) }),
  'split into groups': (digits) => JSON.stringify(digits.match(/.{1,4}/g)),
  'split into digits': (digits) => JSON.stringify([...digits].map(Number)),
};

/** Ways to write a security code together with its label. */
const labellings: readonly ((code: string) => string)[] = [
  (code) => `cvv: ${code}`,
  (code) => `CVV2=${code}`,
  (code) => `cvc ${code}`,
  (code) => `CVC2: '${code}'`,
  (code) => `security code is ${code}`,
  (code) => `securityCode=${code}&x=1`,
  (code) => `CID: ${code}`,
  (code) => `csc=${code}`,
  (code) => `x-card-cvv: ${code}`,
  (code) => `card_cvc=${code}`,
  (code) => `cvv%3D${code}`,
  (code) => `%22cvv%22%3A%22${code}%22`,
  (code) => `name="cvv"\r\n\r\n${code}\r\n--`,
  (code) => JSON.stringify({ cvv: code }),
  (code) => JSON.stringify({ card: { cvc: Number(code) } }),
  (code) => JSON.stringify({ name: 'cvv', value: code }),
  (code) => JSON.stringify(JSON.stringify({ cvv2: code })),
  (code) => `ＣＶＶ：${shifted(0xff10)(code)}`,
];

/** Ways to write what the stripe holds. */
const tracks: readonly ((number: string, rest: string) => string)[] = [
  (number, rest) => `%B${number}^DOE/JOHN^${rest}?`,
  (number, rest) => `B${number}^DOE/JOHN^${rest}`,
  (number, rest) => `;${number}=${rest}?`,
  (number, rest) => `${number}=${rest}`,
  (number, rest) => `${number}D${rest}F`,
  (number, rest) => encodeURIComponent(`;${number}=${rest}?`),
  (number, rest) => encodeURIComponent(`%B${number}^DOE/JOHN^${rest}?`),
  (number, rest) => `%B${number}^DOE/JOHN^${rest}?;${number}=${rest}?`,
];

/** Card data of every kind, written in every way, chosen by natural numbers; 24 of them choose among all. */
export function canaryOf([kind = 0, way = 0, digits = 0, ...choices]: readonly number[]): Canary {
  const number = cardNumberOf(choices);
  if (kind % 9 < 6) return { text: chosen(Object.values(spellings), way)(number), secret: number };
  if (kind % 9 === 8) {
    const discretionary = String(10_000_000 + ((digits * 8_999) % 90_000_000));
    return { text: chosen(tracks, way)(number, `30121010000${discretionary}`), secret: discretionary };
  }
  const code = String(100 + (digits % 9_900));
  const text = chosen(labellings, way)(code);
  const shown = folded(text);
  return { text, secret: shown.slice(0, shown.lastIndexOf(code) + code.length) };
}

/** Whether a reader of `bytes` can find the canary in them. */
export function leaks(bytes: string, { secret }: Canary): boolean {
  return readings(bytes).some((reading) => folded(reading).includes(secret));
}

/** The text itself, and the values of every container in it, joined. */
function readings(bytes: string): string[] {
  return [bytes, ...bytes.split('\n').flatMap(joined)];
}

/** What JSON a text is, or holds. */
function parsed(text: string): unknown[] {
  const within = [text, /[[{].*[\]}]/s.exec(text)?.[0], /".*"/s.exec(text)?.[0]];
  return within.flatMap((json) => {
    try {
      return json === undefined ? [] : [JSON.parse(json) as unknown];
    } catch {
      return [];
    }
  });
}

/** Of every container: its values, side by side; bytes as the text that they are. */
function joined(value: unknown): string[] {
  if (typeof value === 'string') return parsed(value).flatMap(joined);
  if (typeof value !== 'object' || value === null) return [];
  const members: unknown[] = Object.values(value);
  const leaves = members.map((member) => (typeof member === 'object' ? '|' : String(member)));
  const bytes = members.filter((member) => typeof member === 'number' && member < 256) as number[];
  const text = Buffer.from(bytes).toString('utf8');
  return [leaves.join(''), text, ...[text, ...members, ...Object.keys(value)].flatMap(joined)];
}

/** Letters and digits alone, with every encoding undone that a reader would undo. */
function folded(text: string): string {
  let plain = text;
  let before = '';
  while (plain !== before) {
    before = plain;
    plain = plain
      .replace(/\\+u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/\\+[nrt]/g, ' ')
      .replace(/&#([0-9]+);/g, (_, code: string) => String.fromCharCode(Number(code)))
      .replace(/%([2-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/%C2%A0/gi, ' ')
      .normalize('NFKC')
      .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660));
  }
  return plain.replace(/[^0-9A-Za-z]/g, '').toLowerCase();
}
