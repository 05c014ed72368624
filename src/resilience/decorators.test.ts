// Convinces by a program that imports the package by its name, is compiled by TypeScript (Node does not run decorators
// unbuilt) and run in a process of its own, and that prints what it saw. The compiler has to accept the decorators where
// they fit, and the two that it must refuse are marked in the program.

import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const program = `
import {
  cached, type Call, checkStack, circuitBreaker, idempotent, type IdempotencyOptions, layersOf, logExecution,
  NetworkError, rateLimit, retry, systemRuntime, timeout, timer,
} from 'paystorm';
import { memoryIdempotencyStore } from 'paystorm/stores';

interface Payment { readonly key: string; readonly failures: number }
interface Receipt { readonly till: string; readonly sends: number }

const log: unknown[] = [];
const runtime = systemRuntime({ log: (record) => log.push(record) });
const outcomes: string[] = [];
const options: IdempotencyOptions<Payment, Receipt> = {
  runtime,
  store: memoryIdempotencyStore(runtime),
  scope: () => 'shop',
  key: ({ key }) => key,
  resolve: {
    capabilities: {
      dedup: 'every-answer', lookup: { by: [], consistentAfterMs: 0 }, keyRetentionMs: 86_400_000,
      maxEffectDelayMs: 30_000, cancelByKey: false, captureModes: ['automatic'],
    },
    find: async () => ({ kind: 'absent' }),
  },
};
const breaker = circuitBreaker({ runtime, failureThreshold: 2 });
const again = retry({ runtime, delayMs: 1, maxAttempts: 2 });
const down = new NetworkError('down', { effect: 'none' });

class Till {
  #sends = 0;
  name: string;
  constructor(name: string) { this.name = name; }

  @idempotent(options)
  @again
  @rateLimit({ runtime, maxCalls: 100, periodMs: 1_000 })
  @timeout({ runtime, afterMs: 1_000 })
  @timer({ runtime, metric: ({ outcome }) => outcomes.push(outcome) })
  @logExecution({ runtime })
  async charge(payment: Payment, call?: Call): Promise<Receipt> {
    this.#sends += 1;
    if (this.#sends <= payment.failures) throw down;
    if (call?.idempotencyKey === undefined) throw new TypeError('no key came through');
    return { till: this.name, sends: this.#sends };
  }

  @breaker
  async ping(fails: boolean): Promise<string> {
    if (fails) throw down;
    return this.name;
  }

  @cached({ runtime, ttlMs: 60_000 })
  async balance(currency: string): Promise<string> { return this.name + ' ' + currency + ' ' + (this.#sends += 1); }

  @again
  static async open(name: string): Promise<Till> { return new this(name); }

  @again
  async #secret(_: string): Promise<string> { return this.name; }
  reveal(): Promise<string> { return this.#secret(''); }
}

class Kiosk extends Till {
  override async ping(fails: boolean): Promise<string> { return 'kiosk ' + (await super.ping(fails)); }
}

class Wrong {
  @again
  @idempotent(options)
  async charge({ failures }: Payment): Promise<Receipt> { return { till: 'wrong', sends: failures }; }
}

class Mistyped {
  // @ts-expect-error the layer is for another request
  @idempotent(options)
  async charge(amount: number): Promise<Receipt> { return { till: 'mistyped', sends: amount }; }
}

const end = async (work: () => Promise<unknown>): Promise<unknown> => {
  try { return await work(); } catch (error) { return (error as Error).name; }
};
const refusal = (declare: () => unknown): string => {
  try { declare(); return 'accepted'; } catch (error) { return (error as Error).message; }
};

const [a, b] = [new Till('a'), new Till('b')];
const first = await a.charge({ key: 'k', failures: 1 });
const replayed = await b.charge({ key: 'k', failures: 1 });
const facts = {
  first,
  replayed,
  other: await b.charge({ key: 'l', failures: 0 }),
  outcomes,
  log: log.map((record) => (record as { audit: string }).audit),
  order: layersOf(Till.prototype.charge),
  same: a.charge === Till.prototype.charge,
  warnings: [checkStack(a.charge), checkStack(new Wrong().charge)].map((found) => found.map(({ message }) => message)),
  balances: [await a.balance('eur'), await b.balance('eur'), await a.balance('eur'), await a.balance('usd')],
  open: (await Till.open('c')).name,
  secret: await a.reveal(),
  extracted: await end(() => { const { balance } = a; return balance('gbp'); }),
  kiosk: await new Kiosk('d').ping(false),
  pings: [
    await end(() => a.ping(true)), await end(() => b.ping(true)), await end(() => a.ping(false)),
    await end(() => new Kiosk('e').ping(false)),
  ],
  field: refusal(() => class {
    // @ts-expect-error it is no method
    @again ping = async (name: string): Promise<string> => name;
  }),
  twice: refusal(() => class {
    @again @again async ping(name: string): Promise<string> { return name; }
  }),
  mistyped: layersOf(Mistyped.prototype.charge),
};
process.stdout.write(JSON.stringify(facts));
`;

