// The whole shop as textbooks and blog posts write it. Each part works when nothing goes wrong; the comments that begin with
// "Weakness" say what happens otherwise, and docs/findings.md tells each as a story.

import { textbookCheckout } from './as-written-shop-checkout.ts';
import { textbookReconcile } from './as-written-shop-reconcile.ts';
import { textbookRefund } from './as-written-shop-refund.ts';
import { textbookWebhook } from './as-written-shop-webhook.ts';
import type { Subject, TargetEnv } from './target.ts';

/** The shop's part of one process; nothing where the world has no shop. */
export function asWrittenShop(env: TargetEnv): Subject {
  const { shop } = env;
  if (shop === undefined) return {};
  return {
    checkout: textbookCheckout(env, shop),
    refund: textbookRefund(env, shop),
    webhook: textbookWebhook(env, shop),
    reconcile: textbookReconcile(env, shop),
  };
}
