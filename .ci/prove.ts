// Proves that each ban bites. The trees under fixtures/ break the rules on purpose, and say where:
//
//   export const now = Date.now(); // breaks: ambient-time
//
// Each tree is copied to where it looks like a repository of its own, with our configuration, and the tool must find
// exactly what the comments announce: a ban that misses its fixture, or flags a line that is allowed, fails here.
import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importRules } from './import-rules.ts';
import { forbiddenImports } from './imports.ts';
import { leaksIn } from './leaks.ts';

/** One broken rule; a tool that judges whole files names no line. */
interface Finding {
  file: string;
  rule: string;
  line?: number;
}

const project = join(import.meta.dirname, '..');
const tools: Record<string, (root: string) => Promise<Finding[]>> = {
  imports: forbiddenImports,
  ambient: lint,
  style: lint,
  types: typecheck,
  unused,
};

async function lint(root: string): Promise<Finding[]> {
  const report = JSON.parse(
    await run(root, 'biome', ['lint', '--reporter=json', '--max-diagnostics=none', '.']),
  );
  return report.diagnostics.map(
    (found: { category: string; message: string; location: { path: string; start: { line: number } } }) => {
      const { path, start } = found.location;
      // A plugin of ours opens its message with the name of its rule.
      const rule =
        found.category === 'plugin' ? found.message.split(':')[0] : found.category.split('/').at(-1);
      return { file: path, rule, ...(start.line > 0 && { line: start.line }) };
    },
  );
}

async function typecheck(root: string): Promise<Finding[]> {
  const report = await run(root, 'tsc', ['--pretty', 'false']);
  return [...report.matchAll(/^(.+)\((\d+),\d+\): error (TS\d+)/gm)].map(
    ([, file = '', line, rule = '']) => ({
      file,
      rule,
      line: Number(line),
    }),
  );
}

async function unused(root: string): Promise<Finding[]> {
  const report = JSON.parse(await run(root, 'knip', ['--include=files,exports', '--reporter=json']));
  return report.issues.flatMap(
    ({ file, ...issues }: { file: string; files: unknown[]; exports: unknown[] }) =>
      (['files', 'exports'] as const).flatMap((rule) => (issues[rule].length > 0 ? [{ file, rule }] : [])),
  );
}

/** What a tool prints, whether or not it is pleased. */
function run(cwd: string, tool: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(join(project, 'node_modules/.bin', tool), args, { cwd }, (_error, stdout) => resolve(stdout));
  });
}

function announced(root: string): Required<Finding>[] {
  return globSync('**/*.ts', { cwd: root }).flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((content, index) =>
        (content.match(/\/\/ breaks: (.+)$/)?.[1]?.split(', ') ?? []).map((rule) => ({
          file,
          rule,
          line: index + 1,
        })),
      ),
  );
}

async function prove(tree: string): Promise<{ failures: string[]; expected: Finding[] }> {
  const root = mkdtempSync(join(tmpdir(), `paystorm-${tree}-`));
  try {
    const expected = announced(join(import.meta.dirname, 'fixtures', tree));
    for (const file of [
      'package.json',
      'tsconfig.json',
      'biome.jsonc',
      'knip.jsonc',
      '.ci/ambient.grit',
      '.ci/hidden-import.grit',
    ]) {
      cpSync(join(project, file), join(root, file));
    }
    cpSync(join(import.meta.dirname, 'fixtures', tree), root, { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));

    const found = (await tools[tree]?.(root)) ?? [];
    const matches = (a: Finding, b: Finding) =>
      a.file === b.file &&
      a.rule === b.rule &&
      (a.line === undefined || b.line === undefined || a.line === b.line);
    const missed = expected.filter((want) => !found.some((finding) => matches(finding, want)));
    const surplus = found.filter((finding) => !expected.some((want) => matches(finding, want)));
    const show = ({ file, line, rule }: Finding) => `${join(tree, file)}:${line ?? ''} ${rule}`;
    return {
      expected,
      failures: [
        ...missed.map((finding) => `not caught: ${show(finding)}`),
        ...surplus.map((finding) => `caught, but allowed: ${show(finding)}`),
      ],
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** A leak may not stand in a fixture, for it would be one; these are put together here. */
function proveLeaks(): string[] {
  const bad = [
    ['https://registry.', 'npmjs', '.org/zod'],
    ['http://deb.', 'debian', '.org'],
    ['see /', 'work', '/x'],
    ["'/", 'root', "/.npmrc'"],
  ];
  const whole = (parts: string[]) => parts.join('');
  const good = [
    ['https://opencollective.com/vitest'],
    ['./', 'work', '/notes'],
    ['src/', 'root', '/index.ts'],
    ['GET /v1/work'],
  ];
  return [
    ...bad.map(whole).filter((text) => leaksIn(text).length !== 1),
    ...good.map(whole).filter((text) => leaksIn(text).length > 0),
  ].map((text) => `leaks misjudges: ${text}`);
}

const proofs = await Promise.all(Object.keys(tools).map(prove));
const proven = proofs.flatMap(({ expected }) => expected);
const unproven = importRules.filter(({ name }) => !proven.some(({ rule }) => rule === name));
const failures = [
  ...proofs.flatMap((proof) => proof.failures),
  ...unproven.map(({ name }) => `no fixture breaks ${name}`),
  ...proveLeaks(),
];
for (const failure of failures) console.error(failure);
console.log(`bans: ${proven.length} planted offences, ${failures.length} misjudged`);
process.exitCode = failures.length === 0 && proven.length > 0 ? 0 : 1;
