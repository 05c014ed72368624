// Convinces by an actor that carries two kinds of fault through a world in which only one of them can be brought about.

import { expect, it } from 'vitest';
import { actor } from './actor.ts';
import { createWorld } from './world.ts';

const carried = [
  { site: 'store.claim', nth: 1, kind: 'refused' },
  { site: 'store.claim', nth: 1, kind: 'redis-loading' },
] as const;

function kindsIn(canBefall?: (kind: string) => boolean): readonly string[] {
  const world = createWorld({ seed: 1, latestMs: 1_000, canBefall });
  return world.faultsOn(actor('a', carried), 'store.claim', 1).map(({ kind }) => kind);
}

it('lets nobody be struck, and tells nobody, of what cannot be brought about', () => {
  expect(kindsIn()).toEqual(['refused', 'redis-loading']);
  expect(kindsIn((kind) => !kind.startsWith('redis-'))).toEqual(['refused']);
});
