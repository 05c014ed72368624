// Text that stores mangle: what a key, an id or a payload may hold though nobody expects it to.

/**
 * Keys that a careless driver takes for each other, or for something of its own. A store may refuse one with a
 * `ValidationError`, and never take it for another.
 */
export const hostileTexts: readonly string[] = [
  'plain',
  'PLAIN',
  'plain ',
  ' plain',
  'plain:',
  'plain:plain',
  'plain::plain',
  'plain/plain',
  'plain\u0000',
  'plain\u0000plain',
  'plain\nplain',
  '{plain}',
  '*',
  'pl*',
  '%',
  'pl_in',
  "'; DROP TABLE plain; --",
  '"',
  '\\',
  '\\u0000',
  '__proto__',
  'constructor',
  'null',
  '0',
  '00',
  '1e3',
  // The same letter composed and decomposed, and a character beyond the basic plane.
  '\u00e9',
  'e\u0301',
  '\u{1f4b3}',
  // Halves of such a character, which UTF-8 cannot hold.
  '\ud83d',
  '\udcb3',
  '\ufffd',
  'x'.repeat(2_000),
  `${'x'.repeat(2_000)}y`,
];

/** JSON that must come back byte by byte: a driver that reads and writes it anew changes it. */
export const delicateJson: readonly string[] = [
  '{}',
  '[]',
  '{"a":[],"b":{}}',
  '{"amount":9007199254740993}',
  '{"rate":1.10}',
  '{"b":1,"a":2,"b":3}',
  '  { "spaced" : null }\n',
  '{"text":"\\u0000 \\ud83d \u00e9 \u{1f4b3} \\/"}',
  '1e400',
];
