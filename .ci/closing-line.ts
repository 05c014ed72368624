// Prints the last line of `.ci/run`, counted from vitest's own reports, and fails unless tests ran and all passed.
// Usage: node .ci/closing-line.ts (REPORT VITEST_EXIT_CODE)…
import { readFileSync } from 'node:fs';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What one run of vitest came to. */
function countsOf(report: Report, exitCode: string | undefined): Counts {
  // A file that could not be loaded has no tests to fail, and is a failure all the same.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  let failed = report.numFailedTests + brokenFiles;
  if (failed === 0 && exitCode !== '0') {
    console.error('vitest failed outside any test, as its output above tells; it counts as one failure');
    failed = 1;
  }
  if (report.numPassedTests === 0) {
    console.error('no test passed: does `include` in vitest.config.ts still match?');
    failed ||= 1;
  }
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests };
}

const words = process.argv.slice(2);
const runs = words.flatMap((path, index) =>
  index % 2 === 0 ? [countsOf(JSON.parse(readFileSync(path, 'utf8')), words[index + 1])] : [],
);
const sum = (count: keyof Counts) => runs.reduce((total, run) => total + run[count], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exitCode = runs.length > 0 && sum('failed') === 0 ? 0 : 1;
