// What is stored must come back as it was. JSON.parse of V8 12.8 and later (Node 24 and 26 among them) can misread an
// escaped member name: once a program has parsed `{"a":1,"\\":2}`, it reads `{"a":1,"\"":2}` as if its second member
// were called `\`, because it compares the name it expects there with the raw text.

/**
 * `JSON.parse`, without that fault.
 *
 * @throws SyntaxError as `JSON.parse` does.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return text.includes('\\') && hasEscapedName(text) ? reread(text) : value;
}

/**
 * Whether a name in text that is known to be JSON holds an escape. Most escapes stand in values, as JSON within JSON, so this
 * goes from one to the next: each stands in a string, and a name is a string with a colon behind it.
 */
function hasEscapedName(text: string): boolean {
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    for (let unit = backslash; unit !== quote; unit = text.charCodeAt(at)) at += unit === backslash ? 2 : 1;
    do at += 1;
    while (isSpace(text.charCodeAt(at)));
    if (text.charCodeAt(at) === colon) return true;
  }
  return false;
}

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** The white space of RFC 8259, 2. */
function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/** Reads text that is known to be JSON, with every name and value parsed on its own, where the fault can't strike. */
function reread(text: string): unknown {
  const tokens = text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g);
  const next = (): string => tokens.next().value?.[0] ?? '';

  const read = (token: string): unknown => {
    if (token === '{') return readObject();
    if (token === '[') return readArray();
    return JSON.parse(token);
  };
  const readObject = (): object => {
    const members: object = {};
    for (let token = next(); token !== '}'; token = next()) {
      if (token === ',') continue;
      const name = JSON.parse(token) as string;
      next();
      // Assignment would take `__proto__` for the prototype.
      Object.defineProperty(members, name, {
        value: read(next()),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return members;
  };
  const readArray = (): unknown[] => {
    const elements: unknown[] = [];
    for (let token = next(); token !== ']'; token = next()) {
      if (token !== ',') elements.push(read(token));
    }
    return elements;
  };
  return read(next());
}
