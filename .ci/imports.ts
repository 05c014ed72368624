// Checks who imports whom. Usage: node .ci/imports.ts [root]; `prove.ts` runs it over a tree of bad examples.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { importRules } from './import-rules.ts';

/** One forbidden import: the file at fault, the rule that it breaks, and where it leads. */
export interface Violation {
  file: string;
  rule: string;
  to: string;
}

/** Every forbidden import in the tree under `root`. */
export async function forbiddenImports(root: string): Promise<Violation[]> {
  const folders = ['src', 'harness', 'properties', 'scenarios'].filter((folder) =>
    existsSync(join(root, folder)),
  );
  const { output } = await cruise(folders, {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: importRules },
    // TypeScript 7 has no JavaScript API to parse with, so swc does it; type-only imports count as imports.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  });
  const { violations, totalCruised } = (output as ICruiseResult).summary;
  if (totalCruised === 0) throw new Error(`no source files found under ${root}`);
  return violations.map(({ from, to, rule, cycle }) => ({
    file: from,
    rule: rule.name,
    to: cycle ? cycle.map((step) => step.name).join(' → ') : to,
  }));
}

if (import.meta.main) {
  const violations = await forbiddenImports(process.argv[2] ?? process.cwd());
  for (const { file, rule, to } of violations) {
    console.error(
      `${file} → ${to}\n  ${rule}: ${importRules.find(({ name }) => name === rule)?.comment ?? ''}`,
    );
  }
  console.log(
    violations.length === 0 ? 'imports: every import is allowed' : `imports: ${violations.length} forbidden`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
