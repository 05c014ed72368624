// Convinces by starting real containers, where an engine runs: they can be written to, and they are gone when they were
// stopped, or when whoever started them was killed.

import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startContainer } from './container.ts';
import { dockerEngine } from './docker-engine.ts';
import { probeService, waysIn } from './ways.ts';

afterEach(() => vi.unstubAllEnvs());

// Where containers are not to be used, an engine that happens to run is left alone.
const engine =
  ['', 'docker'].includes(process.env['PAYSTORM_BACKENDS'] ?? '') &&
  (await dockerEngine(process.env).then(
    () => true,
    () => false,
  ));

/** The containers that publish the port of a URL, running or not; other workers have others meanwhile. */
function containersAt(url: string): string[] {
  const filter = `publish=${new URL(url).port}`;
  return execFileSync('docker', ['ps', '--all', '--quiet', '--filter', filter], { encoding: 'utf8' })
    .split('\n')
    .filter((id) => id !== '');
}

describe.runIf(engine)('a service in a container', { timeout: 240_000 }, () => {
  it.each(['redis', 'postgres'] as const)('answers and is gone once stopped: %s', async (service) => {
    const server = await startContainer(service);
    expect(containersAt(server.url)).toHaveLength(1);
    expect(await probeService(service, server.url)).toBe(server.version);
    expect(new URL(server.url).password).not.toBe('');
    await server.stop();
    expect(containersAt(server.url)).toEqual([]);
    await expect(probeService(service, server.url)).rejects.toMatchObject({ problem: 'unreachable' });
  });

  it('is gone when whoever started it is killed', async () => {
    const from = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'container.ts')).href);
    const code = `import { startContainer } from ${from};
      console.log((await startContainer('redis')).url);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise<string>((resolve) => {
      createInterface(child.stdout).once('line', resolve);
    });
    await probeService('redis', url);
    expect(containersAt(url)).toHaveLength(1);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(containersAt(url)).toEqual([]), { timeout: 20_000, interval: 200 });
  });

  it('is looked at without being started', async () => {
    expect(await waysIn.docker.look('redis', { urls: {}, allowHost: false })).toMatch(
      /^redis:\S+ \(here\) on Docker \S+ at \S+$/,
    );
  });
});

describe('an engine', () => {
  it.each([
    { host: 'unix:///nowhere/docker.sock', says: 'ENOENT' },
    { host: 'tcp://127.0.0.1:1', says: 'ECONNREFUSED' },
    { host: 'ssh://somewhere', says: 'its address is none that can be asked' },
  ])('that does not answer is told with its address: $host', async ({ host, says }) => {
    vi.stubEnv('DOCKER_HOST', host);
    await expect(startContainer('redis')).rejects.toMatchObject({
      problem: 'missing',
      message: expect.stringMatching(`^the Docker engine at ${host} does not answer \\(.*${says}`),
    });
  });
});
