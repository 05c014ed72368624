// Prints the last line of `.ci/run`, counted from vitest's own report, and fails unless tests ran and all passed.
// Usage: node .ci/closing-line.ts REPORT VITEST_EXIT_CODE
import { readFileSync } from 'node:fs';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const [path = '', exitCode] = process.argv.slice(2);
const report: Report = JSON.parse(readFileSync(path, 'utf8'));
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
if (report.numPassedTests === 0)
  console.error('no test passed: does `include` in vitest.config.ts still match?');

const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '';
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped}`);
process.exitCode = failed === 0 && report.numPassedTests > 0 ? 0 : 1;
