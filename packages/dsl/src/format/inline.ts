import type * as ast from '../ast/ast.js';
import type { SweepAxis, SweepCondition } from '../ast/sweep.js';
import { encodeString } from '../syntax/strings.js';

/** A part of a statement on its line: words, or fields that may have to go on lines of their own. */
export type Piece = string | ast.Fields;

/** A value in its one canonical form. */
export function valueText(value: ast.Value | undefined): string {
  if (value === undefined) return '';
  switch (value.kind) {
    case 'string':
      return encodeString(value.text);
    case 'number':
      return value.raw;
    case 'boolean':
      return String(value.value);
    case 'name':
      return value.text;
    case 'list':
      return `[${value.items.map(valueText).join(', ')}]`;
  }
}

/** `train 200` or `columns { … }`, in pieces. */
export const fieldPieces = ({ name, value, fields }: ast.Field): readonly Piece[] =>
  fields === undefined ? [`${name.text} ${valueText(value)}`] : [name.text, fields];

/** Fields on one line, with the space before them. */
export function fieldsText({ items }: ast.Fields): string {
  if (items.length === 0) return ' {}';
  return ` { ${items.map((field) => inline(fieldPieces(field))).join(', ')} }`;
}

/** All pieces on one line. */
export const inline = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : fieldsText(piece))).join('');

const textOf = (name: ast.Name | undefined): string => name?.text ?? '';
const maybe = (fields: ast.Fields | undefined): readonly Piece[] =>
  fields === undefined ? [] : [fields];
const placeText = (place: ast.Place | undefined): string =>
  place?.kind === 'block' ? `block ${place.index}` : (place?.kind ?? '');

const joined = (before: string, uses: readonly ast.Use[], glue: string): readonly Piece[] =>
  uses.flatMap(({ name, fields }, i) => [
    `${i === 0 ? before : glue}${name.text}`,
    ...maybe(fields),
  ]);

function axisText({ path, values }: SweepAxis): string {
  if (values === undefined) return path.text;
  if (values.kind === 'list') return `${path.text} in ${valueText(values.list)}`;
  const range = `${valueText(values.from)}..${valueText(values.to)}`;
  const step = values.step === undefined ? '' : ` step ${valueText(values.step)}`;
  return `${path.text} in ${values.log ? 'log ' : ''}${range}${step}`;
}

const conditionText = ({ path, comparison, value }: SweepCondition): string =>
  `${path.text} ${comparison} ${valueText(value)}`;

/** `on cuda:0`, with the space before it. */
export const deviceText = (device: ast.Device | undefined): string => {
  if (device === undefined) return '';
  return ` on ${device.kind.text}${device.index === undefined ? '' : `:${device.index}`}`;
};

/** A line of a party or an adversary, in pieces. */
export function itemPieces(item: ast.PartyItem | ast.AdversaryItem): readonly Piece[] {
  switch (item.kind) {
    case 'holds':
    case 'knows':
    case 'sees':
      return item.items.map(({ text }, i) => (i === 0 ? `${item.kind} ${text}` : `, ${text}`));
    case 'slice':
      return [
        `slice ${textOf(item.name)} = ${placeText(item.from)} .. ${placeText(item.to)}`,
        ...maybe(item.fields),
      ];
    case 'auxiliary':
      return [`auxiliary ${valueText(item.value)}`, ...maybe(item.fields)];
    case 'stray':
      return [item.words.join(' ')];
  }
}

type Flat = Exclude<ast.Statement, ast.PartyNode | ast.AdversaryNode>;

/** A statement without a block, in pieces. */
export function statementPieces(node: Flat): readonly Piece[] {
  switch (node.kind) {
    case 'seed':
      return [`seed ${valueText(node.value)}`];
    case 'model':
    case 'data':
      return [`${node.kind} ${valueText(node.value)}`, ...maybe(node.fields)];
    case 'task':
    case 'finetune':
      return [`${node.kind} ${textOf(node.name)}`, ...maybe(node.fields)];
    case 'infer':
      return ['infer', ...maybe(node.fields)];
    case 'defend':
      return joined(`defend ${textOf(node.from)} -> ${textOf(node.to)} with `, node.chain, ' |> ');
    case 'attack':
      return [
        ...joined(`attack ${textOf(node.adversary)} with `, node.chain, ' |> '),
        ...(node.on === undefined ? [] : joined(' on ', [node.on], '')),
      ];
    case 'no-attack':
      return ['attack none'];
    case 'measure':
      return joined('measure ', node.items, ', ');
    case 'sweep': {
      const axes = node.axes.map((axis, i) => `${i === 0 ? 'sweep ' : ', '}${axisText(axis)}`);
      const where = node.where.map(conditionText).join(' and ');
      return where === '' ? axes : [...axes, ` where ${where}`];
    }
    case 'stray':
      return [node.words.join(' ')];
  }
}

/** A line of a file that has no block, in pieces. */
export function topPieces(node: Exclude<ast.TopItem, ast.PipelineNode>): readonly Piece[] {
  switch (node.kind) {
    case 'let':
      return [`let ${textOf(node.name)} = ${valueText(node.value)}`];
    case 'import':
      return [`import ${valueText(node.path)}`];
    case 'use':
      return [`use ${valueText(node.package)} as ${textOf(node.name)}`];
    case 'stray':
      return [node.words.join(' ')];
  }
}
