// How a test file comes by a real service:
//
//   const redis = await openTestRedis();
//   redis.suite('the store on Redis', () => { it(…, () => { … redis.url, redis.keyPrefix() … }) });

import { connect } from 'node:net';
import { relative } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { BackendError, type ServiceName } from './backend-error.ts';
import { type Broker, type BrokerReply, type BrokerRequest, broker, type Lack } from './broker.ts';
import { checkBackend } from './find.ts';

/** Like `describe`: the suite runs where the service is, is listed as skipped where it is missing, and fails where it is broken. */
type Suite = (name: string, body: () => void) => void;

/** A real Redis as a test file sees it. */
export interface TestRedis {
  readonly suite: Suite;
  readonly url: string;
  /** A prefix of keys that nothing else uses, another at each call. */
  keyPrefix(): string;
}

/** A real Postgres as a test file sees it. */
export interface TestPostgres {
  readonly suite: Suite;
  /** Of a database that no other worker uses; its superuser, where the server was started here. */
  readonly url: string;
  /** Name of a schema that nothing else uses and that does not exist yet, another at each call. */
  schema(): string;
}

/** Asks for Redis; the first to ask waits until it was started. */
export async function openTestRedis(): Promise<TestRedis> {
  const reply = await open('redis');
  const name = namesIn(reply);
  return { suite: suiteOver('redis', reply), url: urlOf(reply), keyPrefix: () => `${name()}:` };
}

/** Asks for Postgres; the first to ask waits until it was started. */
export async function openTestPostgres(): Promise<TestPostgres> {
  const reply = await open('postgres');
  return { suite: suiteOver('postgres', reply), url: urlOf(reply), schema: namesIn(reply) };
}

/** Suites that start servers of this machine themselves, in order to hurt them; `suite` wants all of the services. */
export async function openLocalServers(...services: ServiceName[]): Promise<{ readonly suite: Suite }> {
  const replies = await Promise.all(services.map((service) => open(service, true)));
  const lack = replies.find((reply) => 'problem' in reply);
  return { suite: lack === undefined ? describe : suiteWithout(lack) };
}

const worker = process.env['VITEST_POOL_ID'] ?? '0';
let own: Broker | undefined;

async function open(service: ServiceName, local = false): Promise<BrokerReply> {
  const request: BrokerRequest = {
    service,
    worker,
    file: relative('', expect.getState().testPath ?? ''),
    local,
  };
  const port = inject('paystormBrokerPort');
  if (port !== undefined) return asked(port, request);
  // Without the global setup each test file has servers of its own, which end with its process.
  own ??= broker(process.env, () => {});
  return own.open(request);
}

function asked(port: number, request: BrokerRequest): Promise<BrokerReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', reject);
    createInterface(socket).once('line', (line) => resolve(JSON.parse(line) as BrokerReply));
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

function suiteOver(service: ServiceName, reply: BrokerReply): Suite {
  if ('problem' in reply) return suiteWithout(reply);
  return (name, body) => {
    describe(name, () => {
      body();
      // Says once why everything failed, when it is the service that did.
      afterAll(() => checkBackend({ service, url: reply.url }));
    });
  };
}

function suiteWithout({ problem, message }: Lack): Suite {
  return (name, body) => {
    if (problem === 'missing' && process.env['PAYSTORM_REQUIRE_REAL'] !== '1')
      describe.skipIf(true)(`${name} (${message})`, body);
    else
      describe(name, () => {
        it('has the service that it is about', () => {
          throw new BackendError(problem, message);
        });
      });
  };
}

let names = 0;

/** Names of this worker's own space; the file's process is part of them, for a worker runs several files. */
function namesIn(reply: BrokerReply): () => string {
  return () => {
    names += 1;
    return `${'space' in reply ? reply.space : 'paystorm'}_${process.pid}_${names}`;
  };
}

function urlOf(reply: BrokerReply): string {
  return 'url' in reply ? reply.url : '';
}
