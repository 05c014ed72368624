// What the tests of announcements have in common: somebody who tells, and time that passes.

import type { Mall } from './testing.ts';

let events = 0;

/** What is told. */
export interface Told {
  readonly object: readonly [kind: string, id: string];
  readonly status: string;
  readonly amountMinor: number;
  readonly chargeId?: string;
  readonly reference?: string;
}

/** Brings an announcement, and answers with what was said and done about it. */
export async function tell(
  place: Mall,
  { object: [kind, id], status, amountMinor, ...told }: Told,
): Promise<string> {
  events += 1;
  const { chargeId = 'ch_1', reference } = told;
  const named = reference === undefined ? {} : { merchantReference: reference };
  const event = {
    id: `evt_${events}`,
    type: `${kind}.${status}`,
    object: { kind, id },
    transition: status,
    status,
    data: { chargeId, amountMinor, currency: 'USD', ...named },
  };
  const answer = await place.runtime.settle(place.start().webhook(...place.delivery(event)));
  return `${answer.status} ${answer.handled}`;
}

/** Lets time pass and the background work. */
export async function heal(place: Mall): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    await place.runtime.advance(20_000);
    await place.runtime.settle(place.start().recover());
  }
}
