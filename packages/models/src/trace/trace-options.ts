import type { HeadKind, ModelSpec } from '@vflair/core/contract';
import type { SessionOptions } from '@vflair/core/session';
import type { Random } from '@vflair/core/tensor';
import { type Diagnostic, Findings } from '@vflair/core/text';
import type { FamilyLookup } from '../find-family.js';

/** What is traced and how; see `vflair trace --help`. */
export interface TraceOptions {
  /** Model folder: config.json and weights. */
  readonly model: string;
  readonly head: HeadKind;
  /** Safetensors file with the inputs, and what their names begin with. */
  readonly inputs: string;
  readonly prefix?: string;
  /** Blocks the model is cut before: `1`, or `dec.1` in the decoder behind an encoder. */
  readonly cuts?: readonly string[];
  /** PEFT adapter folder. */
  readonly adapter?: string;
  readonly gradients?: boolean;
  readonly steps?: number;
  /** What the steps train; the adapter where there is one, else everything. */
  readonly train?: 'lora' | 'full';
  readonly optimizer?: string;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Number of new tokens. */
  readonly generate?: number;
  readonly session?: SessionOptions;
  /** Where families come from; those of this package when absent. */
  readonly family?: FamilyLookup;
  /** Folder for converted weights. */
  readonly cache: string;
  /** Where parameters that the checkpoint lacks come from. */
  readonly random: Random;
}

/** Throws Findings VF581: options that contradict each other or the model, all at once. */
export function checkTraceOptions(options: TraceOptions, spec: ModelSpec): void {
  const found = [...optionFindings(options), ...cutFindings(options.cuts ?? [], spec)];
  const diagnostics = found.map(
    ([message, hint]): Diagnostic => ({ code: 'VF581', severity: 'error', message, hint }),
  );
  if (diagnostics.length > 0) throw new Findings(diagnostics);
}

type Finding = readonly [message: string, hint: string];

function* optionFindings(options: TraceOptions): Iterable<Finding> {
  const { head, adapter, train, steps, generate } = options;
  if (generate !== undefined && head !== 'lm' && head !== 'seq2seq')
    yield [
      `a \`${head}\` head generates nothing`,
      'use `--head lm` or `seq2seq`, or leave `--generate` out',
    ];
  if (train === 'lora' && adapter === undefined)
    yield ['there is no adapter to train', 'name one with `--adapter`, or use `--train full`'];
  if (train === 'full' && adapter !== undefined)
    yield [
      'with an adapter the base model stays as it is',
      'use `--train lora`, or leave `--adapter` out',
    ];
  if (options.optimizer !== undefined && options.optimizer !== 'adamw')
    yield [`optimizer \`${options.optimizer}\` is not known`, 'use adamw'];
  for (const [name, value] of [
    ['steps', steps],
    ['generate', generate],
  ] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      yield [`\`--${name}\` is ${value}`, 'write a whole number ≥ 1'];
  }
}

function* cutFindings(cuts: readonly string[], spec: ModelSpec): Iterable<Finding> {
  const seen = new Set<number>();
  for (const cut of cuts) {
    const place = cutPlace(cut, spec);
    if (place === undefined)
      yield [`there is no cut before block \`${cut}\``, `the model has cuts ${cutsOf(spec)}`];
    else if (seen.has(place)) yield [`cut ${cut} is there twice`, 'leave one out'];
    if (place !== undefined) seen.add(place);
  }
}

/**
 * The block a cut stands before, of blocks counted over encoder and decoder: `k` before block k of the model or of its
 * encoder (after the last one it is `dec.0`), `dec.k` before block k of a decoder behind one. Undefined where there is none.
 */
export function cutPlace(cut: string, spec: ModelSpec): number | undefined {
  const [, part, digits] = /^(dec\.)?(\d+)$/.exec(cut) ?? [];
  if (digits === undefined) return undefined;
  const own = Number(digits);
  const encoder = encoderBlocks(spec);
  if (encoder === undefined) return part === undefined && own <= spec.blocks ? own : undefined;
  const place = part === undefined ? own : encoder + own;
  return place <= (part === undefined ? encoder : spec.blocks) ? place : undefined;
}

/** Number of blocks before a decoder's; undefined in a model of one stack. */
function encoderBlocks({ blocks, stream }: ModelSpec): number | undefined {
  const names = Array.from({ length: blocks + 1 }, (_, block) => stream?.(block).name ?? '');
  const first = names.findIndex((name) => name.startsWith('dec.'));
  return first === -1 ? undefined : first;
}

function cutsOf(spec: ModelSpec): string {
  const encoder = encoderBlocks(spec);
  return encoder === undefined
    ? `0 to ${spec.blocks}`
    : `0 to ${encoder} and dec.0 to dec.${spec.blocks - encoder}`;
}
