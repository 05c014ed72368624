// Tells every finding anew, in its case (the history that it was found in) and in docs/findings.md (the story). For when the
// histories or the words of stories have changed; the test says whether each still breaks what it is there for.

import { readFileSync, writeFileSync } from 'node:fs';
import { encodeCase } from '../harness/cases/codec.ts';
import { version } from '../harness/cli/version.ts';
import { casesPath, documentPath, findingsIn, playFinding, retold } from './findings.ts';

let text = readFileSync(documentPath, 'utf8');
for (const { file } of findingsIn(text)) {
  const { subject, result, story } = await playFinding(file);
  if (story === '') {
    process.stdout.write(`MISSED ${file} does not break ${subject.expect?.breaks} any more\n`);
    process.exitCode = 1;
    continue;
  }
  const found = { tool: version, historyHash: result.history.digest };
  writeFileSync(casesPath + file, encodeCase({ ...subject, found }));
  text = retold(text, file, story);
}
writeFileSync(documentPath, text);
