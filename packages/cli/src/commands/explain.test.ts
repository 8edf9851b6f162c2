import { afterEach, expect, test, vi } from 'vitest';
import { Exit } from '../exit.js';
import { explain } from './explain.js';

afterEach(() => vi.restoreAllMocks());

function printed(code: string, options = {}): string {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  expect(explain(code, options)).toBe(0);
  vi.restoreAllMocks();
  return lines.join('');
}

function refusal(code: string): Exit {
  try {
    explain(code, {});
  } catch (error) {
    if (error instanceof Exit) return error;
  }
  throw new Error(`${code} was explained`);
}

test('a page has a title, an explanation, a wrong and a right example', () => {
  expect(printed('VF541')).toMatch(
    /^VF541: a data file without rows\n\n.+\n\nWrong:\n\n {4}text\tlabel\n\nRight:\n\n {4}text\tlabel\n {4}a fine film\t1\n$/,
  );
});

test('codes of the language are explained, in any case and without their letters', () => {
  expect(printed('VF302')).toMatch(/^VF302: an attack needs/);
  expect(printed('vf302')).toBe(printed('VF302'));
  expect(printed('302')).toBe(printed('VF302'));
});

test('machine output is one object', () => {
  const page: unknown = JSON.parse(printed('VF585', { json: true }));
  expect(Object.keys(page ?? {}).sort()).toEqual(
    ['code', 'explanation', 'right', 'title', 'wrong'].sort(),
  );
});

test('a defect of ours says where to report it', () => {
  expect(printed('VF918')).toMatch(/^VF918: a defect of vflair in building the graph/);
  expect(printed('VF918')).toContain('npm bugs vflair');
});

test('an unknown code gets the nearest three by number, and exit code 2', () => {
  const { code, message } = refusal('VF599');
  expect(code).toBe(2);
  expect(message).toContain('nearest are VF594, VF593, VF592');
});

test('what is no code is told how one is written', () => {
  expect(refusal('toString').message).toContain('a code is written `VF302`');
  expect(refusal('VF').message).toContain('a code is written `VF302`');
});
