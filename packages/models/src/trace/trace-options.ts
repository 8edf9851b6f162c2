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
  /** Blocks the model is cut before. */
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
  if (head === 'seq2seq')
    yield ['head `seq2seq` is not traced', 'lm, cls, reg, qa and mlm heads are'];
  if (generate !== undefined && head !== 'lm')
    yield [`a \`${head}\` head generates nothing`, 'use `--head lm`, or leave `--generate` out'];
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

function* cutFindings(cuts: readonly string[], { blocks }: ModelSpec): Iterable<Finding> {
  const seen = new Set<number>();
  for (const cut of cuts) {
    const place = Number(cut);
    if (!/^\d+$/.test(cut) || place > blocks)
      yield [`there is no cut before block \`${cut}\``, `the model has cuts 0 to ${blocks}`];
    else if (seen.has(place)) yield [`cut ${place} is there twice`, 'leave one out'];
    seen.add(place);
  }
}
