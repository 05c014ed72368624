// Whether an engine for containers answers, asked in a moment, before the library that works with it is loaded.

import { existsSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BackendError } from './backend-error.ts';

/** An engine that answers. */
export interface DockerEngine {
  readonly address: string;
  /** `unknown` where only testcontainers can ask. */
  readonly version: string;
  /** Whether it holds an image already. */
  hasImage(image: string): Promise<boolean>;
}

const patienceMs = 3000;
/** Where testcontainers lets people say which engine to use. */
const properties = join(homedir(), '.testcontainers.properties');

/**
 * The engine that DOCKER_HOST names, else the one that testcontainers is told of, else the one whose socket lies where engines
 * put it. One that is reached with certificates is not asked here; testcontainers will find out.
 *
 * @throws BackendError (`missing`) when there is none, or it does not answer.
 */
export async function dockerEngine(env: Readonly<Record<string, string | undefined>>): Promise<DockerEngine> {
  const address = addressOf(env);
  if (address === undefined)
    throw new BackendError(
      'missing',
      'there is no Docker engine (no DOCKER_HOST, and no socket where engines put it)',
    );
  if (address === properties || (env['DOCKER_TLS_VERIFY'] ?? '') !== '')
    return { address, version: 'unknown', hasImage: async () => false };
  try {
    const { body } = await get(address, '/version');
    const { Version: version }: { Version?: string } = JSON.parse(body);
    return {
      address,
      version: version ?? 'unknown',
      async hasImage(image) {
        const { status } = await get(address, `/images/${encodeURIComponent(image)}/json`);
        return status === 200;
      },
    };
  } catch (cause) {
    throw new BackendError(
      'missing',
      `the Docker engine at ${address} does not answer (${cause instanceof Error ? cause.message : String(cause)})`,
      { cause },
    );
  }
}

function addressOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = env['DOCKER_HOST'] ?? '';
  if (named !== '') return named;
  if (existsSync(properties) && /^\s*(tc|docker)\.host\s*=/m.test(readFileSync(properties, 'utf8')))
    return properties;
  const runtime = env['XDG_RUNTIME_DIR'];
  return [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock')]),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
  ]
    .filter((path) => existsSync(path))
    .map((path) => `unix://${path}`)
    .at(0);
}

function get(address: string, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const { protocol, hostname, port, pathname } = new URL(address);
    const to =
      protocol === 'unix:' ? { socketPath: pathname, path } : { host: hostname, port: port || 2375, path };
    if (protocol !== 'unix:' && protocol !== 'tcp:' && protocol !== 'http:')
      throw new Error(`its address is none that can be asked: ${protocol}`);
    const asked = request({ ...to, timeout: patienceMs }, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
    asked.on('error', reject);
    asked.end();
  });
}
