import type { HeadKind, ModelSpec, ParameterPlace, ParameterSpec } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { at, finding } from '@vflair/core/text';
import { labelCount } from '../blocks/config.js';
import { decoderHead } from '../blocks/decoder-head.js';
import { linear } from '../blocks/linear.js';
import { headLoss } from '../blocks/loss.js';
import { linearSpecs } from '../blocks/parameters.js';
import { countIn, looksCausal, type OnnxFacts } from './facts.js';
import { type Piece, type PieceContext, type Pieces, Player, piecesOf, readBy } from './pieces.js';
import { type OnnxPlan, planOnnx } from './plan.js';
import { readOnnx } from './read-onnx.js';
import { wholePrompt } from './whole-prompt.js';
import { noCut } from './wrong.js';

/** Maps that adapters sit on by default: queries and values, apart or in one. */
const QUERY_OR_VALUE =
  /(q_proj|v_proj|query|value|c_attn|q_lin|v_lin|Wqkv|qkv|query_key_value)(\.\w+)*\.?(weight)?$/i;

/** An ONNX file as a model. Raises VF510–VF515, VF536 (a head that it has no output for) and VF576–VF579. */
export function readOnnxSpec(
  file: string,
  facts: OnnxFacts,
  { head, labels }: { readonly head: HeadKind; readonly labels: number | undefined },
): ModelSpec {
  const plan = planOnnx(readOnnx(file), facts.cuts);
  const shape = plan.shapes.get(plan.output) ?? [];
  const own = shape.length === 2 && head === 'cls' ? shape[1] : undefined;
  const count = labels ?? (typeof own === 'number' ? own : undefined);
  return describe(plan, facts, { head, labels: labelCount(facts.config, head, count) });
}

interface Wanted {
  readonly head: HeadKind;
  readonly labels: number;
}

function describe(plan: OnnxPlan, facts: OnnxFacts, wanted: Wanted): ModelSpec {
  const { head } = wanted;
  const { cuts, embedding, weights } = plan;
  checkDepth(plan, facts);
  const architecture = facts.architecture ?? architectureOf(plan, head);
  const table = at([weights.get(embedding.table)], 0);
  const [vocabulary = 0] = table?.shape ?? [];
  const isOwn = ownHead(plan, wanted, vocabulary);
  if (!isOwn && !['cls', 'reg', 'qa'].includes(head)) throw noHead(plan, head);
  const end = at(cuts.places, cuts.places.length - 1);
  const pieces = piecesOf(plan, architecture === 'decoder' ? cuts.last : end);
  const fresh = isOwn ? undefined : freshHead({ ...wanted, architecture, hidden: cuts.hidden });
  const all = [pieces.tokens, pieces.embed, ...pieces.blocks, pieces.final];
  const parameters = parametersOf(plan, isOwn ? [...all, pieces.logits] : all);
  const linears = parameters.filter(({ layout }) => layout !== undefined).map(({ key }) => key);
  const targets = linears.filter((key) => QUERY_OR_VALUE.test(key));
  const files = new Map([...weights].map(([name, { key }]) => [key, name]));
  // Without `predicts`: a foreign file may look at other positions on its way to the logits.
  const { loss, rowLoss } = headLoss(head);
  return {
    family: 'onnx',
    architecture,
    head,
    blocks: pieces.blocks.length,
    hidden: cuts.hidden,
    vocabulary,
    maxLength: longest(plan, facts),
    padToken: countIn(facts.config, 'pad_token_id'),
    hasTokenTypes: [...plan.inputs.values()].includes('types'),
    labels: wanted.labels,
    pooling: fresh?.pooling ?? 'none',
    cache: () => [],
    next: wholePrompt,
    embeddingKey: table?.key ?? '',
    defaultTargets: targets.length > 0 ? targets : linears,
    parameters: [...parameters, ...(fresh?.parameters ?? [])],
    aliases: (key) => [files.get(key) ?? key].filter((name) => name !== key),
    ...functionsOf(plan, pieces, fresh),
    loss,
    rowLoss,
  };
}

/** Pipelines are checked against the number of blocks that config.json states. */
function checkDepth({ cuts, model }: OnnxPlan, { config }: OnnxFacts): void {
  const stated = countIn(config, 'num_hidden_layers', 'n_layer', 'num_layers');
  const found = cuts.places.length - 1;
  if (stated !== undefined && stated !== found)
    throw noCut(
      `config.json states ${stated} blocks, and \`${model.file}\` is cut into ${found}`,
      'name the result of each block as `cuts` in vflair.json',
    );
}

