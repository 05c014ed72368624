// Convinces by planting card data in everything that a real pino can be made to write, ten thousand times, and by
// looking for exactly what was planted in the bytes that come out. The same records without redaction must all leak, or
// the search would prove nothing.

import fc from 'fast-check';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { redactionForPino } from './pino.ts';
import { canaryOf, cardNumberOf, leaks } from './testing.ts';

/** Natural numbers that choose. */
const choices = fc.array(fc.nat(9_999), { minLength: 24, maxLength: 24 });
const canary = choices.map(canaryOf);
const cardNumber = choices.map(cardNumberOf);

/** Everything that pino can write, each holding `secret`. */
const positions: Readonly<Record<string, (secret: string) => Written>> = {
  message: (secret) => (log) => log.info(secret),
  'message in a sentence': (secret) => (log) => log.warn(`declined: ${secret} was refused`),
  'interpolated string': (secret) => (log) => log.info('paid with %s', secret),
  'interpolated object': (secret) => (log) => log.info('paid with %o', { secret }),
  'interpolated JSON': (secret) => (log) => log.info('paid with %j', { deep: [{ secret }] }),
  member: (secret) => (log) => log.info({ secret }),
  'member of a nested object': (secret) => (log) => log.info({ a: { b: [{ c: secret }] } }, 'nested'),
  element: (secret) => (log) => log.info({ list: ['x', secret, 'y'] }),
  'name of a member': (secret) => (log) => log.info({ [secret]: true }),
  'name of a nested member': (secret) => (log) => log.info({ a: { [secret]: 1 } }),
  binding: (secret) => (log) => log.child({ secret }).info('child'),
  'binding of a grandchild': (secret) => (log) => log.child({ a: 1 }).child({ deep: { secret } }).error('x'),
  'binding set later': (secret) => (log) => {
    const child = log.child({});
    child.setBindings({ secret });
    child.info('x');
  },
  'prefix of messages': (secret) => (log) => log.child({}, { msgPrefix: `${secret} ` }).info('x'),
  'message of an error': (secret) => (log) => log.error(new Error(secret)),
  'message of a cause': (secret) => (log) =>
    log.error(new Error('x', { cause: new Error(secret) }), 'failed'),
  'property of an error': (secret) => (log) =>
    log.error({ err: Object.assign(new Error('x'), { response: { body: secret } }) }),
  'stack of an error': (secret) => (log) =>
    log.error(Object.assign(new Error('x'), { stack: `Error: x\n    at ${secret}` })),
  'cause that is no error': (secret) => (log) => log.error({ failure: { cause: { secret } } }, 'failed'),
  'error of an aggregate': (secret) => (log) =>
    log.error(new AggregateError([new Error(secret)], 'all failed')),
  'error under another name': (secret) => (log) =>
    log.error({ failure: Object.assign(new Error(), { secret }) }),
  'what toJSON returns': (secret) => (log) => log.info({ card: { toJSON: () => ({ secret }) } }),
  'what a getter returns': (secret) => (log) =>
    log.info({
      card: {
        get secret() {
          return secret;
        },
      },
    }),
  'what a circle holds': (secret) => (log) => {
    const circle: Record<string, unknown> = { secret };
    log.info({ circle: Object.assign(circle, { again: circle }) });
  },
  bytes: (secret) => (log) => log.info({ body: Buffer.from(secret, 'utf8') }),
  serializer: (secret) => ({
    serializers: { card: () => ({ secret }) },
    write: (log) => log.info({ card: 1 }),
  }),
  'serializer of a Map and a Set': (secret) => ({
    serializers: {
      map: (map: Map<string, string>) => Object.fromEntries(map),
      set: (set: Set<string>) => [...set],
    },
    write: (log) => log.info({ map: new Map([['number', secret]]), set: new Set([secret]) }),
  }),
  'serializer of errors': (secret) => ({
    serializers: { err: () => ({ secret }) },
    write: (log) => log.error(new Error('x')),
  }),
  'serializer of a child': (secret) => (log) =>
    log.child({}, { serializers: { card: () => secret } }).info({ card: 1 }),
  base: (secret) => ({ base: { secret }, write: (log) => log.info('x') }),
  mixin: (secret) => ({ mixin: () => ({ secret }), write: (log) => log.info('x') }),
  'nested under a key': (secret) => ({ nestedKey: 'payload', write: (log) => log.info({ secret }) }),
  formatter: (secret) => ({
    formatters: { log: (record) => ({ ...record, secret }) },
    write: (log) => log.info({}),
  }),
  'formatter of bindings': (secret) => ({
    formatters: { bindings: () => ({ secret }) },
    write: (log) => log.info('x'),
  }),
  'formatter of levels': (secret) => ({
    formatters: { level: () => ({ secret }) },
    write: (log) => log.info('x'),
  }),
  'key of messages': (secret) => ({ messageKey: 'text', write: (log) => log.info(secret) }),
  timestamp: (secret) => ({
    timestamp: () => `,"at":${JSON.stringify(secret)}`,
    write: (log) => log.info('x'),
  }),
  'hook around methods': (secret) => ({
    hooks: {
      logMethod(_, method) {
        method.apply(this, [secret]);
      },
    },
    write: (log) => log.info('x'),
  }),
  'name of the logger': (secret) => ({ name: secret, write: (log) => log.info('x') }),
  'another logger, as text': (secret) => (_log, stream) => {
    stream.write(`127.0.0.1 GET ${JSON.stringify(secret)}\n`);
  },
  'another logger, as bytes, byte by byte': (secret) => (_log, stream) => {
    const write = stream.write as (chunk: string | Uint8Array) => void;
    for (const byte of Buffer.from(`127.0.0.1 GET ${JSON.stringify(secret)}\n`)) write(Uint8Array.of(byte));
  },
};