const settings = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    lib: ['es2024'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(repository, 'node_modules', '@types')],
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
    outDir: 'built',
  },
  files: ['till.ts'],
};

let folder = '';
let facts: Record<string, unknown> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paystorm-decorators-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(repository, join(folder, 'node_modules', 'paystorm'), 'junction');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'till.ts'), program);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const compiled = await output(join(repository, 'node_modules/typescript/bin/tsc'), ['--pretty', 'false']);
  expect(compiled).toEqual({ text: '', exitCode: 0 });
  const ran = await output(join(folder, 'built', 'till.js'));
  expect(ran.exitCode, ran.text).toBe(0);
  facts = JSON.parse(ran.text);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a module in the temporary folder, in a process of this Node, and collects what it prints. */
function output(
  module: string,
  args: readonly string[] = [],
): Promise<{ text: string; exitCode: number | null }> {
  return new Promise((resolve, reject) => {
    const child = fork(module, args, { cwd: folder, silent: true, execArgv: [] });
    let text = '';
    const collect = (chunk: unknown): void => {
      text += String(chunk);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ text, exitCode }));
  });
}

describe('layers as method decorators', () => {
  it('do what the wrappers do, and the method keeps its instance', () => {
    expect(facts['first']).toEqual({ till: 'a', sends: 2 });
    expect(facts['replayed']).toEqual(facts['first']);
    expect(facts['other']).toEqual({ till: 'b', sends: 1 });
    expect(facts['outcomes']).toEqual(['network_error', 'ok', 'ok']);
    expect(facts['log']).toEqual(['attempt', 'attempt', 'replay', 'attempt']);
  });

  it('share the state of a layer among the instances, and through inheritance', () => {
    expect(facts['kiosk']).toBe('kiosk d');
    expect(facts['pings']).toEqual(['NetworkError', 'NetworkError', 'CircuitOpenError', 'CircuitOpenError']);
  });

  it('remember answers for each instance by itself', () => {
    expect(facts['balances']).toEqual(['a eur 3', 'b eur 2', 'a eur 3', 'a usd 4']);
  });

  it('decorate static and private methods, and leave a method without its instance as it is', () => {
    expect(facts['open']).toBe('c');
    expect(facts['secret']).toBe('a');
    expect(facts['extracted']).toBe('TypeError');
  });

  it('can be read back from the method, in their order, and judged', () => {
    const order = ['idempotent', 'retry', 'rateLimit', 'timeout', 'timer', 'logExecution'];
    expect(facts['order']).toEqual(order);
    expect(facts['same']).toBe(true);
    expect(facts['warnings']).toEqual([[], [expect.stringMatching(/^retry outside idempotent breaks S6/)]]);
    expect(facts['mistyped']).toEqual(['idempotent']);
  });

  it('refuse a field, and to be put on a method twice', () => {
    expect(facts['field']).toMatch(/^retry: it decorates methods, and this is a field/);
    expect(facts['twice']).toMatch(/^retry is applied twice/);
  });
});
