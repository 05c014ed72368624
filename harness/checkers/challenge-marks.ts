// Marks about payers who have to authenticate: some answer, some don't.

import type { Crossing } from '../history/history.ts';
import type { Reach } from './mark-definitions.ts';
import { errorSeen } from './verdicts.ts';
import { type IntentView, type View, wasWritten } from './view.ts';

/** Notes the marks that challenges reach. */
export function markChallenges({ history, intents }: View, reach: Reach): void {
  for (const intent of intents) {
    const challenged = intent.sends.find(({ crossing }) => wasChallenged(crossing))?.crossing;
    if (challenged === undefined) continue;
    const { token } = intent;
    const steps = history.incidents.filter((one) => one.kind === 'stepped-up' && one.paymentToken === token);
    const [first] = steps;
    if (first === undefined) {
      const silent = challenged.faults.includes('3ds-challenge');
      if (silent && wasStored(intent, 'store.fail', challenged.called.order)) reach('challenge-expired');
    } else if (wasStored(intent, 'store.complete', first.at.order)) {
      reach('stepped-up-completed');
    }
  }
}

function wasChallenged(send: Crossing): boolean {
  return errorSeen(send)?.code === 'authentication_required';
}

function wasStored({ slots }: IntentView, site: Crossing['site'], afterOrder: number): boolean {
  return slots.some(({ operations }) =>
    operations.some(
      (write) => write.site === site && wasWritten(write) && (write.applied?.order ?? -1) > afterOrder,
    ),
  );
}
