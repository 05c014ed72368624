// Prints the last line of `.ci/run`, counted from vitest's own report. Usage: node .ci/closing-line.ts REPORT
import { readFileSync } from 'node:fs';

interface Report {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const report: Report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
// A file that could not be loaded has no tests to fail, and is a failure all the same.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
).length;
const failed = report.numFailedTests + brokenFiles;
const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '';

if (report.numPassedTests === 0)
  console.error('no test passed: is the include list in vitest.config.ts right?');
if (failed === 0 && !report.success) console.error('vitest failed outside any test: see its output above');
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped}`);
process.exitCode = report.success && failed === 0 && report.numPassedTests > 0 ? 0 : 1;
