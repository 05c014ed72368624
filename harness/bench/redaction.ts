// What it costs to let no card data into a log: lines that hold none, which nearly all are, and a logger that writes them.

import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DestinationStream, pino } from 'pino';
import { redactionForPino } from '../../src/redaction/pino.ts';
import { type Contender, interleaved, median, type Pace, quotients, spread, type Turns } from './measure.ts';
import { type Goal, type Row, rowOf, type Section } from './row.ts';

/** What clean lines and a logger are held to. */
const goals: Readonly<Record<'lines' | 'logger', Goal>> = {
  lines: { of: 'ours', must: 'at least', value: 400 },
  logger: { of: 'ratio', must: 'at least', value: 0.5 },
};

const recordsPerRun = 1_000;
const nsPerMs = 1_000_000;

/** Measures all of them in turns. */
export async function redactionSection(pace: Pace): Promise<Section> {
  const file = temporaryFile();
  try {
    const { bytes, run } = cleanLines();
    const redacted = (destination: DestinationStream): DestinationStream =>
      redactionForPino().stream(destination);
    const [lines = [], toFile = [], redactedToFile = [], nowhere = [], redactedNowhere = []] =
      await interleaved(
        [
          run,
          logging(file.destination, file.empty),
          logging(redacted(file.destination), file.empty),
          logging({ write() {} }),
          logging(redacted({ write() {} })),
        ],
        pace,
      );
    return {
      title: `redaction: ${recordsPerRun} records of a payment service that hold no card data; one core`,
      rows: [
        rowOf({
          name: 'clean lines',
          unit: 'MB/s',
          ours: bytes / median(lines) / 1_000,
          spread: spread(lines),
          goal: goals.lines,
        }),
        beside('records/s to a file with it ÷ without', { ours: redactedToFile, peer: toFile }, goals.logger),
        beside('records/s to nowhere with it ÷ without', { ours: redactedNowhere, peer: nowhere }),
      ],
    };
  } finally {
    file.remove();
  }
}

/** The ratio says how many records are written with redaction while one is written without; figures are ns. */
function beside(
  name: string,
  { ours, peer }: { readonly ours: Turns; readonly peer: Turns },
  goal?: Goal,
): Row {
  const ratios = quotients(peer, ours);
  const nsPerRecord = (turns: Turns): number => (median(turns) * nsPerMs) / recordsPerRun;
  return rowOf({
    name,
    unit: 'ns/record',
    ours: nsPerRecord(ours),
    peer: nsPerRecord(peer),
    ratio: median(ratios),
    spread: spread(ratios),
    ...(goal === undefined ? {} : { goal }),
  });
}

/** The lines that pino makes of all records, handed to redaction one by one, as pino does. */
function cleanLines(): { readonly bytes: number; readonly run: Contender } {
  const lines: string[] = [];
  // Pino joins the pieces of a line without copying them; whoever first looks at the characters pays for that.
  const log = pino({}, { write: (line) => void lines.push(Buffer.from(line).toString('latin1')) });
  for (const record of records) log.info(record);
  const stream = redactionForPino().stream({ write() {} });
  return {
    bytes: lines.reduce((sum, line) => sum + line.length, 0),
    async run() {
      for (const line of lines) stream.write(line);
    },
  };
}

function logging(destination: DestinationStream, before = (): void => {}): Contender {
  const log = pino({}, destination);
  return async () => {
    before();
    for (const record of records) log.info(record);
  };
}

/** A file that pino writes each line to at once. */
function temporaryFile() {
  const folder = mkdtempSync(join(tmpdir(), 'paystorm-bench-'));
  const fd = openSync(join(folder, 'log'), 'a');
  return {
    destination: pino.destination({ fd, sync: true }),
    empty: () => ftruncateSync(fd, 0),
    remove() {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    },
  };
}

/** What services around payments log: requests, audit records, payments, and errors with their stacks. */
const records: readonly object[] = Array.from({ length: recordsPerRun }, (_, index) => {
  switch (index % 4) {
    case 0:
      return {
        reqId: uuidOf(index),
        req: { method: 'POST', url: `/v1/orders/${index}`, remoteAddress: '10.0.3.17' },
        res: { statusCode: 201 },
        responseTime: 12.25 + index / 8,
        msg: 'request completed',
      };
    case 1:
      return {
        audit: 'attempt',
        operation: 'authorize',
        code: 'ok',
        idempotencyKey: `shop/order-${index}/charge/0.0`,
        durationMs: 18 + (index % 40),
      };
    case 2:
      return {
        payment: `pi_${uuidOf(index).slice(0, 8)}`,
        amountMinor: 5_000 + index,
        currency: 'USD',
        brand: 'visa',
        last4: '4242',
        msg: 'captured after a retry',
      };
    default:
      return {
        err: {
          type: 'GatewayTimeoutError',
          message: 'no answer within 8000 ms',
          stack:
            'GatewayTimeoutError: no answer within 8000 ms\n    at charge (/app/src/charge.ts:41:11)\n' +
            '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
        },
        msg: 'payment is unknown',
      };
  }
});

/** Looks like a UUID, and is the same in every run. */
function uuidOf(index: number): string {
  const hex = [1, 2, 3, 4].map((word) =>
    (Math.imul(index * 4 + word, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0'),
  );
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
