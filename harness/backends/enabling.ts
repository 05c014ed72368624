// What to install where a service is missing: one command for each platform, to be copied.

import type { ServiceName } from './backend-error.ts';

const packages: Readonly<Record<'debian' | 'macos', Readonly<Record<ServiceName, string>>>> = {
  debian: { redis: 'redis-server', postgres: 'postgresql' },
  macos: { redis: 'redis', postgres: 'postgresql@17' },
};

/** The command that would install these services on this platform; on Debian and its kin unless it is macOS. */
export function enablingCommand(
  services: readonly ServiceName[],
  platform: NodeJS.Platform = process.platform,
): string {
  const names = (from: keyof typeof packages): string =>
    services.map((service) => packages[from][service]).join(' ');
  return platform === 'darwin'
    ? `brew install ${names('macos')}`
    : `sudo apt-get install -y ${names('debian')}`;
}
