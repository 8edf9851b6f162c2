import type { ForeignInput, ForeignModel } from './foreign-model.js';
import { wrongEnds } from './wrong.js';

/** What an input of a text model can be. */
export type InputKind = 'ids' | 'mask' | 'positions' | 'types';

/** Names that exporters and we give to inputs. */
const KINDS: ReadonlyMap<string, InputKind> = new Map([
  ['input_ids', 'ids'],
  ['ids', 'ids'],
  ['attention_mask', 'mask'],
  ['mask', 'mask'],
  ['position_ids', 'positions'],
  ['positions', 'positions'],
  ['token_type_ids', 'types'],
  ['types', 'types'],
]);

/** Outputs in the order in which they are taken. */
const OUTPUTS = ['logits', 'last_hidden_state', 'hidden_states', 'output'];

/** What each of the inputs `needed` is. Raises VF578 for others, and where there are no ids. */
export function inputKinds(
  model: ForeignModel,
  needed: ReadonlySet<string>,
): ReadonlyMap<string, InputKind> {
  const kinds = new Map<string, InputKind>();
  for (const input of model.inputs) {
    if (!needed.has(input.name)) continue;
    const kind = KINDS.get(input.name);
    if (!kind) throw unknownInput(model.file, input);
    if (input.rank !== undefined && input.rank !== 2)
      throw wrongEnds(
        `input \`${input.name}\` of \`${model.file}\` has ${input.rank} axes`,
        'export the model with inputs [batch, sequence]',
      );
    kinds.set(input.name, kind);
  }
  if (![...kinds.values()].includes('ids'))
    throw wrongEnds(
      `\`${model.file}\` has no input \`input_ids\` that its output depends on`,
      'export a model that reads ids of tokens',
    );
  return kinds;
}

function unknownInput(file: string, { name }: ForeignInput): Error {
  if (/past|cache/.test(name))
    return wrongEnds(
      `\`${file}\` needs the input \`${name}\`, what an earlier step remembered`,
      'export it without past: `optimum-cli export onnx --task text-generation` and not `…-with-past`',
    );
  return wrongEnds(
    `\`${file}\` needs an input \`${name}\``,
    `inputs that are known are ${[...KINDS.keys()].filter((known) => known.includes('_')).join(', ')}`,
  );
}

/** The output that is used. Raises VF578 where there is none. */
export function chosenOutput({ file, outputs, makers }: ForeignModel): string {
  const made = outputs.filter((name) => makers.has(name));
  const chosen = OUTPUTS.find((name) => made.includes(name)) ?? made[0];
  if (chosen === undefined) throw wrongEnds(`\`${file}\` computes no output`, 'export it again');
  return chosen;
}
