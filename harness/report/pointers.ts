// Where a story points its finger. The verdict's sentence gives the figures; the pointer marks the line on which
// a reader should look up.

import type { InvariantId } from '../checkers/checker.ts';

/** What shows the break best: the last booking, or the last crossing of a kind among the evidence. */
export type PointAt = 'booking' | 'send' | 'request' | 'answer' | 'write';

/** Words and place of the pointer; `{key}` stands for the client's key. */
export interface Pointer {
  readonly at: PointAt;
  readonly words: string;
}

const pointers: Readonly<Record<InvariantId, Pointer>> = {
  S1: { at: 'booking', words: 'second charge for {key}' },
  S2: { at: 'answer', words: 'the amounts part here' },
  S3: { at: 'booking', words: 'more than there was' },
  S4: { at: 'write', words: 'not theirs to write' },
  S5: { at: 'send', words: 'it was final already' },
  S6: { at: 'answer', words: 'another payload got through' },
  S7: { at: 'answer', words: 'not the first answer' },
  S8: { at: 'write', words: 'nobody knew this yet' },
  S9: { at: 'write', words: 'not in this order' },
  S10: { at: 'write', words: 'the journal cannot tell' },
  S11: { at: 'booking', words: 'this was never undone' },
  S12: { at: 'write', words: 'not undone yet' },
  S13: { at: 'answer', words: 'the books say otherwise' },
  S14: { at: 'send', words: 'too soon or too often' },
  S15: { at: 'send', words: 'one too many' },
  S16: { at: 'send', words: 'the breaker decided wrongly' },
  S17: { at: 'send', words: 'sent without a live claim' },
  S18: { at: 'send', words: 'another gateway key for {key}' },
  S19: { at: 'booking', words: 'not this amount' },
  S20: { at: 'answer', words: 'the audit log says otherwise' },
  S22: { at: 'send', words: 'not what was asked for' },
  S21: { at: 'request', words: 'card data' },
  S23: { at: 'answer', words: 'the books say otherwise' },
  S24: { at: 'send', words: 'beyond the cap' },
  W1: { at: 'write', words: 'booked once too often' },
  W2: { at: 'answer', words: 'this event is lost' },
  W3: { at: 'answer', words: 'the gateway never said so' },
  W4: { at: 'write', words: 'back to an earlier state' },
  L1: { at: 'answer', words: 'still no final answer' },
  L2: { at: 'write', words: 'left in flight' },
  L3: { at: 'write', words: 'left half way' },
  L4: { at: 'answer', words: 'still refused' },
  L5: { at: 'answer', words: 'still in the dark' },
};

/** The pointer of an invariant. */
export function pointerOf(id: InvariantId): Pointer {
  return pointers[id];
}
