import type { CodeTable } from './page.js';

const adversary = (...lines: readonly string[]): string =>
  ['adversary curious at server {', ...lines.map((line) => `  ${line}`), '}'].join('\n');
const client = (...lines: readonly string[]): string =>
  ['party client {', ...lines.map((line) => `  ${line}`), '}'].join('\n');
const server = (...lines: readonly string[]): string =>
  ['party server {', ...lines.map((line) => `  ${line}`), '}'].join('\n');
const headTail = [
  client('holds data, labels', 'slice head = embed .. block 1'),
  server('slice tail = block 2 .. output'),
].join('\n');

/** VF301 to VF312: what is there, and where. */
export const placeCodes: CodeTable = {
  VF301: {
    title: 'a statement without which there is nothing to run',
    explanation:
      'A pipeline says its `model`, `data` and `task`, its parties, and `finetune` or `infer`, itself or by `extends`.',
    wrong: 'pipeline example {\n  model "tiny-gpt2"\n}',
    right: 'pipeline example extends base {\n  model "tiny-gpt2"\n}',
  },
  VF302: {
    title: 'an attack needs what its adversary was not granted',
    explanation:
      'An attack sees what its adversary is granted, and nothing else. `sees` grants messages, `knows` grants parts of the model, `auxiliary` grants public rows. A party always knows the slices it owns.',
    wrong: `${adversary('sees activations')}\nattack curious with norm-scoring`,
    right: `${adversary('sees activations, gradients')}\nattack curious with norm-scoring`,
  },
  VF303: {
    title: 'a part of the model that no slice has',
    explanation: 'The slices, one after the other, are the whole model: from `embed` to `output`.',
    wrong: server('slice body = block 2 .. block 2'),
    right: server('slice body = block 1 .. block 2'),
  },
  VF304: {
    title: 'a part of the model that two slices have',
    explanation: 'Both ends of a slice belong to it, so the next slice begins one block later.',
    wrong: server('slice body = block 0 .. block 2'),
    right: server('slice body = block 1 .. block 2'),
  },
  VF305: {
    title: 'a block the model does not have',
    explanation: 'Blocks are counted from 0: a model of 12 blocks has `block 0` to `block 11`.',
    wrong: client(
      'holds data, labels',
      'slice head = embed .. block 0',
      'slice tail = block 3 .. block 4',
    ),
    right: client(
      'holds data, labels',
      'slice head = embed .. block 0',
      'slice tail = block 3 .. output',
    ),
  },
  VF306: {
    title: 'a slice that ends before it begins',
    explanation: 'A slice goes from the side of the embedding to the side of the output.',
    wrong: server('slice body = block 2 .. block 1'),
    right: server('slice body = block 1 .. block 2'),
  },
  VF307: {
    title: 'data that is not where it goes in',
    explanation:
      'One party holds the data, and it owns the slice that begins with `embed`: text and ids never cross.',
    wrong: [
      client('holds labels', 'slice head = embed .. block 0', 'slice tail = block 3 .. output'),
      server('holds data', 'slice body = block 1 .. block 2'),
    ].join('\n'),
    right: [
      client(
        'holds data, labels',
        'slice head = embed .. block 0',
        'slice tail = block 3 .. output',
      ),
      server('slice body = block 1 .. block 2'),
    ].join('\n'),
  },
  VF308: {
    title: 'labels that are not where the loss is',
    explanation:
      'One party holds the labels, and it owns the output, or the embedding as in head-tail: labels never cross.',
    wrong: [
      client('holds data', 'slice head = embed .. block 0', 'slice tail = block 3 .. output'),
      server('holds labels', 'slice body = block 1 .. block 2'),
    ].join('\n'),
    right: [
      client(
        'holds data, labels',
        'slice head = embed .. block 0',
        'slice tail = block 3 .. output',
      ),
      server('slice body = block 1 .. block 2'),
    ].join('\n'),
  },
  VF309: {
    title: 'a model that one party has to itself',
    explanation: 'Where nothing crosses there is nothing to defend or to attack.',
    wrong: [
      client(
        'holds data, labels',
        'slice head = embed .. block 2',
        'slice tail = block 3 .. output',
      ),
      'party server {\n}',
    ].join('\n'),
    right: headTail,
  },
  VF310: {
    title: 'in head-tail, a defense at the model party',
    explanation:
      'In head-tail the last slice, with the output, is at the model party. What is sent from there is sent by the one to be defended against.',
    wrong: `${headTail}\ndefend tail -> head with sparsify`,
    right: `${headTail}\ndefend head -> tail with sparsify`,
  },
  VF311: {
    title: 'a defense at a point it does not support',
    explanation:
      'Towards the output an activation is sent (`forward-out`), towards the input a gradient (`backward-out`). `vflair show defense ID` says where a defense works.',
    wrong: 'defend tail -> body with dp { epsilon 8 }',
    right: 'defend head -> body with dp { epsilon 8 }',
  },
  VF312: {
    title: 'a defense where nothing is sent',
    explanation:
      'Messages pass between slices that follow each other and have different owners; gradients pass only in training.',
    wrong: 'defend head -> tail with sparsify',
    right: 'defend head -> body with sparsify',
  },
};

