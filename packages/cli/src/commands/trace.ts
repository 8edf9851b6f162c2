import { randomStream } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';
import { writeSafetensors } from '@vflair/models';
import { type TraceOptions, trace } from '@vflair/models/trace';
import { Exit, exitCodes } from '../exit.js';
import { cacheFolder } from '../inputs.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';

const heads = ['lm', 'cls', 'reg', 'qa', 'mlm', 'seq2seq'] as const;

/** Options of `vflair trace` as the command line gives them. */
export interface TraceFlags extends GlobalFlags {
  readonly model: string;
  readonly head: string;
  readonly inputs: string;
  readonly out: string;
  readonly prefix?: string;
  readonly cut?: readonly string[];
  readonly device?: string;
  readonly adapter?: string;
  readonly gradients?: boolean;
  readonly steps?: string;
  readonly train?: string;
  readonly optimizer?: string;
  readonly learningRate?: string;
  readonly weightDecay?: string;
  readonly generate?: string;
}

/** A checkpoint, whole or cut, on given inputs: hidden states, logits, loss, gradients, steps or new tokens as one safetensors file. */
export async function traceCommand(flags: TraceFlags): Promise<number> {
  const terminal = openTerminal(flags);
  const tensors = await trace(await traceOptions(flags));
  writeSafetensors(flags.out, tensors);
  terminal.say(`${tensors.size} tensors → ${flags.out}`);
  return exitCodes.done;
}

async function traceOptions(flags: TraceFlags): Promise<TraceOptions> {
  const head = heads.find((name) => name === flags.head);
  if (!head)
    throw new Exit(exitCodes.usage, `--head is ${heads.join(', ')}, not \`${flags.head}\``);
  const { resolveDevice } = await import('@vflair/core/session');
  const [kind = 'cpu', index = '0'] = (flags.device ?? 'cpu').split(':');
  const { providers } = await resolveDevice({ kind, index: Number(index) });
  const numbers = {
    steps: flags.steps,
    learningRate: flags.learningRate,
    weightDecay: flags.weightDecay,
    generate: flags.generate,
  };
  const given = Object.entries(numbers).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, numberOf(name, text)] as const],
  );
  return {
    model: flags.model,
    head,
    inputs: flags.inputs,
    cuts: flags.cut ?? [],
    gradients: flags.gradients === true,
    ...(flags.prefix === undefined ? {} : { prefix: flags.prefix }),
    ...(flags.adapter === undefined ? {} : { adapter: flags.adapter }),
    ...(flags.train === undefined ? {} : { train: trainOf(flags.train) }),
    ...(flags.optimizer === undefined ? {} : { optimizer: flags.optimizer }),
    ...Object.fromEntries(given),
    session: { providers },
    cache: cacheFolder(),
    random: randomStream('vflair/trace'),
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw finding('VF581', `\`${name}\` is a number, not \`${text}\``);
  return value;
}

function trainOf(text: string): 'lora' | 'full' {
  if (text === 'lora' || text === 'full') return text;
  throw new Exit(exitCodes.usage, `--train is lora or full, not \`${text}\``);
}
