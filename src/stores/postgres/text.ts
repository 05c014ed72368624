// Texts of Postgres hold no NUL and no half of a surrogate pair; those of JavaScript may, and a name that is changed on its way
// is the name of something else. Such a text is kept as its JSON behind a mark; every other one is kept as it is.

const mark = '\u001bjson:';

/** The text as Postgres can keep it. Different texts stay different. */
export function encodeText(text: string): string {
  const isPlain = text.isWellFormed() && !text.includes('\0') && !text.startsWith(mark);
  return isPlain ? text : mark + JSON.stringify(text);
}

/** A value as JSON that Postgres can keep, every text in it as {@link encodeText} has it. */
export function encodeJson(value: unknown): string {
  const json = JSON.stringify(value);
  // How JSON spells what needs care; a text that merely quotes such a spelling takes the slow way for nothing.
  if (!/\\u(?:0000|001b|d[89a-f])/.test(json)) return json;
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'string' ? encodeText(member) : member,
  );
}

/** Reads JSON of the server, with every text as it was before it was encoded. */
export function decodeJson(json: string): unknown {
  if (!json.includes('\\u001bjson:')) return JSON.parse(json);
  return JSON.parse(json, (_, member: unknown) =>
    typeof member === 'string' && member.startsWith(mark) ? JSON.parse(member.slice(mark.length)) : member,
  );
}
