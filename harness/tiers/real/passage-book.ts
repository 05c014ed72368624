// What a worker says of calls on their way through its watched guards, written into the history as it comes in.

import type { Passage } from '../../history/history.ts';
import { currentActor } from '../../world/actor.ts';
import type { Environment } from '../../world/process.ts';
import type { World } from '../../world/world.ts';
import type { Note } from './messages.ts';

/** What is said of a passage. */
export type PassageNote = Extract<Note, { readonly kind: 'arrived' | 'admitted' | 'settled' | 'answered' }>;

/** Takes down what is said of passages by one life. */
export type Listened = (note: PassageNote) => void;

/** The book of one life. */
export function passageBook({ history, nowMs }: World, { name, life }: Environment): Listened {
  const passages = new Map<number, Passage>();
  return (note) => {
    if (note.kind === 'arrived') {
      const actor = currentActor()?.id ?? note.actor ?? `process:${name}`;
      const { incarnation } = life;
      passages.set(
        note.passage,
        history.arrived({ guard: note.guard, actor, process: name, incarnation }, nowMs()),
      );
      return;
    }
    const passage = passages.get(note.passage);
    if (passage === undefined) return;
    if (note.kind === 'admitted') history.admitted(passage, nowMs());
    else history[note.kind](passage, nowMs(), note.outcome);
  };
}
