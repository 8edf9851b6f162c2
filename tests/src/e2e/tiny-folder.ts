import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelSpec } from '@vflair/core/contract';
import { type FloatTensor, floatTensor, randomStream, sizeOf } from '@vflair/core/tensor';
import {
  saveTokenizer,
  type TokenizerJson,
  trainByteLevelBpe,
  trainWordPiece,
  writeSafetensors,
} from '@vflair/models';
import bert from '../../../packages/models/src/families/bert.js';
import gpt2 from '../../../packages/models/src/families/gpt2.js';

const subjects = ['the buyer', 'our lawyer', 'a nurse', 'the driver', 'my sister', 'the clerk'];
const verbs = ['paid', 'called', 'met', 'warned', 'thanked'];
const objects = ['the bank', 'a doctor', 'the shop', 'his old friend', 'the new office'];

/** A sentence and its class: 1 where somebody was paid or thanked. */
function sentence(i: number): readonly [string, number] {
  const verb = verbs[i % verbs.length] ?? '';
  const text = `${subjects[i % subjects.length]} ${verb} ${objects[(i * 3 + (i >> 3)) % objects.length]} on day ${i % 31}`;
  return [text, verb === 'paid' || verb === 'thanked' ? 1 : 0];
}

const sentences = Array.from({ length: 64 }, (_, i) => sentence(i));

/** The rows of {@link writeTinyFolder}, one `text<tab>label` per line. */
export const rowsText = sentences.map(([text, label]) => `${text}\t${label}\n`).join('');

interface Checkpoint {
  readonly spec: ModelSpec;
  readonly config: object;
  readonly tokenizer: TokenizerJson;
}

function bertCheckpoint(texts: readonly string[]): Checkpoint {
  const tokenizer = trainWordPiece(texts, 160, true);
  const config = {
    model_type: 'bert',
    vocab_size: vocabularyOf(tokenizer),
    hidden_size: 32,
    num_hidden_layers: 3,
    num_attention_heads: 2,
    intermediate_size: 64,
    max_position_embeddings: 32,
    type_vocab_size: 2,
    pad_token_id: 0,
  };
  return { spec: bert.read(config, 'mlm'), config, tokenizer };
}

function gpt2Checkpoint(texts: readonly string[]): Checkpoint {
  const tokenizer = trainByteLevelBpe(texts, 300);
  const config = {
    model_type: 'gpt2',
    vocab_size: vocabularyOf(tokenizer),
    n_embd: 32,
    n_layer: 3,
    n_head: 2,
    n_positions: 32,
    pad_token_id: 0,
    bos_token_id: 1,
    eos_token_id: 1,
  };
  return { spec: gpt2.read(config, 'lm'), config, tokenizer };
}

/** Norms one, biases zero, the rest N(0, 0.2²). */
function randomWeights(spec: ModelSpec): Map<string, FloatTensor> {
  return new Map(
    spec.parameters.map(({ key, shape, init }) => {
      const stream = randomStream(`tests/e2e/${key}`);
      const value = { ones: () => 1, zeros: () => 0, normal: () => 0.2 * stream.normal() }[init];
      return [key, floatTensor(shape, Float32Array.from({ length: sizeOf(shape) }, value))];
    }),
  );
}

const vocabularyOf = ({ model }: TokenizerJson): number =>
  Object.keys((model.vocab ?? {}) as object).length;

function writeCheckpoint(folder: string, { spec, config, tokenizer }: Checkpoint): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
  saveTokenizer(folder, tokenizer, 32);
  writeSafetensors(path.join(folder, 'model.safetensors'), randomWeights(spec));
}

/** `bert/` and `gpt2/` (3 blocks of width 32, random weights), `rows.tsv` and {@link pipelineText} as `plain.vflair`. */
export function writeTinyFolder(folder: string): void {
  const texts = sentences.map(([text]) => text);
  writeCheckpoint(path.join(folder, 'bert'), bertCheckpoint(texts));
  writeCheckpoint(path.join(folder, 'gpt2'), gpt2Checkpoint(texts));
  writeFileSync(path.join(folder, 'rows.tsv'), rowsText);
  writeFileSync(path.join(folder, 'plain.vflair'), pipelineText());
}

/** What a test changes of {@link pipelineText}. */
export interface Changes {
  readonly name?: string;
  readonly model?: string;
  readonly data?: string;
  readonly labels?: number;
  readonly device?: string;
  readonly finetune?: string;
  readonly defense?: string;
  readonly attacks?: string;
}

/** A pipeline that trains on 16 rows of `rows.tsv` and is attacked once, for one or two seconds. */
export function pipelineText(changes: Changes = {}): string {
  const {
    name = 'plain',
    model = './bert',
    data = '"./rows.tsv" { train 16, test 16, max-length 16 }',
    labels = 2,
    device = 'cpu',
    finetune = 'rank 2, alpha 4, epochs 1, batch 8, learning-rate 1e-3, slices [body, tail]',
    defense = '',
    attacks = 'attack curious with vmi { steps 5 } on test { samples 4 }',
  } = changes;
  return `pipeline ${name} {
  seed 7
  model "${model}"
  data ${data}
  task classification { labels ${labels} }
  party client {
    holds data, labels
    slice head = embed .. block 0
    slice tail = block 2 .. output
  }
  party server on ${device} { slice body = block 1 .. block 1 }
  finetune lora { ${finetune} }
  ${defense}
  adversary curious at server {
    knows architecture, tokenizer, pretrained head
    sees activations, gradients
  }
  ${attacks}
}
`;
}
