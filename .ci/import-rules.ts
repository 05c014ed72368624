// Who may import whom. Each rule names a forbidden edge; `npm run check` looks for it in the real tree, and
// `prove.ts` checks that a fixture which breaks the rule is caught.
import type { IForbiddenRuleType } from 'dependency-cruiser';

const tests = '[.]test[.]ts$';
const packages = '(^|/)node_modules/';

/** Paths of the project's own files, other than those that match `allowed`. */
const ownFilesExcept = (allowed: string) => `^(?!${allowed})(src|harness|properties|scenarios)/`;

/** Imports of one package are kept to the files that adapt it. */
const onlyFrom = (packageName: string, adapters: string[], comment: string): IForbiddenRuleType => ({
  name: `${packageName}-behind-its-adapter`,
  severity: 'error',
  comment,
  from: { pathNot: adapters },
  to: { path: `${packages}${packageName}/` },
});

export const importRules: IForbiddenRuleType[] = [
  {
    name: 'no-cycles',
    severity: 'error',
    comment: 'Files that import each other, even for types only, are one file or miss a third.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'src-is-self-contained',
    severity: 'error',
    comment: 'What is published as `paystorm` knows nothing of the storm around it.',
    from: { path: '^src/' },
    to: { path: ownFilesExcept('src/') },
  },
  {
    name: 'harness-below-suites',
    severity: 'error',
    comment: 'Suites and scenarios use the harness, never the reverse.',
    from: { path: '^harness/' },
    to: { path: ownFilesExcept('src/|harness/') },
  },
  {
    name: 'history-is-a-leaf',
    severity: 'error',
    comment: 'A recorded history can be read without the simulator that made it.',
    from: { path: '^harness/history/', pathNot: tests },
    to: { path: ownFilesExcept('harness/history/|src/') },
  },
  {
    name: 'history-takes-only-types-from-src',
    severity: 'error',
    comment: 'A recorded history can be read without the code that it is about.',
    from: { path: '^harness/history/', pathNot: tests },
    to: { path: '^src/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'checkers-never-see-the-world',
    severity: 'error',
    comment:
      'A checker is a pure function of a history, so that it judges real runs as it judges simulated ones.',
    from: { path: '^harness/checkers/', pathNot: tests },
    to: { path: '^harness/world/' },
  },
  {
    name: 'checkers-read-only-histories',
    severity: 'error',
    comment:
      'A checker is a pure function of a history; beyond it, the kernel and the list of fault kinds it may name types.',
    from: { path: '^harness/checkers/', pathNot: tests },
    to: {
      path: ownFilesExcept('harness/(history|checkers|world)/|harness/faults/kinds\\.ts|src/kernel/'),
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'faults-decide-and-never-act',
    severity: 'error',
    comment: 'A fault turns an event into a verdict; it holds nothing that it could act upon.',
    from: { path: '^harness/faults/', pathNot: tests },
    to: { path: ownFilesExcept('harness/(faults|history|cases)/') },
  },
  {
    name: 'faults-take-only-types-from-cases',
    severity: 'error',
    comment: 'A case says which faults it holds; how cases are made is none of their concern.',
    from: { path: '^harness/faults/', pathNot: tests },
    to: { path: '^harness/cases/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'src-imports-no-packages',
    severity: 'error',
    comment:
      'The primitives bring no dependencies with them, except a provider SDK in the file that adapts it.',
    from: { path: '^src/', pathNot: tests },
    to: { path: packages, pathNot: `${packages}(stripe|pino|ioredis|pg|@standard-schema/spec)/` },
  },
  {
    name: 'src-uses-only-crypto-of-node',
    severity: 'error',
    comment: 'Time, chance, files and sockets come through ports, so that the harness can take their place.',
    from: { path: '^src/', pathNot: [tests, '^src/kernel/system-runtime[.]ts$'] },
    to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
  },
  {
    name: 'no-ambient-modules',
    severity: 'error',
    comment: 'Simulated code that reads real time, or the process around it, cannot be replayed.',
    from: {
      path: [
        '^harness/(world|gateway-twin|shop|targets|mutants|faults|checkers|history|cases)/',
        `^src/.*${tests}`,
      ],
      pathNot: '^src/kernel/system-runtime',
    },
    to: { dependencyTypes: ['core'], path: '^(node:)?(timers|timers/promises|perf_hooks|process)$' },
  },
  onlyFrom(
    'stripe',
    [
      '^src/gateway/stripe',
      `^src/webhooks/.*${tests}`,
      '^harness/tiers/msw',
      '^harness/bench/webhook-verification',
      `^harness/gateway-twin/.*${tests}`,
    ],
    'The provider SDK is reached through the gateway port.',
  ),
  onlyFrom(
    'ioredis',
    ['^src/stores/redis/', '^harness/(backends|drivers|contracts|bench)/'],
    'The primitives know stores as ports; whoever has no Redis needs no client of it.',
  ),
  onlyFrom(
    'pino',
    ['^src/redaction/pino', `^src/production/.*${tests}`, '^harness/bench/redaction'],
    'Which logger is used is for the application to say; redaction plugs into this one in one place.',
  ),
  onlyFrom(
    'pg',
    ['^src/stores/postgres/', '^harness/(backends|drivers|contracts|bench)/'],
    'Stores in Postgres are reached through their ports; its client is for their drivers, and for what breaks its connections.',
  ),
  onlyFrom(
    'testcontainers',
    ['^harness/backends/kept-container[.]ts$'],
    'Loading it takes longer than most suites, and only the process that keeps a container needs it.',
  ),
  onlyFrom(
    'msw',
    ['^harness/gateway-twin/', '^harness/tiers/'],
    'Intercepting HTTP is how one tier reaches the twin, and nobody else needs to know.',
  ),
  onlyFrom(
    'fast-check',
    ['^harness/(cases|search|bench|contracts|drivers)/', '^(properties|scenarios)/', tests],
    'Cases are data: only what generates and shrinks them knows the library that does it.',
  ),
  onlyFrom(
    'standardwebhooks',
    [`^src/webhooks/.*${tests}`],
    'It is what our own verifier is compared with, and nothing is verified by it.',
  ),
  onlyFrom(
    'cockatiel',
    ['^harness/bench/'],
    'What others do is measured beside ours; nothing is built on it.',
  ),
];
