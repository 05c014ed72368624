// A register that is read, written, and compared and set: what published histories are most often about.

import { isDeepStrictEqual } from 'node:util';
import type { ObservedOperation, SequentialModel } from './history.ts';

/**
 * A register of JSON values, null at first. Operations: `read` replies the value; `write` takes one; `cas` takes `[from, to]`
 * and replies whether it set.
 */
export const registerModel: SequentialModel<unknown> = {
  initial: () => null,
  step(value, { name, request, returned }) {
    const replied = (reply: unknown): boolean =>
      returned === undefined || isDeepStrictEqual(returned.reply, reply);
    switch (name) {
      case 'read':
        return replied(value) ? value : undefined;
      case 'write':
        return request;
      case 'cas': {
        const [from, to] = pairOf(request);
        const sets = isDeepStrictEqual(value, from);
        return replied(sets) ? (sets ? to : value) : undefined;
      }
      default:
        throw new TypeError(`a register has no operation ${name}; it has read, write and cas`);
    }
  },
  isQuiet: ({ name, returned }) => name === 'read' || (name === 'cas' && returned?.reply === false),
  identity: (value) => JSON.stringify(value),
};

function pairOf(request: ObservedOperation['request']): readonly [unknown, unknown] {
  if (Array.isArray(request) && request.length === 2) return [request[0], request[1]];
  throw new TypeError(`cas takes a pair [from, to], not ${JSON.stringify(request)}`);
}
