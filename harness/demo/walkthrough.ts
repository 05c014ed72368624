// A walkthrough: one committed case, and what it has to show. Nothing in it is told but what a history holds.

import type { History } from '../history/history.ts';

/** One thing that a walkthrough shows: what was expected, and what the history of the run says. */
export interface Check {
  /** What it is about, such as `what the client was told`. */
  readonly about: string;
  readonly expected: string;
  readonly found: string;
}

/** See the file comment. */
export interface Walkthrough {
  /** Place among the walkthroughs, from 1. */
  readonly id: string;
  /** With the id the name of its case: `1-transient-errors.json`. */
  readonly name: string;
  /** One sentence that says what is to be seen. */
  readonly title: string;
  /** Steps whose requests are told, with everything that the shop does for them. */
  readonly follows: readonly string[];
  /** Actors of whom only requests and answers are told. */
  readonly mentions?: readonly string[];
  /** Reads what the run came to; every check is made, whatever the others say. */
  readonly checks: (history: History) => readonly Check[];
}

/** Whether the history says what was expected. */
export function isMet({ expected, found }: Check): boolean {
  return expected === found;
}

/** The step or background actor behind an actor: a client's retry `order/1` is of `order`. */
export function partOf(actor: string): string {
  return actor.split('/')[0] ?? actor;
}
