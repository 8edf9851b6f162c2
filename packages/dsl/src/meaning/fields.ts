import type { Field as FieldSpec, Fields, PlanParams } from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import type * as ast from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { type Reading, type Scope, unknownWord } from '../link/index.js';
import { entryOf, list, nearest, suggest } from '../words.js';
import { checkFields, type FieldError } from './check-fields.js';

/** Fields as written, resolved and checked. `params` is there, with all defaults, if nothing is wrong. */
export interface FieldsReading {
  readonly params: PlanParams | undefined;
  readonly findings: readonly Diagnostic[];
}

/** What fields are read for: the table they must fit, and who is named in a finding. */
export interface FieldsFor {
  readonly table: Fields;
  /** "attack `vmi`", "`finetune lora`". */
  readonly owner: string;
  /** Where a missing field is reported. */
  readonly at: ast.SourceSpan;
  /** Words a field knows by itself besides those of its table: the slices of `slices [head, tail]`. */
  readonly words?: { readonly [field: string]: readonly string[] };
  /** Fields that are read elsewhere. */
  readonly except?: readonly string[];
}

type Spec = FieldSpec & { readonly optional?: boolean };
type Plain = string | number | boolean | readonly Plain[];

const wordsOf = (spec: Spec): string => {
  if (spec.type === 'string')
    return spec.enum === undefined ? 'a text in quotes' : list(spec.enum, 'or');
  if (spec.type === 'boolean') return '`true` or `false`';
  if (spec.type === 'array') return 'a list `[…]`';
  return spec.type === 'integer' ? 'a whole number' : 'a number';
};

function rangeOf(spec: Spec): string {
  if (spec.type !== 'number' && spec.type !== 'integer') return wordsOf(spec);
  const bounds = [
    ['at least', spec.minimum],
    ['greater than', spec.exclusiveMinimum],
    ['at most', spec.maximum],
    ['less than', spec.exclusiveMaximum],
  ] as const;
  const parts = bounds.flatMap(([words, bound]) =>
    bound === undefined ? [] : [`${words} ${bound}`],
  );
  return parts.length === 0 ? wordsOf(spec) : parts.join(' and ');
}

const spelled = (span: ast.SourceSpan): string => span.source.text.slice(span.start, span.end);

/** VF401: a field its owner does not have. */
export const unknownField = (name: ast.Name, owner: string, known: readonly string[]): Diagnostic =>
  error('VF401', name.span, `${owner} has no field \`${name.text}\``, {
    hint: suggest(name.text, known, `${owner} takes no fields`),
  });
/** VF402: a field without default is not there. */
const missingField = (at: ast.SourceSpan, field: string, spec: Spec, owner: string): Diagnostic =>
  error('VF402', at, `${owner} needs the field \`${field}\``, {
    hint: `write \`{ ${field} … }\` with ${wordsOf(spec)}: ${spec.description.replace(/\.$/, '')}`,
  });
/** VF403: a value of another kind than the field takes. */
const wrongType = (at: ast.SourceSpan, field: string, spec: Spec): Diagnostic =>
  error('VF403', at, `\`${field}\` takes ${wordsOf(spec)}, not \`${spelled(at)}\``, {
    hint: exampleOf(field, spec),
  });
/** VF404: a number outside the field's range. */
const outOfRange = (at: ast.SourceSpan, field: string, spec: Spec): Diagnostic =>
  error('VF404', at, `\`${field}\` must be ${rangeOf(spec)}, not \`${spelled(at)}\``, {
    hint:
      spec.description === ''
        ? 'write a number in that range'
        : `\`${field}\`: ${spec.description.replace(/\.$/, '')}`,
  });
/** VF405: a word the field does not know. */
const notOneOf = (
  at: ast.SourceSpan,
  field: string,
  word: string,
  known: readonly string[],
): Diagnostic =>
  error('VF405', at, `\`${field}\` takes ${list(known, 'or')}, not \`${word}\``, {
    hint: `did you mean \`${nearest(word, known)[0] ?? ''}\`?`,
  });
/** VF406: a field written twice. */
const fieldTwice = (name: ast.Name, first: ast.SourceSpan): Diagnostic =>
  error('VF406', name.span, `field \`${name.text}\` is there already`, {
    hint: 'keep one of them',
    related: [related(first, 'first one here')],
  });

function exampleOf(field: string, spec: Spec): string {
  const value = spec.default;
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  return text === undefined
    ? `write ${wordsOf(spec)} after \`${field}\``
    : `write for instance \`${field} ${text}\``;
}

class FieldsReader {
  readonly #scope: Scope;
  readonly #for: FieldsFor;
  readonly #found: Diagnostic[] = [];
  readonly #values: Record<string, unknown> = {};
  readonly #seen = new Map<string, ast.Field>();
  /** Fields that are written but could not be read, or are already reported. */
  readonly #skipped = new Set<string>();
  #hasUnknown = false;