type Functions = Pick<ModelSpec, 'tokens' | 'embed' | 'block' | 'final' | 'logits'>;

function functionsOf(plan: OnnxPlan, pieces: Pieces, fresh: FreshHead | undefined): Functions {
  const player = new Player(plan);
  const play = (context: PieceContext, piece: Piece, ...from: readonly (Value | undefined)[]) =>
    player.play(context, piece, from);
  return {
    tokens: (input, ids) => play(input, pieces.tokens, ids),
    embed: (input, tokens) => play(input, pieces.embed, input.ids, tokens),
    block: (context, index, hidden) => ({
      hidden: play(context, at(pieces.blocks, index), hidden),
      cache: {},
    }),
    final: (context, hidden) => play(context, pieces.final, hidden),
    logits: (context, hidden, pooled) =>
      fresh ? fresh.logits(context, hidden, pooled) : play(context, pieces.logits, hidden),
  };
}

/** Parameters with all the places that read them. */
function parametersOf(plan: OnnxPlan, pieces: readonly Piece[]): ParameterSpec[] {
  const places = new Map<string, Set<ParameterPlace>>();
  for (const piece of pieces) {
    for (const name of readBy(plan, piece)) {
      if (!plan.weights.has(name)) continue;
      const known = places.get(name) ?? new Set();
      places.set(name, known.add(piece.place));
    }
  }
  return [...plan.weights].flatMap(([name, { key, shape, layout }]): ParameterSpec[] => {
    const own = places.get(name);
    if (!own) return [];
    return [{ key, shape, places: [...own], init: 'normal', ...(layout ? { layout } : {}) }];
  });
}

function architectureOf(plan: OnnxPlan, head: HeadKind): 'encoder' | 'decoder' {
  if (head === 'lm') return 'decoder';
  return head !== 'mlm' && looksCausal(plan) ? 'decoder' : 'encoder';
}

/** Whether the file's own output is that of a head. */
function ownHead({ output, shapes }: OnnxPlan, wanted: Wanted, vocabulary: number): boolean {
  const shape = shapes.get(output) ?? [];
  const width = shape.at(-1);
  const isPerToken = shape.length === 3 && shape[0] === 'batch' && shape[1] === 'seq';
  switch (wanted.head) {
    case 'lm':
    case 'mlm':
      return isPerToken && width === vocabulary;
    case 'qa':
      return isPerToken && width === 2;
    default:
      return shape.length === 2 && shape[0] === 'batch' && width === wanted.labels;
  }
}

function noHead({ model, output, shapes }: OnnxPlan, head: HeadKind): Error {
  return finding(
    'VF536',
    `\`${model.file}\` has no \`${head}\` head: its output \`${output}\` is [${(shapes.get(output) ?? []).join(', ')}]`,
    'export it with its language model head, or put `cls` on top of it',
  );
}

interface FreshHead extends Pick<ModelSpec, 'pooling' | 'logits'> {
  readonly parameters: readonly ParameterSpec[];
}

/** A new head on the last stream: of a decoder as its families have it, of an encoder on its first position. */
function freshHead(parts: Wanted & { architecture: string; hidden: number }): FreshHead {
  const { head, labels, hidden, architecture } = parts;
  const key = head === 'qa' ? 'qa_outputs' : 'classifier';
  if (architecture === 'decoder' || head === 'qa')
    return decoderHead({
      head,
      labels,
      hidden,
      vocabulary: 0,
      table: '',
      tied: true,
      classifier: { name: key, bias: true },
    });
  return {
    parameters: linearSpecs(key, [labels, hidden], 'output'),
    pooling: 'first',
    logits: ({ g, parameters }, stream) => {
      const first = g.squeeze(g.slice(stream, 1, { start: 0, end: 1, size: 1 }), [1]);
      return linear(g, parameters, first, { weight: `${key}.weight`, bias: `${key}.bias` });
    },
  };
}

/** Longest text: rows of the table of positions, else what config.json says, else without limit. */
function longest({ model, weights, embedding, active }: OnnxPlan, { config }: OnnxFacts): number {
  const rows = model.nodes.flatMap(({ op, inputs: [table = '', places = ''] }) => {
    const isTable = op === 'Gather' && table !== embedding.table && !active.has(places);
    const [count] = isTable ? (weights.get(table)?.shape ?? []) : [];
    // Two rows or so are types of tokens.
    return count !== undefined && count > 4 ? [count] : [];
  });
  const stated = countIn(config, 'max_position_embeddings', 'n_positions', 'n_ctx');
  return Math.min(...rows, stated ?? Number.MAX_SAFE_INTEGER);
}
