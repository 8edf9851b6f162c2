import type { ModelSpec } from '@vflair/core/contract';
import { type Adapter, belongs, type Part, type Weights } from '@vflair/core/session';
import { copyOf, type FloatTensor, floatTensor, type Tensor, zeros } from '@vflair/core/tensor';
import { finding, present } from '@vflair/core/text';
import { type LoadedAdapter, readAdapter } from '../adapters/read-adapter.js';
import { loadModel, type OpenModel } from '../load-model.js';
import { generate } from './generate.js';
import { localModel, type Pass, type TracedModel } from './local-model.js';
import { readBatch, readPrompts, type TraceBatch } from './trace-inputs.js';
import { checkTraceOptions, cutPlace, type TraceOptions } from './trace-options.js';

/**
 * Runs a checkpoint on given inputs, whole or cut, and gives what it computes by name: `hidden.i`, `hidden.final`,
 * `logits` (or `start_logits`, `end_logits`), `loss`; with gradients `grad.hidden.i` and each trained parameter's under
 * its own checkpoint key (`grad.<key>` for an adapter's); after steps `losses` and `after<n>.<key>`; `generated` and
 * `gen.logits.k`. Throws Findings: VF5xx of files, model and adapter, VF580 inputs, VF581 options, VF582 labels that are
 * missing.
 */
export async function trace(options: TraceOptions): Promise<Map<string, Tensor>> {
  const model = await loadModel(options.model, options.head, options);
  try {
    checkTraceOptions(options, model.spec);
    const adapter =
      options.adapter === undefined ? undefined : readAdapter(options.adapter, model.spec);
    const hasTypes = adapter?.config.hasTokenTypes ?? true;
    const batch = readBatch(options.inputs, model.spec, { prefix: options.prefix ?? '', hasTypes });
    checkWork(options, batch, adapter);
    return await withModel({ options, model, adapter }, batch);
  } finally {
    model.close();
  }
}

interface Subject {
  readonly options: TraceOptions;
  readonly model: OpenModel;
  readonly adapter: LoadedAdapter | undefined;
}

function checkWork(
  options: TraceOptions,
  batch: TraceBatch,
  adapter: LoadedAdapter | undefined,
): void {
  const needsLabels = options.gradients === true || options.steps !== undefined;
  if (needsLabels && batch.labels === undefined) {
    const names = options.head === 'qa' ? '`start_positions` and `end_positions`' : '`labels`';
    throw finding('VF582', 'gradients need labels, and the inputs have none', `add ${names}`);
  }
  if (options.steps !== undefined && adapter && adapter.config.dropout > 0) {
    throw finding(
      'VF537',
      `\`lora_dropout\` is ${adapter.config.dropout}, and a trace draws nothing`,
      'set it to 0 in adapter_config.json, or leave `--steps` out',
    );
  }
}

async function withModel(subject: Subject, batch: TraceBatch): Promise<Map<string, Tensor>> {
  const { options, model } = subject;
  const learns = options.gradients === true || options.steps !== undefined;
  const traced = localModel({
    spec: model.spec,
    cuts: (options.cuts ?? [])
      .map((cut) => cutPlace(cut, model.spec) ?? Number.NaN)
      .sort((a, b) => a - b),
    weights: (part) => weightsOf(subject, part, learns),
    optimizer: {
      learningRate: options.learningRate ?? 1e-2,
      weightDecay: options.weightDecay ?? 0.01,
    },
    session: options.session ?? {},
  });
  try {
    const results = await traceBatch(traced, subject, batch);
    // Before the steps: a continuation is that of the checkpoint.
    if (options.generate !== undefined) {
      const prompts = readPrompts(options.inputs, model.spec);
      const { next } = model.spec;
      for (const entry of await generate(traced, { prompts, next }, options.generate))
        results.set(...entry);
    }
    if (options.steps !== undefined && batch.labels)
      await train(traced, { subject, batch: { ...batch, labels: batch.labels } }, results);
    return results;
  } finally {
    await traced.close();
  }
}

