// Convinces by ending a server at the first instants of its start, when there may or may not be a folder already, and by servers
// that are shell scripts, so that what they say and how they end is known.

import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keptProcess } from './kept-process.ts';
import type { ProcessPlan, ServerCommand } from './server-plan.ts';

/** A busy machine takes its time to start a shell, and to bury one. */
const patience = { timeout: 10_000 };

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'paystorm-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const script = (text: string): ServerCommand => ({ file: '/bin/sh', args: ['-c', text] });
const plan = (serve: string, ...prepare: string[]): ProcessPlan => ({
  kind: 'process',
  copies: [],
  prepare: prepare.map(script),
  serve: script(serve),
  files: { greeting: 'hello' },
  env: { NAME: 'a name' },
  user: undefined,
  endSignal: 'SIGTERM',
});

/** As `ps` tells it, a Z for the dead whom nobody has buried; empty for none. */
function stateOf(pid: number): string {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}

describe('a server that is kept', () => {
  it('leaves nothing when it is ended before it has a folder', async () => {
    const kept = keptProcess(plan('exec sleep 600'), () => {});
    const started = kept.start().catch((error: unknown) => error);
    await kept.end();
    expect(String(await started)).toContain('it is no longer wanted');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is not waited for when it is ended while it prepares', async () => {
    const kept = keptProcess(plan('exec sleep 600', 'touch begun; sleep 600'), () => {});
    const started = kept.start().catch((error: unknown) => error);
    await vi.waitFor(() => {
      const [folder = ''] = readdirSync(temporary);
      expect(readdirSync(join(temporary, folder))).toContain('begun');
    }, patience);
    await kept.end();
    expect(String(await started)).toContain('/bin/sh ended by SIGKILL');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('finds its folder, files and environment, and tells its last words when it ends', async () => {
    const ended = Promise.withResolvers<string>();
    const kept = keptProcess(
      plan('cat greeting prepared; echo " $NAME"; exit 3', 'echo " {folder}" > prepared'),
      ended.resolve,
    );
    const { folder } = await kept.start();
    expect(await ended.promise).toBe(
      `/bin/sh ended with exit code 3; its last words: hello ${folder} /  a name`,
    );
    await expect(kept.signal('SIGTERM')).rejects.toThrow('it is not running');
    await kept.end();
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('finds copies of what it needs, with the links that they lack', async () => {
    const source = join(temporary, 'source');
    mkdirSync(join(source, 'lib'), { recursive: true });
    writeFileSync(join(source, 'lib/real'), 'a library');
    symlinkSync('real', join(source, 'lib/there'));
    const links = { 'lib/lacking': 'lib/real', 'lib/there': 'lib/real' };
    const ended = Promise.withResolvers<string>();
    const kept = keptProcess(
      {
        ...plan('cat tree/lib/lacking tree/lib/there'),
        copies: [{ from: source, name: 'tree', links }],
      },
      ended.resolve,
    );
    await kept.start();
    expect(await ended.promise).toMatch(/its last words: a librarya library$/);
    await kept.end();
    expect(readdirSync(temporary)).toEqual(['source']);
  });

  it('is ended by force, with what it has started, when it does not listen', async () => {
    const ended = Promise.withResolvers<string>();
    const kept = keptProcess(
      plan("trap '' TERM; sh -c 'sleep 600' & echo $! > ready; while :; do sleep 1; done"),
      ended.resolve,
    );
    const { folder = '' } = await kept.start();
    const helper = await vi.waitFor(() => {
      const pid = Number(readFileSync(join(folder, 'ready'), 'utf8'));
      expect(pid).toBeGreaterThan(0);
      return pid;
    }, patience);
    await kept.end();
    expect(await ended.promise).toMatch(/^\/bin\/sh ended by SIGKILL/);
    await vi.waitFor(() => expect(stateOf(helper)).toMatch(/^(Z|$)/), patience);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('fails to start where its executable is not there', async () => {
    const kept = keptProcess({ ...plan(''), serve: { file: '/nowhere/server', args: [] } }, () => {});
    await expect(kept.start()).rejects.toThrow('ENOENT');
    await kept.end();
    expect(readdirSync(temporary)).toEqual([]);
  });
});