type Write = (log: Logger, stream: DestinationStream) => void;
type Written = Write | (LoggerOptions & { readonly write: Write });

/** What reaches the destination when the position is written to. */
function written(position: Written, through: (destination: DestinationStream) => DestinationStream): string {
  const chunks: string[] = [];
  const memory = {
    write: (chunk: string | Uint8Array) => void chunks.push(Buffer.from(chunk as string).toString('latin1')),
  };
  const stream = through(memory);
  const { write, ...options } = typeof position === 'function' ? { write: position } : position;
  write(pino(options, stream), stream);
  return Buffer.from(chunks.join(''), 'latin1').toString('utf8');
}

const plain = (destination: DestinationStream): DestinationStream => destination;
const redacted = (destination: DestinationStream): DestinationStream =>
  redactionForPino().stream(destination);
const hooked = (position: Written): Written =>
  typeof position === 'function'
    ? { hooks: redactionForPino().hooks, write: position }
    : { ...position, hooks: { ...position.hooks, ...redactionForPino().hooks } };

const position = fc.constantFrom(...Object.keys(positions));

describe('a pino that writes through redaction', () => {
  it('leaks none of ten thousand canaries, and every line of it is still JSON', () => {
    fc.assert(
      fc.property(position, canary, (name, planted) => {
        const at = positions[name]?.(planted.text) ?? (() => {});
        const bytes = written(at, redacted);
        expect(bytes).not.toBe('');
        expect(leaks(bytes, planted), bytes).toBe(false);
        if (!name.startsWith('another logger'))
          for (const line of bytes.trimEnd().split('\n')) JSON.parse(line);
      }),
      { numRuns: 10_000 },
    );
  });

  it('would leak every one of them without it', () => {
    fc.assert(
      fc.property(position, canary, (name, planted) => {
        const bytes = written(positions[name]?.(planted.text) ?? (() => {}), plain);
        expect(leaks(bytes, planted), bytes).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('leaks no number and no bigint', () => {
    fc.assert(
      fc.property(cardNumber, fc.boolean(), (digits, asElement) => {
        const value = Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
        const bytes = written(
          (log) => log.info(asElement ? { list: [value, 1] } : { a: { card: value } }),
          redacted,
        );
        expect(leaks(bytes, { text: digits, secret: digits }), bytes).toBe(false);
        expect(JSON.parse(bytes).level).toBe(30);
      }),
    );
  });

  it('leaks no Map and no Set, of which pino by itself writes nothing', () => {
    fc.assert(
      fc.property(canary, ({ text, secret }) => {
        const write: Write = (log) => log.info({ map: new Map([[text, text]]), set: new Set([text]) });
        for (const through of [redacted, plain])
          expect(leaks(written(write, through), { text, secret })).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('leaks nothing by its hooks, where pino makes the destination', () => {
    fc.assert(
      fc.property(position, canary, (name, planted) => {
        fc.pre(!name.startsWith('another logger'));
        const bytes = written(hooked(positions[name]?.(planted.text) ?? (() => {})), plain);
        expect(leaks(bytes, planted), bytes).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves lines without card data as they are, byte for byte', () => {
    const write: Write = (log) =>
      log
        .child({ tenant: 'shop' })
        .info({ brand: 'visa', last4: '1111', expiry: '12/30', at: 1_732_182_300_000 }, 'paid ✓');
    const time = /"time":\d+/;
    expect(written(write, redacted).replace(time, '')).toBe(written(write, plain).replace(time, ''));
  });
});
