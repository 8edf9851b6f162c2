import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FamilyDefinition, HeadKind, ModelConfig, ModelSpec } from '@vflair/core/contract';
import { encodeModel } from '@vflair/core/graph';
import { Slice, sliceGraph, wholePart } from '@vflair/core/session';
import { asFloat, type FloatTensor, randomStream } from '@vflair/core/tensor';
import { compositionDefects, drawFamilyCase, type FamilyCase } from '@vflair/core/testing';
import { present } from '@vflair/core/text';
import { expect, onTestFinished, test } from 'vitest';
import bert from '../families/bert.js';
import gpt2 from '../families/gpt2.js';
import llama from '../families/llama.js';
import { loadModel } from '../load-model.js';
import { temporaryFolder } from '../testing/temporary-folder.js';

const sizes = { n_embd: 8, n_head: 2, n_layer: 3, n_positions: 9, vocab_size: 11 };
const encoderSizes = {
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 3,
  intermediate_size: 12,
  vocab_size: 11,
  max_position_embeddings: 9,
  type_vocab_size: 2,
};
const models: readonly {
  readonly family: FamilyDefinition;
  readonly config: ModelConfig;
  readonly head: HeadKind;
}[] = [
  { family: gpt2, config: { model_type: 'gpt2', ...sizes }, head: 'lm' },
  { family: bert, config: { model_type: 'bert', ...encoderSizes }, head: 'cls' },
  { family: bert, config: { model_type: 'bert', ...encoderSizes }, head: 'mlm' },
  {
    family: llama,
    config: { model_type: 'llama', ...encoderSizes, num_key_value_heads: 1 },
    head: 'lm',
  },
];

/** A model of a family as one ONNX file with its weights in it. */
function written(made: FamilyCase, folder: string): void {
  const weights = {
    stored: (key: string): FloatTensor => present(made.weights.get(key), key),
    trained: new Map(),
    adapters: new Map(),
  };
  const { g, logits } = sliceGraph(made.spec, wholePart(made.spec), weights);
  const model = encodeModel(g, new Map([['logits', present(logits, 'logits')]]));
  writeFileSync(join(folder, 'model.onnx'), model.bytes);
}

async function lossOf(made: FamilyCase) {
  const weights = {
    stored: (key: string): FloatTensor => present(made.weights.get(key), key),
    trained: made.weights,
    adapters: new Map(),
  };
  const slice = new Slice(made.spec, wholePart(made.spec), weights, { observe: true });
  const result = await slice.lossStep(made.inputs, made.labels);
  await slice.close();
  return result;
}

const open = (folder: string, head: HeadKind) =>
  loadModel(folder, head, { cache: join(folder, 'cache'), random: randomStream('fresh') });

const imported = async (folder: string, head: HeadKind, made: FamilyCase): Promise<FamilyCase> => {
  const model = await open(folder, head);
  const weights = new Map(model.spec.parameters.map(({ key }) => [key, model.read(key)]));
  model.close();
  const spec: ModelSpec = model.spec;
  return { ...made, spec, weights };
};

test.each(models)(
  '$family.id with a $head head, exported by us, is itself when it comes back',
  async ({ family, config, head }) => {
    const made = drawFamilyCase(family.read(config, head, 3), randomStream(`${family.id}/${head}`));
    const folder = temporaryFolder(onTestFinished);
    written(made, folder);
    const back = await imported(folder, head, made);
    expect(back.spec).toMatchObject({ blocks: 3, hidden: 8, vocabulary: 11 });
    const [found, expected] = [await lossOf(back), await lossOf(made)];
    expect(found.outputs.logits).toEqual(expected.outputs.logits);
    expect(found.loss).toBe(expected.loss);
    for (let block = 0; block <= 3; block++)
      expect(asFloat(present(found.outputs[`hidden.${block}`]))).toEqual(
        expected.outputs[`hidden.${block}`],
      );
    for (const [key, gradient] of expected.trained) {
      const other = found.trained.get(key);
      expect([key, other?.shape]).toEqual([key, gradient.shape]);
      const worst = gradient.data.reduce(
        (most, x, i) => Math.max(most, Math.abs(x - (other?.data[i] ?? Number.NaN))),
        0,
      );
      expect(worst).toBeLessThan(1e-6);
    }
    expect(await compositionDefects(back, [1])).toEqual([]);
    expect(await compositionDefects(back, [0, 2])).toEqual([]);
  },
);

test.each(['cls', 'reg', 'qa'] as const)(
  'a language model gets a %s head that it lacks, drawn afresh',
  async (head) => {
    const config = { model_type: 'gpt2', ...sizes };
    const folder = temporaryFolder(onTestFinished);
    written(drawFamilyCase(gpt2.read(config, 'lm'), randomStream('lm')), folder);
    const options = { cache: join(folder, 'cache'), random: randomStream('fresh') };
    const labels = head === 'cls' ? { labels: 3 } : {};
    const { spec, fresh, close } = await loadModel(folder, head, { ...options, ...labels });
    close();
    const name = head === 'qa' ? 'qa_outputs' : 'classifier';
    expect(fresh).toEqual([`${name}.weight`, `${name}.bias`]);
    expect(spec.architecture).toBe('decoder');
    expect(await compositionDefects(drawFamilyCase(spec, randomStream(head)), [1])).toEqual([]);
  },
);
