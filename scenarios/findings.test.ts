// Convinces by running the case of every finding: it has to break what the document says, through the history that was
// committed and in the very words that the document shows, while paystorm's own shop takes the same case and breaks nothing. And
// a plain run against the textbook has to come by what matters most by itself, in stories that are short.

import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { runCampaign } from '../harness/index.ts';
import { runCase } from '../harness/run.ts';
import { asWritten } from '../harness/targets/as-written.ts';
import { reference } from '../harness/targets/reference.ts';
import { casesPath, documentPath, findingsIn, playFinding } from './findings.ts';

const findings = findingsIn(readFileSync(documentPath, 'utf8'));

describe('findings about the textbook', () => {
  it('are told once each, by a committed case', () => {
    expect(findings.map(({ file }) => file).toSorted()).toEqual(readdirSync(casesPath).toSorted());
  });

  it.each(findings)(
    '$file breaks what its section says, as it is told there, and not our own shop',
    async (finding) => {
      const { subject, result, story } = await playFinding(finding.file);
      expect(finding.breaks[0]).toBe(subject.expect?.breaks);
      expect(result.broken).toEqual(expect.arrayContaining([...finding.breaks]));
      expect(story).toBe(finding.story);
      expect(result.history.digest).toBe(subject.found?.historyHash);
      expect((await runCase(subject, reference)).broken).toEqual([]);
    },
  );

  it('are found by a plain run, in stories of a few steps and faults', async () => {
    const { violations } = await runCampaign({
      suite: 'checkout',
      target: asWritten,
      profile: 'stripe',
      tier: 'sim',
      seed: 1,
      runs: 200,
      strategy: 'mixed',
      bail: false,
      shrink: true,
      recheckEvery: 20,
      now: () => performance.now(),
      runCase,
    });
    const found = new Map(violations.map((violation) => [violation.invariant, violation]));
    for (const invariant of ['S1', 'S10', 'S11', 'S12', 'W1', 'W2', 'S21', 'S23'] as const) {
      const { requests = Number.NaN, faults = Number.NaN, case: subject } = found.get(invariant) ?? {};
      expect.soft(subject?.steps.length, invariant).toBeLessThanOrEqual(3);
      expect.soft(requests, invariant).toBeLessThanOrEqual(3);
      expect.soft(faults, invariant).toBeLessThanOrEqual(2);
    }
  }, 120_000);
});
