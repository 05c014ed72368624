// Keeps addresses that mean nothing elsewhere out of the repository: hosts of package registries (an install goes
// through whichever registry the user has configured) and absolute paths of one machine.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

// The brackets keep this file from matching itself.
const leaks: Record<string, RegExp> = {
  'registry-host':
    /\b(registry[.]npmj[s]|registry[.]yarnpk[g]|npm[.]pkg[.]githu[b]|registry[.]npmmirro[r]|(deb|security)[.]debia[n]|pypi[.]or[g])\b/i,
  'machine-path': /(?<![\w.~-])\/(wor[k]|roo[t]|farm[s]?)\//,
};

/** Which kinds of leak a text holds, with the number of the line. */
export function leaksIn(text: string): { rule: string; line: number }[] {
  return text
    .split('\n')
    .flatMap((content, index) =>
      Object.entries(leaks).flatMap(([rule, pattern]) =>
        pattern.test(content) ? [{ rule, line: index + 1 }] : [],
      ),
    );
}

if (import.meta.main) {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    encoding: 'utf8',
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(file));
  const found = files.flatMap((file) =>
    leaksIn(readFileSync(file, 'utf8')).map((leak) => ({ file, ...leak })),
  );
  for (const { file, line, rule } of found) console.error(`${file}:${line} ${rule}`);
  console.log(found.length === 0 ? `leaks: none in ${files.length} files` : `leaks: ${found.length}`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
