// Prints `tests: N passed, N failed, N skipped` from the result file of vitest's own JSON reporter, named as argument.
// A test file that could not be loaded counts as one failed test. Exit code 1 if anything failed or nothing passed.
import { existsSync } from 'node:fs';
import { readJson } from './model-folder.ts';

const [file = 'test-results.json'] = process.argv.slice(2);
const result = existsSync(file) ? readJson(file) : {};
const count = (name: string): number => Number(result[name] ?? 0);

const files: readonly unknown[] = Array.isArray(result.testResults) ? result.testResults : [];
const unloaded = files.filter(
  (one) =>
    typeof one === 'object' &&
    one !== null &&
    'status' in one &&
    one.status === 'failed' &&
    'assertionResults' in one &&
    Array.isArray(one.assertionResults) &&
    one.assertionResults.length === 0,
).length;

const passed = count('numPassedTests');
const failed = count('numFailedTests') + unloaded;
const skipped = count('numPendingTests') + count('numTodoTests');
console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = passed === 0 || failed > 0 ? 1 : 0;
