// Convinces by small runs of each section: figures come out, goals are judged, and what is measured does the whole work, for a
// reconciliation that finds another number of differences than were planted throws.

import { expect, it } from 'vitest';
import { reconciliationSection } from './reconciliation.ts';
import { redactionSection } from './redaction.ts';
import type { Section } from './row.ts';
import { webhookSection } from './webhook-verification.ts';

const pace = { turns: 1, turnMs: 1 };

it.each<readonly [string, () => Promise<Section>, readonly (string | null)[]]>([
  ['redaction', () => redactionSection(pace), ['≥ 400', '≥ 0.5', null]],
  ['webhooks', () => webhookSection(pace), ['≥ 1.5']],
  ['reconciliation', () => reconciliationSection(pace, 20_000), ['≤ 1000', null]],
])('measures %s, and judges it by its goals', async (_name, section, goals) => {
  const { rows } = await section();
  expect(
    rows.map(({ goal }) => (goal === null ? null : `${goal.must === 'at least' ? '≥' : '≤'} ${goal.value}`)),
  ).toEqual(goals);
  for (const { ours, ratio, met, goal } of rows) {
    expect(Math.max(ours ?? 0, ratio ?? 0)).toBeGreaterThan(0);
    expect(met === null).toBe(goal === null);
  }
});
