// Puts redaction between pino and everything that pino writes. Serializers, paths and hooks each see a part of a record;
// only the destination sees every byte: messages, bindings of children, mixins, errors and their causes, and what other
// loggers write to the same stream.

import type { DestinationStream } from 'pino';
import { ValidationError } from '../errors/payment-error.ts';
import { optionCheck } from '../resilience/option-check.ts';
import { lineRedactor, redactLines } from './lines.ts';
import { redact } from './redact.ts';
import type { RedactionOptions } from './redact-text.ts';

/** Redaction for pino; use one of the two. */
export interface PinoRedaction {
  /**
   * The destination, behind redaction: `pino(options, redaction.stream(pino.destination()))`. It may be a file, a
   * multistream, a `pino.transport`, or any writable stream, and other loggers may write to what this returns.
   */
  stream(destination: DestinationStream): RedactedStream;
  /**
   * Hooks for a logger that makes its own destination: `pino({ transport, hooks: redaction.hooks })`. Lines are redacted
   * before they leave for the transport's thread, but only this logger's and its children's.
   */
  readonly hooks: { readonly streamWrite: (line: string) => string };
}

/**
 * A destination that redacts. It writes whole lines: the beginning of one is held back until its end arrives, or until
 * `end`. Events and back-pressure are the destination's.
 */
export interface RedactedStream extends DestinationStream {
  /** By this `pino(stream)` knows a stream from options; without it the logger would write to the standard output. */
  readonly writable: true;
  /** False when the writer should wait for the destination's `drain`. */
  write(chunk: string | Uint8Array, ...rest: unknown[]): boolean;
  /** Writes what was held back, and ends the destination. */
  end(...rest: unknown[]): void;
  /** Flushes the destination, then calls back. */
  flush(done?: (error?: Error) => void): void;
  /** Flushes the destination. The beginning of a line stays held back, because its end may turn it into card data. */
  flushSync(): void;
}

/**
 * Redaction for pino 8.19 and later (`hooks.streamWrite`), and for every stream that takes lines of text. It finds what
 * `redact` finds; a number in JSON becomes a string, so that the line stays JSON.
 *
 * @throws ValidationError when an option is unusable.
 */
export function redactionForPino(options: RedactionOptions = {}): PinoRedaction {
  if (options.keepBin !== undefined && typeof options.keepBin !== 'boolean') {
    throw new ValidationError(
      `redactionForPino: keepBin must be true or false, got ${typeof options.keepBin}`,
    );
  }
  return {
    stream(destination) {
      optionCheck('redactionForPino').callback(
        'destination.write',
        Reflect.get(Object(destination), 'write'),
      );
      return redactedStream(destination, options);
    },
    hooks: {
      streamWrite: (line) => redactLines(line, options),
    },
  };
}

function redactedStream(destination: DestinationStream, options: RedactionOptions): RedactedStream {
  const redactor = lineRedactor(options);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const ask = methodsOf(destination);
  const textOf = (chunk: unknown, encoding: unknown): string => {
    if (typeof chunk === 'string' && !isByteEncoding(encoding)) return chunk;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : chunk;
    return decoder.decode(bytes as Uint8Array, { stream: true });
  };
  const pass = (text: string, done: unknown): boolean => {
    if (typeof done !== 'function') return text === '' || ask('write', text) !== false;
    // Of the destinations that pino knows, only Node's streams call back.
    if (text !== '' && Reflect.has(destination, 'writableLength')) return ask('write', text, done) !== false;
    const answer = text === '' || ask('write', text) !== false;
    queueMicrotask(() => done());
    return answer;
  };

  const stream: RedactedStream = {
    writable: true,
    write(chunk, ...rest) {
      if (typeof chunk !== 'string' || rest.length > 0) {
        return pass(redactor.lines(textOf(chunk, rest[0])), rest.find(isFunction));
      }
      const text = redactor.lines(chunk);
      const answer: unknown = text === '' || destination.write(text);
      return answer !== false;
    },
    end(...rest) {
      const [chunk, encoding] = rest;
      const last = chunk === undefined || chunk === null || isFunction(chunk) ? '' : textOf(chunk, encoding);
      pass(redactor.lines(last + decoder.decode()) + redactor.rest(), undefined);
      ask('end', ...rest.filter(isFunction));
    },
    flush(done = () => {}) {
      if (isFunction(Reflect.get(destination, 'flush'))) ask('flush', done);
      else done();
    },
    flushSync: () => void ask('flushSync'),
  };
  for (const name of passedOn) {
    if (isFunction(Reflect.get(destination, name))) {
      Reflect.set(stream, name, (...rest: unknown[]) => ask(name, ...rest));
    }
  }
  passMetadata(stream, destination, options);
  return stream;
}

/** What others use of a stream besides writing: `pipe` its events, log rotation `reopen`. None of them takes text. */
const passedOn = [
  'on',
  'once',
  'off',
  'addListener',
  'removeListener',
  'prependListener',
  'listenerCount',
  'emit',
  'reopen',
  'destroy',
];

/** A multistream chooses by the record's level, and pino hands it the record itself besides the line. */
function passMetadata(
  stream: RedactedStream,
  destination: DestinationStream,
  options: RedactionOptions,
): void {
  const needsMetadata = Symbol.for('pino.metadata');
  if (Reflect.get(destination, needsMetadata) !== true) return;
  Reflect.set(stream, needsMetadata, true);
  for (const name of ['lastLevel', 'lastTime', 'lastMsg', 'lastObj']) {
    Object.defineProperty(stream, name, {
      get: () => Reflect.get(destination, name),
      set: (value: unknown) => void Reflect.set(destination, name, redact(value, options)),
    });
  }
  // The logger would give its bindings away as they are.
  Object.defineProperty(stream, 'lastLogger', { get: () => undefined, set: () => {} });
}

/** Calls a method of the destination by its name, if it has one. */
function methodsOf(destination: DestinationStream): (name: string, ...rest: unknown[]) => unknown {
  return (name, ...rest) => {
    const method: unknown = Reflect.get(destination, name);
    return isFunction(method) ? method.call(destination, ...rest) : undefined;
  };
}

function isFunction(value: unknown): value is (...rest: unknown[]) => unknown {
  return typeof value === 'function';
}

function isByteEncoding(encoding: unknown): boolean {
  return typeof encoding === 'string' && !/^(?:utf-?8|buffer)$/i.test(encoding);
}
