// `paystorm doctor`: what this machine has for suites on real stores, which of it would be used, and what to install for the
// rest. It starts nothing.

import { BackendError, serviceTitles } from '../backends/backend-error.ts';
import { enablingCommand } from '../backends/enabling.ts';
import { findOptions } from '../backends/find.ts';
import { type Survey, surveyOf } from '../backends/survey.ts';
import type { FindOptions } from '../backends/ways.ts';
import { type Line, line, toned } from '../report/text.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Flags of `doctor` as commander hands them over. */
export interface DoctorFlags {
  readonly json?: true;
}

/** What `doctor --json` prints. */
export interface DoctorReport {
  readonly tool: 'paystorm';
  readonly version: string;
  readonly node: string;
  readonly services: readonly {
    readonly service: string;
    /** The way that would be taken, or null. */
    readonly way: string | null;
    readonly looks: Survey['looks'];
    /** What is wrong with the address that was given, or null. */
    readonly problem: string | null;
  }[];
  /** The tiers that can run; `real` with either service. */
  readonly tiers: readonly string[];
  /** What would bring the missing services, by platform; null when none is missing. */
  readonly install: { readonly debian: string; readonly macos: string } | null;
}

const services = ['redis', 'postgres'] as const;

/**
 * Looks around and returns the exit code: 2 when an address that was given is of no use, or when PAYSTORM_REQUIRE_REAL=1 and a
 * service is missing; else 0.
 *
 * @throws UsageError when PAYSTORM_BACKENDS names no way.
 */
export async function doctor(
  flags: DoctorFlags,
  output: Terminal,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const options = optionsFrom(env);
  const surveys = await Promise.all(services.map((service) => surveyOf(service, options)));
  const report = reportOf(surveys, options);
  if (flags.json === true) output.printText(JSON.stringify(report));
  else output.print([headline(report), ...surveys.flatMap(surveyLines), ...closing(report)]);
  const required = env['PAYSTORM_REQUIRE_REAL'] === '1';
  return surveys.some(({ way, problem }) => problem !== undefined || (required && way === undefined)) ? 2 : 0;
}

function optionsFrom(env: Readonly<Record<string, string | undefined>>): FindOptions {
  try {
    return findOptions(env);
  } catch (error) {
    if (error instanceof BackendError) throw new UsageError(error.message);
    throw error;
  }
}

function reportOf(surveys: readonly Survey[], { only }: FindOptions): DoctorReport {
  const usable = surveys.filter(({ way }) => way !== undefined);
  const missing = surveys
    .filter(({ way, problem }) => way === undefined && problem === undefined)
    .map(({ service }) => service);
  return {
    tool: 'paystorm',
    version,
    node: process.versions.node,
    services: surveys.map(({ service, way, looks, problem }) => ({
      service,
      way: way ?? null,
      looks,
      problem: problem ?? null,
    })),
    tiers: ['sim', 'msw', ...(usable.length > 0 ? ['real'] : [])],
    install:
      missing.length === 0
        ? null
        : {
            debian: enablingCommand(missing, { only, platform: 'linux' }),
            macos: enablingCommand(missing, { only, platform: 'darwin' }),
          },
  };
}

function headline({ node }: DoctorReport): Line {
  return line(toned('strong', `paystorm ${version}`), ` · Node ${node}`);
}

function surveyLines({ service, looks, way, problem }: Survey): Line[] {
  return [
    line(''),
    line(
      toned('strong', serviceTitles[service]),
      ': ',
      way === undefined ? toned('bad', 'none that can be used') : toned('good', `by way of ${way}`),
    ),
    ...looks.map(({ way: name, open, says }) => {
      const mark = open ? toned('good', '✓') : says === problem ? toned('bad', '✗') : toned('faint', '·');
      return line('  ', mark, ` ${name.padEnd(9)}${says}`);
    }),
  ];
}

function closing({ tiers, install }: DoctorReport): Line[] {
  return [
    line(''),
    line('tiers that can run: ', toned('strong', tiers.join(', '))),
    ...(install === null
      ? []
      : [
          line('for the rest, on Debian: ', toned('name', install.debian)),
          line('             on macOS:  ', toned('name', install.macos)),
        ]),
  ];
}
