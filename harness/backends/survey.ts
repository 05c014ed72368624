// What a machine has for real suites, looked at without starting anything: what the doctor tells.

import { BackendError, type ServiceName } from './backend-error.ts';
import { type FindOptions, type Way, ways, waysIn } from './ways.ts';

/** What was seen on one way. */
export interface Look {
  readonly way: Way;
  /** Whether the way is open. */
  readonly open: boolean;
  /** What would be used, or why nothing can be. */
  readonly says: string;
}

/** What was seen of one service. */
export interface Survey {
  readonly service: ServiceName;
  readonly looks: readonly Look[];
  /** The way that would be taken; undefined when none is open, or the address that was given is of no use. */
  readonly way: Way | undefined;
  /** What is wrong with the address that was given. */
  readonly problem: string | undefined;
}

/** Looks down every way to a service, or down the only one that may be taken. */
export async function surveyOf(service: ServiceName, options: FindOptions): Promise<Survey> {
  const looks: Look[] = [];
  let problem: string | undefined;
  for (const way of options.only === undefined ? ways : [options.only]) {
    try {
      looks.push({ way, open: true, says: await waysIn[way].look(service, options) });
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      looks.push({ way, open: false, says: error.message });
      // What was given was meant: nothing else is taken in its place.
      if (way === 'urls' && error.problem !== 'missing') problem = error.message;
    }
  }
  const way = problem === undefined ? looks.find(({ open }) => open)?.way : undefined;
  return { service, looks, way, problem };
}