  constructor(scope: Scope, purpose: FieldsFor) {
    this.#scope = scope;
    this.#for = purpose;
  }

  read(node: ast.Fields | undefined): FieldsReading {
    for (const field of node?.items ?? []) this.#field(field);
    const isWhole = this.#scope.isWhole(node?.span ?? this.#for.at);
    for (const problem of checkFields(this.#for.table, this.#values)) {
      // A misspelt name is one mistake, not two.
      const isDoubtful = problem.keyword === 'required' && (!isWhole || this.#hasUnknown);
      if (!isDoubtful && !this.#skipped.has(problem.field))
        this.#found.push(...this.#explain(problem));
    }
    const isFine = this.#found.length === 0 && this.#skipped.size === 0;
    return { params: isFine ? asParams(this.#values) : undefined, findings: this.#found };
  }

  #field(field: ast.Field): void {
    const { name } = field;
    if (this.#for.except?.includes(name.text)) return;
    const first = this.#seen.get(name.text);
    if (first !== undefined) {
      this.#found.push(fieldTwice(name, first.name.span));
      return;
    }
    this.#seen.set(name.text, field);
    const spec = entryOf(this.#for.table, name.text);
    if (spec === undefined) {
      this.#hasUnknown = true;
      this.#found.push(unknownField(name, this.#for.owner, this.#known()));
      return;
    }
    const value = this.#value(field, spec);
    if (value === undefined) this.#skipped.add(name.text);
    else this.#values[name.text] = value;
  }

  #known(): readonly string[] {
    return [...Object.keys(this.#for.table), ...(this.#for.except ?? [])];
  }

  #value(field: ast.Field, spec: Spec): Plain | undefined {
    if (field.fields !== undefined) {
      this.#found.push(wrongType(field.fields.span, field.name.text, spec));
      return undefined;
    }
    if (field.value === undefined) return undefined;
    const reading = this.#scope.read(field.value, this.#words(field, spec));
    return this.#plain(reading, field.value, field.name.text, spec);
  }

  #words(field: ast.Field, spec: Spec): readonly string[] {
    const table = spec.type === 'string' ? (spec.enum ?? []) : [];
    return [...table, ...(entryOf(this.#for.words ?? {}, field.name.text) ?? [])];
  }

  #plain(reading: Reading, at: ast.Value, field: string, spec: Spec): Plain | undefined {
    switch (reading.kind) {
      case 'hole':
        return undefined;
      case 'word':
        this.#found.push(this.#bareWord(reading.text, at, field, spec));
        return undefined;
      case 'list': {
        const items = reading.items.map((item) => this.#plain(item.reading, item.at, field, spec));
        return items.every((item) => item !== undefined) ? items : undefined;
      }
      case 'string':
        return reading.text;
      default:
        return reading.value;
    }
  }

  #bareWord(word: string, at: ast.Value, field: string, spec: Spec): Diagnostic {
    const own = this.#for.words?.[field];
    if (own !== undefined) return notOneOf(at.span, field, word, own);
    if (spec.type === 'string' && spec.enum !== undefined)
      return notOneOf(at.span, field, word, spec.enum);
    if (spec.type === 'string' || spec.type === 'array')
      return unknownWord(at.span, word, this.#scope.lets);
    return wrongType(at.span, field, spec);
  }

  *#explain({ keyword, field }: FieldError): Iterable<Diagnostic> {
    const spec = this.#for.table[field];
    if (spec === undefined) return;
    if (keyword === 'required') {
      yield missingField(this.#for.at, field, spec, this.#for.owner);
      return;
    }
    const at = this.#seen.get(field)?.value?.span;
    if (at === undefined) return;
    const value = this.#values[field];
    if (keyword === 'type') yield wrongType(at, field, spec);
    else if (keyword !== 'enum' || spec.type !== 'string') yield outOfRange(at, field, spec);
    else yield notOneOf(at, field, String(value), spec.enum ?? []);
  }
}

// What has been checked against a table of fields is one of their values.
const asParams = (values: Record<string, unknown>): PlanParams => {
  const params: Record<string, PlanParams[string]> = {};
  for (const [name, value] of Object.entries(values)) {
    if (isFieldValue(value)) params[name] = value;
  }
  return params;
};

const isFieldValue = (value: unknown): value is PlanParams[string] =>
  ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value);

/** Reads fields against a table. VF210, VF401 to VF406. */
export function readFields(
  scope: Scope,
  node: ast.Fields | undefined,
  purpose: FieldsFor,
): FieldsReading {
  return new FieldsReader(scope, purpose).read(node);
}
