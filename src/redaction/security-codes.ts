// Card security codes: three or four digits, which nothing but their label tells from any other number. PCI DSS 3.3.1.2
// forbids to keep them after authorisation in any form, so all of their digits go.

/** Where the digits of a labelled code stand. */
export interface SecurityCode {
  readonly start: number;
  readonly end: number;
}

/** `cvv` as a pattern that takes it in upper and lower case, because what precedes `cid` depends on the case. */
const anyCase = (word: string): string =>
  word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/**
 * Visa says CVV2, Mastercard CVC2, American Express CID and CSC, Discover CID, UnionPay CVN2, JCB CAV2; gateways say
 * security code, verification value and card code. Short ones have to be words of their own: `acid` is no label.
 */
const label = [
  anyCase('(?:cvv|cvc|cvn|cvd|cav)'),
  `(?:(?<![A-Za-z])${anyCase('(?:cid|csc)')}|(?<=[a-z])C(?:ID|SC|id|sc))`,
  `${anyCase('(?:security|verification|validation|card)')}[\\s_-]*${anyCase('(?:code|value)')}`,
].join('|');

/** Words that may stand between a label and its digits. */
const between = anyCase(
  '(?:code|value|number|num|no|nr|is|was|of|equals|entered|input|field|data|text|digits)',
);
const gap = `2?(?:[^A-Za-z0-9]{0,16}${between}(?![a-z])){0,3}[^A-Za-z0-9]{0,24}`;
/** A number has lost its leading zeros: 012 is 12 as a member of JSON. */
const asNumber = `(?<=["'] ?: ?)[0-9]{1,2}(?= ?[,}])`;
const code = `(?:[0-9]{3,4}(?![0-9])|[0-9](?:[ ._-][0-9]){2,3}(?![0-9])|${asNumber})`;
const labelled = new RegExp(`(?:${label})(${gap})(${code})`, 'g');
const next = new RegExp(`\\s*\\\\{0,64}["']?\\s*,\\s*\\\\{0,64}["']?(${code})`, 'y');
const labels = new RegExp(label);

/** Whether the text names a security code anywhere. */
export function namesSecurityCode(text: string): boolean {
  return labels.test(text);
}

/** Whether what `name` names is a security code. */
export function isSecurityCodeName(name: string): boolean {
  return namesSecurityCode(name) && securityCodesIn(`${name}: 000`).length > 0;
}

/** Every labelled security code in the text, in order. A label before a list is that of all its elements. */
export function securityCodesIn(text: string): SecurityCode[] {
  const found: SecurityCode[] = [];
  for (const { 0: whole, 1: before = '', 2: digits = '', index } of text.matchAll(labelled)) {
    let end = index + whole.length;
    found.push({ start: end - digits.length, end });
    next.lastIndex = end;
    for (let more = next.exec(text); more !== null && before.includes('['); more = next.exec(text)) {
      end = next.lastIndex;
      found.push({ start: end - (more[1] ?? '').length, end });
    }
  }
  return found;
}
