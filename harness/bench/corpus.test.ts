// How this convinces: what the corpus claims to be is counted in the histories of its cases. The drives that speed is
// compared with must reach the very same histories, or they would be measured on less work.

import { describe, expect, it } from 'vitest';
import { runCase } from '../run.ts';
import { storm } from '../storm.ts';
import { reference } from '../targets/reference.ts';
import { corpus, fewestEvents, fewestRequests } from './corpus.ts';
import { fakeTimerDrive, schedulerDrive } from './drives.ts';

const cases = corpus();

it('has enough cases, for every gateway', () => {
  expect(cases.length).toBeGreaterThanOrEqual(20);
  expect(new Set(cases.map(({ profile }) => profile)).size).toBe(4);
});

describe.each(cases.map((subject) => [subject.seed, subject] as const))('case %i', (_, subject) => {
  it('is large enough, is struck by faults, and holds', async () => {
    const { history, broken } = await runCase(subject, reference);
    const sent = history.crossings.filter(
      ({ site, actor }) => site === 'client.charge' && !/^ask:|\/dup$/.test(actor),
    );
    expect(sent.length).toBeGreaterThanOrEqual(fewestRequests);
    expect(history.events).toBeGreaterThanOrEqual(fewestEvents);
    expect(history.crossings.some(({ faults }) => faults.length > 0)).toBe(true);
    expect(broken).toEqual([]);
  });

  it('is the same history under every drive', async () => {
    const { digest } = await storm(subject, reference);
    expect((await storm(subject, reference, schedulerDrive)).digest).toBe(digest);
    expect((await storm(subject, reference, fakeTimerDrive)).digest).toBe(digest);
  });
});
