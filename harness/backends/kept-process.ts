// Runs a server as a child process, in a folder that exists as long as it is wanted.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessPlan, RunningServer, ServerCommand } from './server-plan.ts';

/** Something that is kept for a suite. */
export interface Kept {
  start(): Promise<RunningServer>;
  /** Ends it and removes whatever it left; also in the middle of starting it. */
  end(): Promise<void>;
}

/** A process that is kept. Each method may be called once the one before has answered. */
export interface KeptProcess extends Kept {
  /** Starts it again after it has ended, on what it had stored. */
  restart(): Promise<RunningServer>;
  signal(signal: NodeJS.Signals): Promise<void>;
}

const gentleEndMs = 3000;
/** As much of a server's last words as a message can hold. */
const logChars = 2000;

/** Keeps what the plan says; `ended` hears when the server ends, whether or not that was asked for. */
export function keptProcess(plan: ProcessPlan, ended: (how: string) => void): KeptProcess {
  let folder: string | undefined;
  let child: ChildProcess | undefined;
  let log = '';
  let wanted = true;
  let preparing = true;
  let starting: Promise<unknown> = Promise.resolve();

  const run = ({ file, args }: ServerCommand): ChildProcess => {
    if (!wanted || folder === undefined) throw new Error('it is no longer wanted');
    const cwd = folder;
    log = '';
    // A group of its own, so that helpers which it starts can be ended with it.
    const started = spawn(
      file.replaceAll('{folder}', cwd),
      args.map((arg) => arg.replaceAll('{folder}', cwd)),
      {
        cwd,
        env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC', ...plan.env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        ...plan.user,
      },
    );
    for (const stream of [started.stdout, started.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-logChars);
      });
    child = started;
    return started;
  };

  const serve = async (): Promise<RunningServer> => {
    const server = run(plan.serve);
    server.once('exit', (code, signal) => ended(told(plan.serve, { code, signal, log })));
    await spawned(server);
    return { ...(server.pid !== undefined && { pid: server.pid }), ...(folder !== undefined && { folder }) };
  };

  const start = async (): Promise<RunningServer> => {
    folder = await mkdtemp(join(await temporaryFolder(plan.user), 'paystorm-server-'));
    await furnish(folder, plan);
    for (const command of plan.prepare) {
      const step = run(command);
      const exit = once(step, 'close');
      await spawned(step);
      const [code, signal] = (await exit) as [number | null, NodeJS.Signals | null];
      if (code !== 0) throw new Error(told(command, { code, signal, log }));
    }
    preparing = false;
    return serve();
  };

  return {
    start() {
      const started = start();
      starting = started.catch(() => {});
      return started;
    },
    async restart() {
      if (child !== undefined && !hasEnded(child)) throw new Error('it is still running');
      return serve();
    },
    async signal(signal) {
      if (child === undefined || hasEnded(child)) throw new Error('it is not running');
      child.kill(signal);
    },
    async end() {
      wanted = false;
      const endChild = async (): Promise<void> => {
        if (child !== undefined && !hasEnded(child))
          await endProcess(child, preparing ? 'SIGKILL' : plan.endSignal);
      };
      await endChild();
      await starting;
      await endChild();
      // Helpers that outlive the server by an instant may still write.
      if (folder !== undefined)
        await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** Where temporary files go; another place, where that one is closed to the user who is to run the server. */
async function temporaryFolder(user: ProcessPlan['user']): Promise<string> {
  const usual = tmpdir();
  if (user === undefined) return usual;
  for (const folder of [usual, '/tmp', '/var/tmp']) if (await openToAll(folder)) return folder;
  throw new Error(
    `${usual} is closed to the user who runs it in root's stead; set TMPDIR to a folder open to all`,
  );
}

async function openToAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder).catch(() => ({ mode: 0 }));
  return (mode & 0o001) !== 0 && (dirname(folder) === folder || openToAll(dirname(folder)));
}

/** Gives a folder what the server finds in it, and the server's user what is in it. */
async function furnish(folder: string, { copies, files, user }: ProcessPlan): Promise<void> {
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  for (const { from, name, links } of copies) {
    await cp(from, join(folder, name), { recursive: true, verbatimSymlinks: true });
    for (const [link, target] of Object.entries(links))
      await symlink(relative(dirname(link), target), join(folder, name, link)).catch(unlessThere);
  }
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
  if (user === undefined) return;
  for (const name of ['', 'data', ...Object.keys(files)]) await chown(join(folder, name), user.uid, user.gid);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, 'exit');
  // A stopped process acts on no other signal until it continues.
  child.kill('SIGCONT');
  if (signal === 'SIGKILL') killGroup(child);
  else child.kill(signal);
  const patience = new AbortController();
  const late = sleep(gentleEndMs, true, { signal: patience.signal }).catch(() => false);
  if (await Promise.race([exit.then(() => false), late])) {
    killGroup(child);
    await exit;
  }
  patience.abort();
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in between.
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function spawned(child: ChildProcess): Promise<void> {
  if (child.pid !== undefined) {
    child.on('error', () => {});
    return;
  }
  const [error] = (await once(child, 'error')) as [Error];
  throw error;
}

function told(
  { file }: ServerCommand,
  end: { code: number | null; signal: NodeJS.Signals | null; log: string },
): string {
  const how = end.signal === null ? `with exit code ${end.code}` : `by ${end.signal}`;
  const words = end.log.trim();
  return `${file} ended ${how}${words === '' ? '' : `; its last words: ${words.split('\n').slice(-4).join(' / ')}`}`;
}
