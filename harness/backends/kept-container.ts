// Runs a server in a container, through whichever engine testcontainers finds.

import type { StartedTestContainer } from 'testcontainers';
import type { Kept } from './kept-process.ts';
import type { ContainerPlan } from './server-plan.ts';

/** How long an end waits for a start that was under way. */
const patienceMs = 8000;

/** Keeps a container as the plan says. */
export function keptContainer(plan: ContainerPlan): Kept {
  let starting: Promise<StartedTestContainer> | undefined;
  return {
    async start() {
      const { GenericContainer, Wait } = await import('testcontainers');
      starting = new GenericContainer(plan.image)
        .withExposedPorts(plan.port)
        .withEnvironment(plan.env)
        .withCommand([...plan.command])
        .withStartupTimeout(plan.timeoutMs)
        // Both services say so; whether the one that says it can be reached is seen from outside.
        .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/i))
        .start();
      const container = await starting;
      return { address: { host: container.getHost(), port: container.getMappedPort(plan.port) } };
    },
    async end() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), patienceMs);
      });
      const container = await Promise.race([starting?.catch(() => undefined), late]);
      clearTimeout(timer);
      // Nobody will read its data, so that there is nothing to shut down in good order.
      await container?.stop({ timeout: 1, remove: true, removeVolumes: true });
    },
  };
}
