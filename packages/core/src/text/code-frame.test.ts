import { expect, test } from 'vitest';
import { formatDiagnostic } from './code-frame.js';
import type { Diagnostic } from './diagnostic.js';
import type { Source, Span } from './span.js';

const spanOf = (source: Source, text: string): Span => {
  const start = source.text.indexOf(text);
  return { start, end: start + text.length };
};
const findingAt = (at: Span): Diagnostic => ({
  code: 'VF000',
  severity: 'error',
  message: 'm',
  at,
});

test('the example of the conventions comes out letter by letter', () => {
  const text = `${'\n'.repeat(8)}    sees activations        \n${'\n'.repeat(4)}attack curious with norm-scoring\n`;
  const source = { name: 'sst2.vflair', text };
  const sees = spanOf(source, 'activations');
  const diagnostic: Diagnostic = {
    code: 'VF302',
    severity: 'error',
    message: 'attack `norm-scoring` needs `gradients`, which adversary `curious` cannot see',
    at: spanOf(source, 'norm-scoring'),
    related: [{ at: sees, message: '`activations` granted here' }],
    hint: 'grant it with `sees gradients`, or pick an attack that needs only `activations`',
  };
  expect(formatDiagnostic(diagnostic, source)).toBe(
    [
      'error VF302: attack `norm-scoring` needs `gradients`, which adversary `curious` cannot see',
      '  --> sst2.vflair:14:21',
      '14 | attack curious with norm-scoring',
      '   |                     ^^^^^^^^^^^^',
      '   = `activations` granted here: sst2.vflair:9:10',
      '   = hint: grant it with `sees gradients`, or pick an attack that needs only `activations`',
    ].join('\n'),
  );
});

test('carets stand under the place when tabs stand before it', () => {
  const source = { name: 'a', text: '\tseed\tx' };
  const [, , line = '', carets = ''] = formatDiagnostic(
    findingAt(spanOf(source, 'x')),
    source,
  ).split('\n');
  expect(line).not.toContain('\t');
  expect(carets.indexOf('^')).toBe(line.indexOf('x'));
});

test('a wide line is cut around the place', () => {
  const source = { name: 'a', text: `${'a'.repeat(300)}here${'b'.repeat(300)}` };
  const frame = formatDiagnostic(findingAt(spanOf(source, 'here')), source, { width: 40 });
  const [, , line = '', carets = ''] = frame.split('\n');
  expect(line.length).toBeLessThanOrEqual(40 + '1 | '.length);
  expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('here');
});

test('a place that goes over several lines is marked to the end of its first', () => {
  const source = { name: 'a', text: 'ab {\r\n}\r\n' };
  const frame = formatDiagnostic(findingAt({ start: 3, end: 8 }), source);
  expect(frame.split('\n').slice(2)).toEqual(['1 | ab {', '  |    ^']);
});

test('a place without width gets one caret, and one past the end stands at the end', () => {
  const source = { name: 'a', text: 'seed' };
  const frame = formatDiagnostic(findingAt({ start: 4, end: 4 }), source);
  expect(frame.split('\n').at(-1)).toBe('  |     ^');
});

test('a finding without a place has only its words', () => {
  const frame = formatDiagnostic(
    { code: 'VF500', severity: 'warning', message: 'm', hint: 'h' },
    { name: 'a', text: '' },
  );
  expect(frame).toBe('warning VF500: m\n  = hint: h');
});

test('colours change nothing but the colours', () => {
  const source = { name: 'a', text: 'seed x' };
  const diagnostic = findingAt(spanOf(source, 'x'));
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
  const colored = formatDiagnostic(diagnostic, source, { color: true });
  expect(colored).not.toBe(formatDiagnostic(diagnostic, source));
  expect(colored.replace(escapes, '')).toBe(formatDiagnostic(diagnostic, source));
});
