// How this convinces: every checker of the catalogue is asked about the same undisturbed purchase in a world that forgets. Which
// of them still judge is written down here once more, so that a new invariant has to be thought about.

import { describe, expect, it } from 'vitest';
import { checkers } from './catalogue.ts';
import { buys, tale } from './testing.ts';

function judging(broken: readonly string[]): string[] {
  const story = tale();
  buys(story, 'a');
  const history = story.done({ broken });
  return checkers.filter(({ check }) => check(history).verdict !== 'not-promised').map(({ id }) => id);
}

/** About time, words, bytes and signatures: nothing that a store keeps. */
const always = ['S14', 'S15', 'S16', 'S20', 'S21', 'W3'];
const whereTheGatewayRemembers = ['S1', 'S3', 'S19', 'S22'];

describe('where stores forget what they acknowledged', () => {
  it('all is judged as long as they do not', () => {
    expect(judging([])).toEqual(checkers.map(({ id }) => id));
  });

  it('it is still promised that money moves once, where the gateway remembers', () => {
    expect(judging(['durable-claims']).sort()).toEqual([...always, ...whereTheGatewayRemembers].sort());
  });

  it('that is not promised either where the gateway forgets as well', () => {
    expect(judging(['durable-claims', 'remembered-sends']).sort()).toEqual([...always].sort());
  });

  it('every checker that does not judge then says so beforehand', () => {
    const saying = checkers.filter(({ assumes }) =>
      assumes.some((name) => name === 'durable-claims' || name === 'remembered-sends'),
    );
    expect(saying.map(({ id }) => id)).toEqual(
      checkers.map(({ id }) => id).filter((id) => !always.includes(id)),
    );
  });
});
