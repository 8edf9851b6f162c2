import { expect, test } from 'vitest';
import { lex } from './lex.js';
import { endLines } from './line-ends.js';

const passed = (text: string) => {
  const source = { name: 'a', text };
  return endLines(source, lex(source).tokens);
};
/** Token by token, with `/` for an end of statement, `,` for one between fields, `( )` around statements. */
const sketch = (text: string): string =>
  passed(text)
    .tokens.map(({ tokenType, image }) => {
      const { name } = tokenType;
      if (name === 'LineEnd' || name === 'Semicolon') return '/';
      if (name === 'FieldEnd') return ',';
      return name === 'LBlock' ? '(' : name === 'RBlock' ? ')' : image || name;
    })
    .join(' ');
const codes = (text: string) => passed(text).findings.map(({ code }) => code);

test('empty lines, and those at the beginning and the end, end nothing', () => {
  expect(sketch('\n\nlet a = 1\n\n\nlet b = 2\n\n')).toBe('let a = 1 / let b = 2');
});

test.each([
  ['a comma', 'pipeline p { measure a,\n b }', 'pipeline p ( measure a , b )'],
  ['`|>`', 'pipeline p { attack a with b |>\n c }', 'pipeline p ( attack a with b |> c )'],
  ['`->`', 'pipeline p { defend a ->\n b with c }', 'pipeline p ( defend a -> b with c )'],
  ['`=`', 'let a =\n 1', 'let a = 1'],
  [
    '`with` of a defense',
    'pipeline p { defend a -> b with\n c }',
    'pipeline p ( defend a -> b with c )',
  ],
  [
    '`with` of an attack',
    'pipeline p { attack with with\n c }',
    'pipeline p ( attack with with c )',
  ],
  ['`{`', 'pipeline p {\n seed 1 }', 'pipeline p ( seed 1 )'],
  ['`[`', 'let a = [\n1,\n2\n]', 'let a = [ 1 , 2 ]'],
])('a line end after %s ends nothing', (_, text, result) => {
  expect(sketch(text)).toBe(result);
});

test('a line end before `|>` or a closing brace ends nothing', () => {
  expect(sketch('pipeline p {\n attack a with b\n |> c\n}')).toBe(
    'pipeline p ( attack a with b |> c )',
  );
});

test('`with` as a name ends like any other name', () => {
  expect(sketch('pipeline p { measure with\n seed 1 }')).toBe(
    'pipeline p ( measure with / seed 1 )',
  );
});

test('a line end between two fields separates them', () => {
  expect(sketch('pipeline p { infer {\n a 1\n b 2,\n c 3\n } }')).toBe(
    'pipeline p ( infer { a 1 , b 2 , c 3 } )',
  );
});

test('a semicolon ends a statement', () => {
  expect(sketch('pipeline p { party a { holds b; slice c = d } }')).toBe(
    'pipeline p ( party a ( holds b / slice c = d ) )',
  );
});

test('items of a file may stand on one line', () => {
  expect(sketch('let a = [1] let b = 2 import "c" use "d" as e pipeline p {} pipeline q {}')).toBe(
    'let a = [ 1 ] / let b = 2 / import "c" / use "d" as e / pipeline p ( ) / pipeline q ( )',
  );
});

test('braces around statements and around fields are told apart', () => {
  expect(sketch('pipeline p { party a on b { slice c = d }; data "x" { y { z 1 } } }')).toBe(
    'pipeline p ( party a on b ( slice c = d ) / data "x" { y { z 1 } } )',
  );
});

test('a comma left at the end of a line does not swallow a statement', () => {
  expect(sketch('pipeline p { party a {\n holds b,\n slice c = embed\n } }')).toBe(
    'pipeline p ( party a ( holds b , / slice c = embed ) )',
  );
});

test('the indentation says which brace is missing', () => {
  const text = 'pipeline p {\n  infer {\n    a 1\n  seed 1\n  party q {\n    holds b\n  }\n}\n';
  const { findings, tokens } = passed(text);
  expect(findings.map(({ code, at }) => [code, at?.start])).toEqual([
    ['VF105', text.indexOf('{\n    a')],
  ]);
  expect(tokens.filter(({ tokenType }) => tokenType.name === 'RBlock')).toHaveLength(2);
});

test('the indentation says which brace is too many', () => {
  const text = 'pipeline p {\n  party q {\n    holds b\n  }\n  }\n  seed 1\n}\n';
  const { findings } = passed(text);
  expect(findings.map(({ code, at }) => [code, at?.start])).toEqual([
    ['VF106', text.indexOf('}\n  seed')],
  ]);
  expect(sketch(text)).toBe('pipeline p ( party q ( holds b ) / seed 1 )');
});

test('braces that pair up are never doubted, however they are indented', () => {
  expect(codes('pipeline p {\nparty a {\nholds b\n}\n      infer {\n a 1\n   }\n  }')).toEqual([]);
});

test('a misspelt word is read as the one it is nearest to', () => {
  expect(codes('pipeline p {\n modle "x"\n}')).toEqual(['VF109']);
  expect(codes('pipeline p {\n something "x"\n}')).toEqual([]);
});

test('a brace on its own line still opens what stands before it', () => {
  expect(codes('pipeline p\n{\n seed 1\n}')).toEqual(['VF107']);
  expect(sketch('pipeline p\n{\n seed 1\n}')).toBe('pipeline p ( seed 1 )');
});
