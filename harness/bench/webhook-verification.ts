// What it costs to tell a genuine webhook from another, beside the sender's own SDK, which decides the same from the same bytes.

import Stripe from 'stripe';
import { systemRuntime } from '../../src/kernel/system-runtime.ts';
import { signWebhook } from '../../src/webhooks/signer.ts';
import { webhookVerifier } from '../../src/webhooks/verifier.ts';
import { interleaved, median, type Pace, quotients, spread, type Turns } from './measure.ts';
import { type Goal, rowOf, type Section } from './row.ts';

/** How many webhooks are verified while the SDK verifies one. */
const goal: Goal = { of: 'ratio', must: 'at least', value: 1.5 };

const verificationsPerRun = 500;
const nsPerMs = 1_000_000;
const bodyBytes = 1_024;
/** The bench may take longer than a signature is fresh. */
const toleranceS = 86_400;

/** Verifies one webhook of 1 KiB again and again, by both in turns. */
export async function webhookSection(pace: Pace): Promise<Section> {
  const secret = 'whsec_0123456789abcdef0123456789abcdef';
  const body = Buffer.from(
    JSON.stringify({ id: 'evt_1', data: '' }).replace('""', `"${'x'.repeat(bodyBytes - 24)}"`),
  );
  const timestampS = Math.floor(Date.now() / 1_000);
  const headers = signWebhook({ scheme: 'stripe', secret, body, id: 'evt_1', timestampS });
  const header = headers['stripe-signature'] ?? '';
  const { verify } = webhookVerifier({
    runtime: systemRuntime({ log: () => {} }),
    scheme: 'stripe',
    secrets: [secret],
    toleranceMs: toleranceS * 1_000,
  });
  const { signature } = Stripe.webhooks;
  if (signature === null || signature === undefined)
    throw new TypeError('this stripe SDK verifies no signatures');
  const [ours = [], theirs = []] = await interleaved(
    [
      async () => {
        for (let done = 0; done < verificationsPerRun; done += 1) verify(body, headers);
      },
      async () => {
        for (let done = 0; done < verificationsPerRun; done += 1)
          signature.verifyHeader(body, header, secret, toleranceS);
      },
    ],
    pace,
  );
  const ratios = quotients(theirs, ours);
  const nsPerWebhook = (turns: Turns): number => (median(turns) * nsPerMs) / verificationsPerRun;
  return {
    title: `webhooks of ${body.length} bytes under the scheme of stripe; ns of processor time for one`,
    rows: [
      rowOf({
        name: "verified ÷ by the stripe SDK's own",
        unit: 'ns/webhook',
        ours: nsPerWebhook(ours),
        peer: nsPerWebhook(theirs),
        ratio: median(ratios),
        spread: spread(ratios),
        goal,
      }),
    ],
  };
}
