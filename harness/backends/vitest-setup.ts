// What vitest runs once for all workers (`globalSetup`): somewhere to ask for real services. It starts none itself.

import type { TestProject } from 'vitest/node';
import { type Broker, broker, serveBroker } from './broker.ts';

declare module 'vitest' {
  /** What vitest hands on to the workers. */
  export interface ProvidedContext {
    /** Where to ask for real services. */
    paystormBrokerPort: number;
  }
}

let running: { readonly broker: Broker; close(): void } | undefined;

/** Called by vitest before the first worker starts. */
export async function setup(project: TestProject): Promise<void> {
  const served = broker(process.env, say);
  const { port, close } = await serveBroker(served);
  running = { broker: served, close };
  project.provide('paystormBrokerPort', port);
}

/** Called by vitest after the last worker has ended. */
export async function teardown(): Promise<void> {
  running?.close();
  for (const text of (await running?.broker.close()) ?? []) say(text);
}

function say(text: string): void {
  process.stderr.write(`paystorm: ${text}\n`);
}
