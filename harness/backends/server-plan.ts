// What is started for a suite, as plain data, so that it can be handed to the process that keeps it.

/** One command; `{folder}` in it stands for the folder made for the server. */
export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** A server that runs as a process of this machine, in a folder of its own that goes when it goes. */
export interface ProcessPlan {
  readonly kind: 'process';
  /** Trees of files that are copied into the folder before anything is run, with links that are made in the copies. */
  readonly copies: readonly TreeCopy[];
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

/** A tree of files, and links to make in its copy where it has none: relative path of the link → of what it leads to. */
export interface TreeCopy {
  readonly from: string;
  readonly name: string;
  readonly links: Readonly<Record<string, string>>;
}

/** A server that runs in a container. */
export interface ContainerPlan {
  readonly kind: 'container';
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The port inside. */
  readonly port: number;
  /** Until it says that it is ready, after its image was there. */
  readonly timeoutMs: number;
}

/** What is kept. */
export type ServerPlan = ProcessPlan | ContainerPlan;

/** A user of the system, by number. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** What the keeper is asked for, one at a time; it leaves, and what it keeps with it, when the channel closes. */
export type KeeperRequest =
  | { readonly ask: 'start'; readonly plan: ServerPlan }
  | { readonly ask: 'restart' }
  | { readonly ask: 'signal'; readonly signal: NodeJS.Signals };

/** What the keeper tells: an answer to the one request under way, or that the server has ended. */
export type KeeperNews =
  | { readonly news: 'done'; readonly running: RunningServer }
  | { readonly news: 'failed'; readonly message: string }
  | { readonly news: 'ended'; readonly how: string };

/** A server that was started; whether it answers yet is another question. */
export interface RunningServer {
  /** Number of its process; of a container none. */
  readonly pid?: number;
  /** Of a process. */
  readonly folder?: string;
  /** Of a container: where its port can be reached. */
  readonly address?: { readonly host: string; readonly port: number };
}
