// What can be wrong with a real service, said once: a suite, the doctor and a campaign all answer with the same line.

/** The services that stores can be kept in. */
export type ServiceName = 'redis' | 'postgres';

/**
 * What is wrong with a service.
 *
 * - `address`: the URL cannot be used, or leads to another machine.
 * - `unreachable`: nobody answers there, or not in time, or not in this protocol.
 * - `password`: one is needed, or the one given is wrong.
 * - `version`: the server is too old.
 * - `read-only`: it is a replica, or otherwise refuses to write.
 * - `privilege`: the user may not do what a suite needs.
 * - `start`: it could not be started here.
 * - `died`: it answered before and no longer does.
 * - `missing`: there is none, and none can be started.
 */
export type BackendProblem =
  | 'address'
  | 'unreachable'
  | 'password'
  | 'version'
  | 'read-only'
  | 'privilege'
  | 'start'
  | 'died'
  | 'missing';

/** A real service that cannot be used. The message is one line: what, where, and what to do next. */
export class BackendError extends Error {
  readonly problem: BackendProblem;

  constructor(problem: BackendProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackendError';
    this.problem = problem;
  }
}

/** The services as people write them. */
export const serviceTitles: Readonly<Record<ServiceName, string>> = { redis: 'Redis', postgres: 'Postgres' };

/** The environment variable that names a service. */
export const urlVariables: Readonly<Record<ServiceName, string>> = {
  redis: 'PAYSTORM_REDIS_URL',
  postgres: 'PAYSTORM_POSTGRES_URL',
};
