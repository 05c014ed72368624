// Convinces by subscribers that succeed, throw, reject and hang side by side, with every call and outcome compared.

import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError, ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { type BusEvent, type EventHandler, eventBus } from './event-bus.ts';

const event: BusEvent = { id: 'e1', type: 'captured', aggregate: 'm1', payload: { minor: 5 } };

function rig() {
  const runtime = manualRuntime();
  const told: string[] = [];
  const bus = eventBus({ runtime });
  const listen = (name: string, type = 'captured') =>
    bus.subscribe(type, name, ({ id }) => void told.push(`${name} ${id}`));
  return { runtime, told, bus, listen };
}

describe('an event bus', () => {
  it('tells every subscriber of the type in order of subscription, and nobody else', async () => {
    const { bus, told, listen } = rig();
    listen('b');
    listen('other', 'refunded');
    listen('a');
    expect(await bus.publish(event, 1_000)).toEqual({ subscribers: 2, failures: [] });
    expect(told).toEqual(['b e1', 'a e1']);
    expect(await bus.publish({ ...event, type: 'toString' }, 1_000)).toEqual({
      subscribers: 0,
      failures: [],
    });
  });

  it('reports who fails, whichever way, and still tells the others', async () => {
    const { bus, told, listen } = rig();
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')];
    bus.subscribe('captured', 'throws', () => {
      throw thrown;
    });
    listen('after a throw');
    bus.subscribe('captured', 'rejects', () => Promise.reject(rejected));
    listen('after a rejection');
    expect(await bus.publish(event, 1_000)).toEqual({
      subscribers: 4,
      failures: [
        { subscriber: 'throws', error: thrown },
        { subscriber: 'rejects', error: rejected },
      ],
    });
    expect(told).toEqual(['after a throw e1', 'after a rejection e1']);
  });

  it('gives up who does not settle in time, tells them so, and leaves no timer behind', async () => {
    const { runtime, bus, told, listen } = rig();
    let signal: AbortSignal | undefined;
    bus.subscribe('captured', 'hangs', (_, given) => {
      signal = given;
      return new Promise(() => {});
    });
    listen('b');
    const publication = bus.publish(event, 1_000);
    await runtime.advance(999);
    expect([told, signal?.aborted]).toEqual([['b e1'], false]);
    await runtime.advance(1);
    const { failures } = await publication;
    expect(failures).toMatchObject([{ subscriber: 'hangs' }]);
    expect(failures[0]?.error).toBeInstanceOf(OutcomeUnknownError);
    expect(signal?.aborted).toBe(true);
    expect(runtime.waiting()).toBe(0);
  });

  it('does not wait longer than the slowest', async () => {
    const { runtime, bus } = rig();
    bus.subscribe('captured', 'slow', () => runtime.sleep(300));
    bus.subscribe('captured', 'slower', () => runtime.sleep(400));
    expect(await runtime.settle(bus.publish(event, 1_000))).toMatchObject({ failures: [] });
    expect([runtime.monotonicMs(), runtime.waiting()]).toEqual([400, 0]);
  });

  it('forgets who leaves, and tells who joins meanwhile of the next event only', async () => {
    const { bus, told, listen } = rig();
    const leave = listen('a');
    bus.subscribe('captured', 'inviting', () => {
      if (told.length === 1) listen('late');
    });
    await bus.publish(event, 1_000);
    leave();
    await bus.publish({ ...event, id: 'e2' }, 1_000);
    expect(told).toEqual(['a e1', 'late e2']);
    listen('a');
    leave();
    await bus.publish({ ...event, id: 'e3' }, 1_000);
    expect(told.slice(2)).toEqual(['late e3', 'a e3']);
  });

  it('refuses a name that is taken, and what cannot be a subscription', async () => {
    const { bus, listen } = rig();
    listen('a');
    expect(() => listen('a')).toThrow(ValidationError);
    expect(() => bus.subscribe('', 'b', () => {})).toThrow(ValidationError);
    expect(() => bus.subscribe('captured', '', () => {})).toThrow(ValidationError);
    expect(() => bus.subscribe('captured', 'b', undefined as unknown as EventHandler)).toThrow(
      ValidationError,
    );
    await expect(bus.publish(event, Number.NaN)).rejects.toThrow(ValidationError);
    expect(() => eventBus({ runtime: {} as ReturnType<typeof manualRuntime> })).toThrow(ValidationError);
  });
});
