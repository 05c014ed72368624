// Convinces by what a destination was handed, chunk by chunk, and by real pino streams around the redacting one.

import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import { type DestinationStream, multistream, pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { redactionForPino } from './pino.ts';

const number = '4111111111111111';
const masked = '************1111';

/** A destination that remembers. */
function memory(): DestinationStream & { readonly calls: string[] } & Record<string, unknown> {
  const calls: string[] = [];
  return {
    calls,
    write: (chunk: string) => void calls.push(chunk),
    flushSync: () => void calls.push('<flushSync>'),
    flush: (done: () => void) => done(),
    end: () => void calls.push('<end>'),
  };
}

describe('a stream of lines', () => {
  it('finds what is cut by chunks, wherever they are cut', () => {
    const text = `a ${number}\nb ٤１１1-1111 1111 1111 é cvv: 999\n\nlast %34111111111111111`;
    const whole = `a ${masked}\nb ${masked} é cvv: [REDACTED_CVV]\n\nlast ${masked}`;
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), fc.boolean(), (cuts, asText) => {
        const { calls, ...destination } = memory();
        const stream = redactionForPino().stream(destination);
        const source = asText ? text : bytes;
        const at = [0, ...cuts.toSorted((one, two) => one - two), source.length];
        for (const [index, from] of at.entries())
          stream.write(source.slice(from, at[index + 1] ?? source.length));
        stream.end();
        expect(calls.join('')).toBe(`${whole}<end>`);
      }),
    );
  });

  it('holds the beginning of a line back when it is flushed, since what follows may make it a card number', () => {
    const { calls, ...destination } = memory();
    const stream = redactionForPino().stream(destination);
    stream.write('done\ncard 4111 1111 ');
    stream.flushSync();
    expect(calls).toEqual(['done\n', '<flushSync>']);
    stream.write('1111 1111\n');
    expect(calls.at(-1)).toBe(`card ${masked}\n`);
  });

  it('reads bytes in the encoding that they are written in', () => {
    const { calls, ...destination } = memory();
    redactionForPino()
      .stream(destination)
      .write(Buffer.from(`${number}\n`).toString('hex'), 'hex');
    expect(calls).toEqual([`${masked}\n`]);
  });

  it('drops a line that never ends, says so, and goes on with the next', () => {
    const { calls, ...destination } = memory();
    const stream = redactionForPino().stream(destination);
    for (let part = 0; part < 18; part += 1) stream.write('x'.repeat(1_000_000));
    stream.write(`${number}\n`);
    stream.write(`next ${number}\n`);
    expect(calls).toEqual(['[REDACTED: a line too long to be searched for card data]\n', `next ${masked}\n`]);
  });

  it('ends with what is handed to its end', () => {
    const { calls, ...destination } = memory();
    const stream = redactionForPino().stream(destination);
    stream.write('4111 1111 ');
    stream.end('1111 1111');
    expect(calls).toEqual([masked, '<end>']);
  });
});

describe('around streams of Node', () => {
  it('passes back-pressure, callbacks and events on, so that it can be piped into', async () => {
    const chunks: string[] = [];
    const slow = new Writable({
      highWaterMark: 16,
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        setImmediateLater(done);
      },
    });
    const stream = redactionForPino().stream(slow);
    expect(stream.write(`${number} is more than the mark\n`)).toBe(false);
    const lines = Array.from({ length: 50 }, (_, line) => `${line}: ${number}\n`);
    const finished = once(slow, 'finish');
    Readable.from(lines).pipe(stream as unknown as NodeJS.WritableStream);
    await finished;
    expect(chunks.join('')).toBe(
      `${masked} is more than the mark\n${lines.join('').replaceAll(number, masked)}`,
    );
  });

  it('calls back for every write, also for one that completes no line', async () => {
    const { calls, ...plain } = memory();
    for (const destination of [plain, new PassThrough()]) {
      const stream = redactionForPino().stream(destination);
      await new Promise((done) => stream.write('half ', done));
      await new Promise((done) => stream.write('whole\n', 'utf8', done));
    }
    expect(calls).toEqual(['half whole\n']);
  });
});

/** The next turn of the event loop, without a timer. */
function setImmediateLater(done: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port2.once('message', () => {
    port1.close();
    done();
  });
  port1.postMessage(null);
}

describe('around streams of pino', () => {
  it('keeps what a multistream chooses by, and redacts the record that it is handed besides the line', () => {
    const [all, errors] = [memory(), { ...memory(), [Symbol.for('pino.metadata')]: true }];
    const stream = redactionForPino().stream(
      multistream([
        { level: 'info', stream: all },
        { level: 'error', stream: errors },
      ]),
    );
    const log = pino(stream);
    log.info({ pan: number }, `paid ${number}`);
    expect([all.calls.length, errors.calls.length]).toEqual([1, 0]);
    log.child({ pan: number }).error({ pan: number }, `refused ${number}`);
    expect([all.calls.length, errors.calls.length]).toEqual([2, 1]);
    expect([...all.calls, ...errors.calls].join('')).not.toContain(number);
    expect(errors).toMatchObject({
      lastLevel: 50,
      lastMsg: `refused ${masked}`,
      lastObj: { pan: masked },
      lastLogger: undefined,
    });
  });

  it('works within a multistream', () => {
    const all = memory();
    const log = pino({}, multistream([{ stream: redactionForPino().stream(all) }]));
    log.info(number);
    expect(JSON.parse(all.calls[0] ?? '').msg).toBe(masked);
  });

  it('flushes when the logger does', async () => {
    const { calls, flush, ...withoutFlush } = memory();
    const log = pino(redactionForPino().stream(withoutFlush));
    await new Promise((done) => log.flush(done));
    expect(flush).toBeTypeOf('function');
    const asked: unknown[] = [];
    redactionForPino()
      .stream({ ...withoutFlush, flush: (done: () => void) => asked.push(done) } as DestinationStream)
      .flush(() => {});
    expect([asked.length, calls.length]).toEqual([1, 0]);
  });

  it('keeps the bank’s number, if told to', () => {
    const all = memory();
    pino(redactionForPino({ keepBin: true }).stream(all)).info(`${number} 378282246310005`);
    expect(JSON.parse(all.calls[0] ?? '').msg).toBe('411111******1111 ***********0005');
  });

  it('refuses options and destinations that cannot work', () => {
    expect(() => redactionForPino({ keepBin: 'yes' as unknown as boolean })).toThrow(ValidationError);
    expect(() => redactionForPino().stream({} as DestinationStream)).toThrow(ValidationError);
    expect(() => redactionForPino().stream(undefined as unknown as DestinationStream)).toThrow(
      ValidationError,
    );
  });
});
