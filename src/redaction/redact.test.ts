// Convinces by comparing whole copies, and the originals with what they were before.

import { inspect, types } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayRejectedError } from '../errors/payment-error.ts';
import { redact } from './redact.ts';
import { canaryOf, leaks } from './testing.ts';

/** Natural numbers that choose. */
const choices = fc.array(fc.nat(9_999), { minLength: 24, maxLength: 24 });
const canary = choices.map(canaryOf);

const number = '4111111111111111';
const masked = '************1111';
const code = '[REDACTED_CVV]';

describe('a structure', () => {
  it.each<readonly [string, unknown, unknown]>([
    ['number', 4_111_111_111_111_111, masked],
    ['bigint', 4_111_111_111_111_111n, masked],
    [
      'symbol within an array',
      [Symbol.for('x'), null, undefined, true],
      [Symbol.for('x'), null, undefined, true],
    ],
    ['object', { a: { b: [number, 1] } }, { a: { b: [masked, 1] } }],
    ['name', { [number]: 1, ok: 2 }, { [masked]: 1, ok: 2 }],
    [
      'names that become alike',
      { [number]: 1, [masked]: 2, '4111 1111 1111 1111': 3 },
      { [masked]: 1, [`${masked} (2)`]: 2, [`${masked} (3)`]: 3 },
    ],
    ['Map', new Map<unknown, unknown>([[number, { a: number }]]), new Map([[masked, { a: masked }]])],
    ['Map of codes', new Map([['cvv', '999']]), new Map([['cvv', code]])],
    ['Set', new Set([number, 1]), new Set([masked, 1])],
    ['bytes', Buffer.from(`é ${number}`), Buffer.from(`é ${masked}`)],
    ['bytes of UTF-16', Buffer.from(number, 'utf16le'), Buffer.from(`${masked}\0`)],
    [
      'bytes that are no text',
      Buffer.from(`\xff${number}`, 'latin1'),
      Buffer.from(`\xff${masked}`, 'latin1'),
    ],
    ['typed array', new Float64Array([1, 4_111_111_111_111_111]), ['1', masked]],
    ['URL', new URL(`https://x.test/?n=${number}`), `https://x.test/?n=${masked}`],
    ['boxed string', Object(number), masked],
    ['toJSON', { toJSON: () => ({ n: number }) }, { n: masked }],
    [
      'code by its name',
      { card: { cvv: '999', cvc: 12, CID: '1234' } },
      { card: { cvv: code, cvc: code, CID: code } },
    ],
    ['code below its name', { securityCode: { entered: ['999'] } }, { securityCode: { entered: [code] } }],
    ['code beside its name', { name: 'cvv', value: '999' }, { name: 'cvv', value: code }],
    ['code after its name', ['x-card-cvv', '999', 'x', '999'], ['x-card-cvv', code, 'x', '999']],
    ['no code', { cvv: null, cvcCheck: 'pass', acid: 999 }, { cvv: null, cvcCheck: 'pass', acid: 999 }],
    ['halves', { first: '41111111', last: '11111111' }, { first: '********', last: '****1111' }],
    ['groups', [4111, 1111, 1111, 1111, 7], ['****', '****', '****', '1111', 7]],
    ['uneven strings', ['41111', '11111111111'], ['*****', '*******1111']],
    [
      'neighbours by chance',
      { level: 30, time: 1_732_182_300_000, pid: 4711 },
      { level: 30, time: 1_732_182_300_000, pid: 4711 },
    ],
    [
      'what stays',
      { brand: 'visa', last4: '1111', expiry: '12/30', ratio: 0.4111111111111111 },
      { brand: 'visa', last4: '1111', expiry: '12/30', ratio: 0.4111111111111111 },
    ],
  ])('%s', (_what, value, redacted) => expect(redact(value)).toEqual(redacted));

  it('is given back itself where nothing had to change', () => {
    const error = new Error('x', { cause: { a: 1 } });
    const circle: Record<string, unknown> = { error, when: new Date(0), map: new Map([[1, [2]]]) };
    circle['again'] = circle;
    expect(redact(circle)).toBe(circle);
  });

  it('is given back as it was seen, if it may look different the next time', () => {
    let reads = 0;
    const moody = {
      get card() {
        reads += 1;
        return reads === 1 ? 'nothing' : number;
      },
    };
    expect(JSON.stringify(redact(moody))).toBe('{"card":"nothing"}');
  });

  it('is never changed itself', () => {
    const freeze = (value: object): object => {
      for (const member of Object.values(value)) if (typeof member === 'object') freeze(member);
      return Object.freeze(value);
    };
    const original = {
      a: [number, { cvv: '999' }],
      e: new Error(number),
      s: ['4111', '1111', '1111', '1111'],
    };
    const before = inspect(original, { depth: 9 });
    expect(redact(freeze(original))).toMatchObject({ a: [masked, { cvv: code }] });
    expect(inspect(original, { depth: 9 })).toBe(before);
  });

  it('may contain itself', () => {
    const circle: Record<string, unknown> = { number };
    circle['list'] = [circle];
    const copy = redact(circle) as { readonly number: string; readonly list: readonly unknown[] };
    expect(copy.number).toBe(masked);
    expect(copy.list[0]).toBe(copy);
  });

  it('shows a code neither under its name nor elsewhere, if both are one object', () => {
    const shared = { first: '999' };
    expect(redact([shared, { cvv: shared }])).toEqual([{ first: '999' }, { cvv: { first: code } }]);
  });

  it('is not looked into beyond a hundred levels, and shows nothing from there', () => {
    let nested: unknown = number;
    for (let level = 0; level < 100_000; level += 1) nested = [nested];
    const shown = JSON.stringify(redact({ nested }));
    expect(shown).toContain('[TOO_DEEP]');
    expect(shown).not.toContain(number);
  });

  it('keeps its class, its symbols and its own `__proto__`', () => {
    class Card {
      pan = number;
      get last4(): string {
        return this.pan.slice(-4);
      }
    }
    const copy = redact(new Card()) as Card;
    expect(copy).toBeInstanceOf(Card);
    expect([copy.pan, copy.last4]).toEqual([masked, '1111']);
    const parsed = redact(JSON.parse(`{"__proto__":{"n":"${number}"}}`)) as object;
    expect(JSON.stringify(parsed)).toBe(`{"__proto__":{"n":"${masked}"}}`);
    const symbols = redact({ [Symbol(number)]: number }) as object;
    expect(inspect(symbols)).toBe(`{ Symbol(${masked}): '${masked}' }`);
  });

  it('may throw from everywhere, and never end', () => {
    const refuse = (): never => {
      throw new Error(number);
    };
    const hostile = {
      getter: Object.defineProperty({}, 'x', { get: refuse, enumerable: true }),
      json: { toJSON: refuse },
      proxy: new Proxy({}, { ownKeys: refuse, get: refuse, getPrototypeOf: refuse }),
      revoked: revoked(),
      iterator: Object.assign(new Set([1]), { [Symbol.iterator]: refuse }),
      endless: { toJSON: endless },
    };
    expect(redact(hostile)).toEqual({
      getter: { x: '[UNREADABLE]' },
      json: '[UNREADABLE]',
      proxy: '[UNREADABLE]',
      revoked: '[UNREADABLE]',
      iterator: '[UNREADABLE]',
      endless: '[TOO_DEEP]',
    });
  });

  it('hides every canary in every place', () => {
    const wrap = fc.constantFrom<(secret: string) => unknown>(
      (secret) => ({ a: [{ secret }] }),
      (secret) => ({ [secret]: 1 }),
      (secret) => new Map([[secret, secret]]),
      (secret) => [new Set([secret])],
      (secret) => Buffer.from(secret),
      (secret) => new AggregateError([new Error('x', { cause: secret })], secret),
      (secret) => ({ toJSON: () => secret }),
    );
    fc.assert(
      fc.property(wrap, canary, (place, planted) => {
        expect(leaks(shown(redact(place(planted.text))), planted)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Everything that a logger or a debugger shows of a value. */
function shown(value: unknown): string {
  const text = Buffer.isBuffer(value) ? value.toString() : '';
  return `${inspect(value, { depth: 9, showHidden: true })}\n${JSON.stringify(value)}\n${text}`;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function endless(): unknown {
  return { toJSON: endless };
}

describe('an error', () => {
  it('keeps its class and loses card data from message, stack, cause, errors and properties', () => {
    const error = Object.assign(
      new GatewayRejectedError(`card ${number}`, {
        cause: new AggregateError([new TypeError(number)], 'all', { cause: { cvv: '999' } }),
      }),
      { response: { body: `cvv=999&pan=${number}` } },
    );
    const copy = redact(error) as GatewayRejectedError & {
      cause: AggregateError;
      response: { body: string };
    };
    expect(copy).toBeInstanceOf(GatewayRejectedError);
    expect(types.isNativeError(copy)).toBe(true);
    expect([copy.name, copy.code, copy.message]).toEqual([error.name, error.code, `card ${masked}`]);
    expect(copy.stack).toBe(error.stack?.replaceAll(number, masked));
    expect(copy.cause.errors[0]).toBeInstanceOf(TypeError);
    expect(copy.cause.errors[0].message).toBe(masked);
    expect(copy.cause.cause).toEqual({ cvv: code });
    expect(copy.response.body).toBe(`cvv=${code}&pan=${masked}`);
    expect(error.message).toBe(`card ${number}`);
  });

  it('may hide its name behind a getter, or have no stack', () => {
    const aborted = redact(new DOMException(number, 'AbortError')) as Error;
    expect([aborted.name, aborted.message]).toEqual(['AbortError', masked]);
    const bare = new Error(number);
    delete bare.stack;
    expect((redact(bare) as Error).stack).toBeUndefined();
  });
});