/** What a part holds. An adapter trains itself and what it brought; without one everything is trained. */
function weightsOf({ model, adapter }: Subject, part: Part, learns: boolean): Weights {
  const { spec } = model;
  const own = spec.parameters.filter(({ places }) => belongs(part, places));
  const adapters = new Map<string, Adapter>();
  const trained = new Map<string, FloatTensor>();
  for (const { key, untrained } of own) {
    const [pair, saved] = [adapter?.pairs.get(key), adapter?.saved.get(key)];
    if (pair) adapters.set(key, { ...pair, a: copyOf(pair.a), b: copyOf(pair.b) });
    if (saved) trained.set(key, copyOf(saved));
    else if (!adapter && learns && !untrained) trained.set(key, model.read(key));
  }
  return { stored: model.stored, trained, adapters };
}

async function traceBatch(
  traced: TracedModel,
  { options, model, adapter }: Subject,
  { inputs, labels }: TraceBatch,
): Promise<Map<string, Tensor>> {
  const results = new Map<string, Tensor>();
  const pass: Partial<Pass> & Pick<Pass, 'logits' | 'streams'> = labels
    ? await traced.pass(inputs, labels)
    : await traced.forward(inputs);
  for (const [name, tensor] of Object.entries(pass.streams)) {
    if (!name.startsWith('grad.') || options.gradients) results.set(name, tensor);
  }
  for (const [name, tensor] of headResults(model.spec, pass.logits)) results.set(name, tensor);
  if (pass.loss !== undefined) results.set('loss', floatTensor([], Float32Array.of(pass.loss)));
  if (options.gradients && pass.gradients) {
    const prefix = adapter ? 'grad.' : '';
    for (const [name, tensor] of traced.trained()) {
      const gradient = pass.gradients.get(name) ?? zeros(tensor.shape);
      results.set(prefix + fileKey({ model, adapter }, name), gradient);
    }
    if (!adapter) for (const entry of idleGradients(model)) results.set(...entry);
  }
  return results;
}

/** Zeros for the parameters that the head leaves out. */
function idleGradients({ spec, checkpointKey }: OpenModel): [string, Tensor][] {
  const idle = spec.parameters.filter(({ untrained }) => untrained === 'idle');
  return idle.map(({ key, shape }) => [checkpointKey(key), zeros(shape)]);
}

/** Logits, or start and end logits `[batch, seq]` of a span head. */
function* headResults(
  { head }: ModelSpec,
  logits: FloatTensor,
): Iterable<readonly [string, Tensor]> {
  if (head !== 'qa') {
    yield ['logits', logits];
    return;
  }
  const shape = logits.shape.slice(0, 2);
  for (const [i, name] of ['start_logits', 'end_logits'].entries())
    yield [
      name,
      floatTensor(
        shape,
        logits.data.filter((_, k) => k % 2 === i),
      ),
    ];
}

async function train(
  traced: TracedModel,
  { subject, batch }: { subject: Subject; batch: { inputs: TraceBatch['inputs']; labels: Tensor } },
  results: Map<string, Tensor>,
): Promise<void> {
  const steps = subject.options.steps ?? 0;
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss, gradients } = await traced.pass(batch.inputs, batch.labels);
    losses.push(loss);
    traced.update(gradients);
  }
  results.set('losses', floatTensor([steps], Float32Array.from(losses)));
  for (const [name, tensor] of traced.trained())
    results.set(`after${steps}.${fileKey(subject, name)}`, tensor);
}

/** What the adapter's file or the checkpoint calls a trained tensor. */
function fileKey({ model, adapter }: Pick<Subject, 'model' | 'adapter'>, name: string): string {
  return adapter ? present(adapter.fileKeys.get(name), name) : model.checkpointKey(name);
}
