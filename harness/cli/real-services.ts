// What commands on real stores have in common: the flag about other machines, and one clear answer where there is no service,
// before the first case rather than in each.

import type { Command } from 'commander';
import { BackendError } from '../backends/backend-error.ts';
import { enablingCommand } from '../backends/enabling.ts';
import { findOptions } from '../backends/find.ts';
import { surveyOf } from '../backends/survey.ts';
import { UsageError } from './usage-error.ts';

/** Adds `--allow-host` to a command; the environment hands it on to every process that the command starts. */
export function allowingHosts(command: Command): Command {
  return command
    .option('--allow-host', 'let PAYSTORM_REDIS_URL and PAYSTORM_POSTGRES_URL lead to another machine')
    .on('option:allow-host', () => {
      process.env['PAYSTORM_ALLOW_HOST'] = '1';
    });
}

/**
 * Sees that there is a way to the service that stores of this name are kept in; of a name that is none nothing is said.
 *
 * @throws UsageError when there is none, or the address that was given is of no use.
 */
export async function needStores(stores: string): Promise<void> {
  if (stores !== 'redis' && stores !== 'postgres') return;
  try {
    const options = findOptions(process.env);
    const { way, problem, looks } = await surveyOf(stores, options);
    if (way !== undefined) return;
    const reasons = looks.map(({ says }) => says).join('; ');
    throw new UsageError(
      problem ??
        `--stores ${stores} cannot be had (${reasons}); to have them: ${enablingCommand([stores], options)}`,
    );
  } catch (error) {
    if (error instanceof BackendError) throw new UsageError(error.message);
    throw error;
  }
}
