// What is started for a suite, as plain data, so that it can be handed to the process that keeps it.

/** One command; `{folder}` in an argument stands for the folder made for the server. */
export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** A server that runs as a process of this machine, in a folder of its own that goes when it goes. */
export interface ServerPlan {
  /** Run to their end, one after the other, before the server. */
  readonly prepare: readonly ServerCommand[];
  readonly serve: ServerCommand;
  /** Written into the folder first, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Added to a bare environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Who runs it, where that is not the user who asks. */
  readonly user: SystemUser | undefined;
  /** What ends it quickest without leaving anything behind. */
  readonly endSignal: NodeJS.Signals;
}

/** A user of the system, by number. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** What the keeper is asked for. */
export type KeeperRequest =
  | { readonly ask: 'start'; readonly plan: ServerPlan }
  | { readonly ask: 'restart' }
  | { readonly ask: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly ask: 'stop' };

/** What the keeper tells: an answer to the one request under way, or that the server has ended. */
export type KeeperNews =
  | { readonly news: 'done'; readonly running: RunningServer }
  | { readonly news: 'failed'; readonly message: string }
  | { readonly news: 'ended'; readonly how: string };

/** A server that was started; whether it answers yet is another question. */
export interface RunningServer {
  /** Number of its process. */
  readonly pid?: number;
  readonly folder?: string;
}
