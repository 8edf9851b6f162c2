import type { Diagnostic } from '@vflair/core/text';
import type { SourceSpan } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { LinkedPipeline } from '../link/index.js';
import type { Meaning } from '../meaning/meaning.js';

/** What every pipeline says, and how. */
const required: readonly (readonly [kinds: readonly string[], example: string])[] = [
  [['model'], 'model "tiny-gpt2"'],
  [['data'], 'data "./rows.tsv" { columns { text 1, label 2 } }'],
  [['task'], 'task classification { labels 2 }'],
  [['party'], 'party client { … }'],
  [['finetune', 'infer'], 'finetune lora { … }` or `infer'],
];

const headOf = ({ node }: LinkedPipeline): SourceSpan => node.name?.span ?? node.span;

/** VF301: a statement without which there is nothing to run. */
const missingStatement = (
  pipeline: LinkedPipeline,
  kinds: readonly string[],
  example: string,
): Diagnostic => {
  const what = kinds.map((kind) => `\`${kind}\``).join(' or ');
  return error('VF301', headOf(pipeline), `pipeline \`${pipeline.name}\` says no ${what}`, {
    hint: `write \`${example}\``,
  });
};

/** Everything a run needs is said. */
export function* checkStatements({ pipeline }: Meaning): Iterable<Diagnostic> {
  if (!pipeline.isComplete) return;
  const kinds = pipeline.statements.map(({ kind }) => kind);
  for (const [needed, example] of required) {
    if (!needed.some((kind) => kinds.some((each) => each === kind))) {
      yield missingStatement(pipeline, needed, example);
    }
  }
}
