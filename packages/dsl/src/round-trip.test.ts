import fc from 'fast-check';
import { expect, test } from 'vitest';
import type * as ast from './ast/ast.js';
import type { SweepNode } from './ast/sweep.js';
import { format } from './format/index.js';
import { parse } from './syntax/index.js';
import { keywords } from './syntax/tokens.js';
import { withoutSpans } from './testing/without-spans.js';

const span: ast.SourceSpan = { start: 0, end: 0, source: { name: '', text: '' } };

// Keywords may stand wherever names may, so they are drawn often.
const words = keywords.map(({ PATTERN }) => String(PATTERN));
const word = fc.oneof(
  fc.constantFrom(...words),
  fc.stringMatching(/^[A-Za-z](?:-{0,2}[A-Za-z0-9]){0,6}$/),
  fc.constantFrom('constructor', 'toString', 'a--b', 'x1'),
);
const name: fc.Arbitrary<ast.Name> = word.map((text) => ({ text, span }));
// An item like `sees activations` at the beginning of a line is taken for a statement after a stray comma.
const item = fc
  .tuple(
    word.filter((text) => !['holds', 'knows', 'sees'].includes(text)),
    fc.array(word, { maxLength: 2 }),
  )
  .map(([first, rest]) => [first, ...rest])
  .map((parts): ast.Item => ({ text: parts.join(' '), span }));

const numberValue = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => ({ kind: 'number', value, raw: String(value), span }) as const);
const stringValue = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((text) => ({ kind: 'string', text, span }) as const);
const plain: fc.Arbitrary<ast.Value> = fc.oneof(
  stringValue,
  numberValue,
  fc.boolean().map((value) => ({ kind: 'boolean', value, span }) as const),
  word
    .filter((text) => text !== 'true' && text !== 'false')
    .map((text) => ({ kind: 'name', text, span }) as const),
);
const listOf = (items: fc.Arbitrary<ast.Value>): fc.Arbitrary<ast.Value> =>
  fc
    .array(items, { minLength: 1, maxLength: 4 })
    .map((values) => ({ kind: 'list', items: values, span }) as const);
const value = fc.oneof({ weight: 4, arbitrary: plain }, listOf(fc.oneof(plain, listOf(plain))));

const fieldsOf = (field: fc.Arbitrary<ast.Field>): fc.Arbitrary<ast.Fields> =>
  fc.array(field, { maxLength: 6 }).map((items) => ({ items, span }));
const flatField = fc.record({
  name,
  value,
  fields: fc.constant(undefined),
  span: fc.constant(span),
});
const nestedField = fc.record({
  name,
  value: fc.constant(undefined),
  fields: fieldsOf(flatField),
  span: fc.constant(span),
});
const fields = fc.option(fieldsOf(fc.oneof({ weight: 4, arbitrary: flatField }, nestedField)), {
  nil: undefined,
});
const use: fc.Arbitrary<ast.Use> = fc.record({ name, fields, span: fc.constant(span) });
const chain = fc.array(use, { minLength: 1, maxLength: 3 });
const place: fc.Arbitrary<ast.Place> = fc.oneof(
  fc.constantFrom('embed', 'output').map((kind) => ({ kind, span }) as const),
  fc.nat(99).map((index) => ({ kind: 'block', index, span }) as const),
);

const node = <K extends string, R extends object>(
  kind: K,
  parts: { [P in keyof R]: fc.Arbitrary<R[P]> },
) => fc.record<R>(parts).map((rest) => ({ kind, ...rest, span }));
const items = fc.array(item, { minLength: 1, maxLength: 3 });
const partyItem: fc.Arbitrary<ast.PartyItem> = fc.oneof(
  node('holds', { items }),
  node('slice', { name, from: place, to: place, fields }),
);
const adversaryItem: fc.Arbitrary<ast.AdversaryItem> = fc.oneof(
  node('knows', { items }),
  node('sees', { items }),
  node('auxiliary', { value, fields }),
);
const device = fc.record({
  kind: name,
  index: fc.option(fc.nat(9), { nil: undefined }),
  span: fc.constant(span),
});
const path = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .map((parts): ast.Item => ({ text: parts.join('.'), span }));
const range = fc.record({
  kind: fc.constant('range' as const),
  log: fc.boolean(),
  from: numberValue,
  to: numberValue,
  step: fc.option(numberValue, { nil: undefined }),
});
const axis = fc.record({
  path,
  values: fc.oneof(
    range,
    listOf(plain).map((list) => ({ kind: 'list', list }) as const),
  ),
  span: fc.constant(span),
});
const condition = fc.record({
  path,
  comparison: fc.constantFrom('==', '!=', '<', '<=', '>', '>='),
  value,
  span: fc.constant(span),
});
const sweep: fc.Arbitrary<SweepNode> = node('sweep', {
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  where: fc.array(condition, { maxLength: 2 }),
});
const body = fc.constant(undefined);

const statement: fc.Arbitrary<ast.Statement> = fc.oneof(
  node('seed', { value }),
  node('model', { value, fields }),
  node('data', { value, fields }),
  node('task', { name, fields }),
  node('finetune', { name, fields }),
  node('infer', { fields }),
  node('party', {
    name,
    device: fc.option(device, { nil: undefined }),
    items: fc.array(partyItem, { maxLength: 3 }),
    body,
  }),
  node('defend', { from: name, to: name, chain }),
  node('adversary', { name, at: name, items: fc.array(adversaryItem, { maxLength: 3 }), body }),
  node('attack', { adversary: name, chain, on: fc.option(use, { nil: undefined }) }),
  fc.constant({ kind: 'no-attack', span } as const),
  node('measure', { items: chain }),
  sweep,
);
const topItem: fc.Arbitrary<ast.TopItem> = fc.oneof(
  node('let', { name, value }),
  node('import', { path: stringValue }),
  node('use', { package: stringValue, name }),
  node('pipeline', {
    name,
    base: fc.option(name, { nil: undefined }),
    about: fc.constant(''),
    statements: fc.array(statement, { maxLength: 8 }),
    body,
  }),
);

/** Whole files without mistakes or comments. */
const file: fc.Arbitrary<ast.FileNode> = fc
  .array(topItem, { maxLength: 4 })
  .map((topItems) => ({ kind: 'file', items: topItems, comments: [], holes: [], span }));

const parseText = (text: string) => parse({ name: 'a.vflair', text });

test('what is printed is read as it was', () => {
  fc.assert(
    fc.property(file, (tree) => {
      const { ast: again, findings } = parseText(format(tree));
      expect(findings).toEqual([]);
      expect(withoutSpans(again)).toEqual(withoutSpans(tree));
    }),
    { seed: 60, numRuns: 300 },
  );
});

test('printing twice changes nothing', () => {
  fc.assert(
    fc.property(file, (tree) => {
      const text = format(tree);
      expect(format(parseText(text).ast)).toBe(text);
    }),
    { seed: 60, numRuns: 100 },
  );
});
