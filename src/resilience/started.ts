// Calling an operation that may not be as async as its type says.

import type { Call, Operation } from './operation.ts';

/** Calls `next`; what it throws at once is a rejection like any other. */
export function started<Request, Result>(
  next: Operation<Request, Result>,
  request: Request,
  call: Call | undefined,
): Promise<Result> {
  try {
    return Promise.resolve(next(request, call));
  } catch (error) {
    return Promise.reject(error);
  }
}
