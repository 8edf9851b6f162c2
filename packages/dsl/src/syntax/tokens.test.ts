import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lexed } from './tokens.js';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...' \t\r\n\u00a0\ufeff/*#"\\{},;-+.e_=!<>|:[]'),
    fc.constantFrom(...'aZ09'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 8,
});
const spelled = lexed.flatMap((type) =>
  type.PATTERN instanceof RegExp ? [{ type, pattern: type.PATTERN }] : [],
);

test.each(spelled)('$type.name begins with its first characters only', ({ type, pattern }) => {
  const starts = new Set(type.START_CHARS_HINT);
  const sticky = new RegExp(pattern, 'y');
  fc.assert(
    fc.property(text, (one) => {
      sticky.lastIndex = 0;
      if (sticky.test(one)) expect(starts).toContain(one.charAt(0));
    }),
    { numRuns: 500 },
  );
});

test.each(spelled)('$type.name says whether it can hold a line end', ({ type, pattern }) => {
  const sticky = new RegExp(pattern, 'y');
  fc.assert(
    fc.property(text, (one) => {
      sticky.lastIndex = 0;
      const [found = ''] = sticky.exec(one) ?? [];
      if (/[\r\n]/.test(found)) expect(type.LINE_BREAKS).toBe(true);
    }),
    { numRuns: 500 },
  );
});
