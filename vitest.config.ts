import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['{src,harness,properties,scenarios}/**/*.test.ts'],
    // Starts real services for the tests that ask for one, and none for the others.
    globalSetup: ['harness/backends/vitest-setup.ts'],
    // Processes rather than threads: suites start, stop and kill real processes and catch signals, which a thread
    // cannot, and a simulator that never yields must not be able to take the reporter down with it.
    pool: 'forks',
    // The suites are bound by the processor, and by default vitest would leave one of two cores idle.
    maxWorkers: '100%',
    // A property runs thousands of cases, and a real database may have to start first.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