/** VF313 to VF327: what fits together, and who may know what. */
export const threatCodes: CodeTable = {
  VF313: {
    title: 'a chain whose links can’t follow each other',
    explanation:
      'Defenses work in the order in which a value passes: on the text, in the embedding, on what is sent, on what comes back, on the answer. An attack goes on from what the one before it guessed, so both guess the same kind of thing.',
    wrong: 'defend head -> body with sparsify |> santext',
    right: 'defend head -> body with santext |> sparsify',
  },
  VF314: {
    title: 'a plugin for another cut of the model',
    explanation:
      'Some attacks and defenses make sense only in head-tail, where the model party has the output, or only in head-body-tail.',
    wrong: `${adversary('sees gradients')}\nattack curious with direct-label`,
    right: `${adversary('sees gradients')}\nattack curious with norm-scoring`,
  },
  VF315: {
    title: 'an attack or a task for another kind of model',
    explanation:
      'Some attacks need a decoder, whose positions look back only, or an encoder. A task needs a head that the model’s family has.',
    wrong: `model "tiny-bert"\n${adversary('knows exact head', 'sees activations')}\nattack curious with causal-inversion`,
    right: `model "tiny-gpt2"\n${adversary('knows exact head', 'sees activations')}\nattack curious with causal-inversion`,
  },
  VF316: {
    title: 'something private among what an adversary is granted',
    explanation:
      'Labels, ids, text and truth stay at the party that holds them. An attack may guess them; it is never given them.',
    wrong: adversary('knows labels', 'sees activations'),
    right: adversary('knows tokenizer', 'sees activations'),
  },
  VF317: {
    title: 'an adversary sees what is never sent',
    explanation:
      'Gradients pass in training. Responses pass in head-tail, and where text is generated.',
    wrong: adversary('sees activations, responses'),
    right: adversary('sees activations'),
  },
  VF318: {
    title: 'auxiliary rows that are the victim’s',
    explanation:
      'An adversary’s rows are public rows of the same kind. Rows of one file or dataset overlap the victim’s.',
    wrong: adversary('sees activations', 'auxiliary "sst2" { rows 300 }'),
    right: adversary('sees activations', 'auxiliary "public-reviews" { rows 300 }'),
  },
  VF319: {
    title: 'one file to train and to test on',
    explanation:
      'A warning. Figures on rows that were trained on say how well they are remembered, not how well the task is done.',
    wrong: 'data "./rows.tsv" { test-file "./rows.tsv", columns { text 1, label 2 } }',
    right: 'data "./rows.tsv" { test-file "./more.tsv", columns { text 1, label 2 } }',
  },
  VF320: {
    title: 'the pretrained tail, where the classifier in it is new',
    explanation:
      'A warning. When labels are learned, the last layer is drawn from the seed at the data party and trained there; what the tail was before knows nothing of it.',
    wrong: adversary('knows pretrained tail', 'sees activations'),
    right: adversary('knows exact tail', 'sees activations'),
  },
  VF321: {
    title: 'an adversary at the party that holds what it is after',
    explanation: 'A party needs no attack to learn its own data or labels.',
    wrong:
      'adversary curious at client {\n  knows exact head\n  sees activations\n}\nattack curious with vmi',
    right:
      'adversary curious at server {\n  knows exact head\n  sees activations\n}\nattack curious with vmi',
  },
  VF322: {
    title: 'an attack on rows that never pass, or pass without what it needs',
    explanation:
      'Rows of `train` pass only in training, those of `generate` only where the task generates, and gradients only on `train`.',
    wrong: `${adversary('sees gradients')}\nattack curious with norm-scoring on test`,
    right: `${adversary('sees gradients')}\nattack curious with norm-scoring on train`,
  },
  VF323: {
    title: 'an attack on labels where there are none',
    explanation: 'Some tasks learn from the text alone; there are no labels to guess.',
    wrong: `task next-word\n${adversary('sees gradients')}\nattack curious with norm-scoring`,
    right: `task classification { labels 2 }\n${adversary('sees gradients')}\nattack curious with norm-scoring`,
  },
  VF324: {
    title: 'training for a task that has no loss',
    explanation: 'Some tasks only use a model; there is nothing to train for.',
    wrong: 'task generation\nfinetune lora',
    right: 'task generation\ninfer',
  },
  VF325: {
    title: 'another number of labels than the data has',
    explanation: 'The classes of a dataset of the catalog are known before anything is read.',
    wrong: 'task classification { labels 3 }',
    right: 'task classification { labels 2 }',
  },
  VF326: {
    title: 'some columns by name and some by number',
    explanation:
      'Columns by name need a first line that names them; columns by number, from 1, mean there is none.',
    wrong: 'data "./rows.tsv" { columns { text "sentence", label 2 } }',
    right: 'data "./rows.tsv" { columns { text "sentence", label "class" } }',
  },
  VF327: {
    title: 'rounded weights that training would have to change',
    explanation:
      '`quantize` stores the weights of a slice in 4 or 8 bits, which no step of an optimiser could change. `finetune lora` leaves them as they are and trains small adapters beside them.',
    wrong: `${server('slice body = block 1 .. block 2 { quantize 4 }')}\nfinetune full`,
    right: `${server('slice body = block 1 .. block 2 { quantize 4 }')}\nfinetune lora`,
  },
};
