import type { CodeTable } from './page.js';

const server = (knows: string, sees = 'activations'): string =>
  `adversary curious at server {\n  knows ${knows}\n  sees ${sees}\n}`;

/** VF2xx: a name that nothing has. */
export const nameCodes: CodeTable = {
  VF201: {
    title: 'an unknown party',
    explanation: 'An adversary sits at a party of its pipeline.',
    wrong: 'adversary curious at sever {\n  sees activations\n}',
    right: 'adversary curious at server {\n  sees activations\n}',
  },
  VF202: {
    title: 'an unknown slice',
    explanation: 'Slices are named in the parties that own them: `slice head = embed .. block 2`.',
    wrong: 'defend had -> body with clip { norm 10 }',
    right: 'defend head -> body with clip { norm 10 }',
  },
  VF203: {
    title: 'an unknown attack or defense',
    explanation:
      '`vflair list attacks` and `vflair list defenses` say what is installed. A defense can’t attack, and an attack can’t defend.',
    wrong: 'defend head -> body with clipp { norm 10 }',
    right: 'defend head -> body with clip { norm 10 }',
  },
  VF204: {
    title: 'an unknown model',
    explanation:
      'A model is an id of the catalog (`vflair list models`), a folder with a config.json (`"./folder"`), a GGUF file (`"./file.gguf"`) or a hub name (`"hf:org/name"`).',
    wrong: 'model "tiny-gtp2"',
    right: 'model "tiny-gpt2"',
  },
  VF205: {
    title: 'an unknown dataset',
    explanation:
      'Data is an id of the catalog (`vflair list datasets`), a `.tsv` or `.csv` file that begins with `./` or `../`, or a hub name.',
    wrong: 'data "sst3"',
    right: 'data "sst2"',
  },
  VF206: {
    title: 'an unknown task',
    explanation: '`vflair list tasks` says what there is.',
    wrong: 'task clasification { labels 2 }',
    right: 'task classification { labels 2 }',
  },
  VF207: {
    title: 'something that can’t be held, known or seen',
    explanation:
      'A party holds `data` and `labels`. An adversary knows `architecture`, `tokenizer`, `embedding`, `pretrained head`, `pretrained body`, `pretrained tail`, `exact head`, `exact tail` and `defense`, and sees `activations`, `gradients` and `responses`.',
    wrong: server('pretraind head'),
    right: server('pretrained head'),
  },
  VF208: {
    title: 'an unknown adversary',
    explanation: 'An attack is made by an adversary of its pipeline.',
    wrong: `${server('pretrained head')}\nattack curios with vmi`,
    right: `${server('pretrained head')}\nattack curious with vmi`,
  },
  VF209: {
    title: 'an unknown pipeline',
    explanation: '`extends` names a pipeline of the same file or of an imported one.',
    wrong: 'pipeline defended extends plane {\n}',
    right: 'pipeline defended extends base {\n}',
  },
  VF210: {
    title: 'a bare word that nothing has',
    explanation:
      'A bare word is a `let`, an id of the catalog or a word the field knows by itself. A text stands in quotes.',
    wrong: 'data "sst2" { test-file more }',
    right: 'data "sst2" { test-file "./more.tsv" }',
  },
  VF211: {
    title: 'one name for two things, or a statement twice',
    explanation:
      'Pipelines, `let`s, parties, slices and adversaries have names of their own, and `seed`, `model`, `data`, `task`, `finetune` or `infer`, `measure` and the defense of one link stand once in a pipeline.',
    wrong: 'seed 60\nseed 61',
    right: 'seed 60',
  },
  VF212: {
    title: 'a file that is not there',
    explanation:
      'Paths that begin with `./` or `../` are relative to the file they are written in; values of `--set` are relative to the current folder.',
    wrong: 'data "./row.tsv"',
    right: 'data "./rows.tsv"',
  },
  VF213: {
    title: 'something that leads back to itself',
    explanation: 'An `import`, an `extends` or a `let` must come to an end.',
    wrong: 'let a = b\nlet b = a',
    right: 'let a = 1\nlet b = a',
  },
  VF214: {
    title: '`--set` of a name that no `let` has',
    explanation: '`--set name=value` overrides a `let` of the file or of one it imports.',
    wrong: '// vflair run example.vflair --set rows=100\nlet row = 50',
    right: '// vflair run example.vflair --set rows=100\nlet rows = 50',
  },
  VF215: {
    title: 'an unknown split',
    explanation: 'Attacks work on rows of `train`, `test` or `generate`.',
    wrong: `${server('pretrained head')}\nattack curious with vmi on tests`,
    right: `${server('pretrained head')}\nattack curious with vmi on test`,
  },
  VF216: {
    title: 'something that can’t be measured',
    explanation:
      '`measure` names `task`, `recovery`, `labels`, `privacy`, `bytes`, `timing`, `dcs`, `t-dcs`, `c-dcs`, `adjusted-dcs` or a single metric such as `accuracy`.',
    wrong: 'measure task, acuracy',
    right: 'measure task, accuracy',
  },
  VF217: {
    title: 'an unknown way of training',
    explanation:
      'A model is trained by `finetune lora` or `finetune full`, or used as it is: `infer`.',
    wrong: 'finetune lorra { rank 4 }',
    right: 'finetune lora { rank 4 }',
  },
  VF218: {
    title: 'an unknown device',
    explanation:
      'Devices are `auto`, `cpu`, `cuda`, `webgpu`, `dml`, `coreml` and `tensorrt`, with a number behind a colon where there are several. Whether a device is there is found out when it runs.',
    wrong: 'party server on gpu {\n  slice body = block 1 .. block 2\n}',
    right: 'party server on cuda:0 {\n  slice body = block 1 .. block 2\n}',
  },
  VF219: {
    title: 'a model whose configuration can’t be used',
    explanation:
      'A model folder has a config.json whose `model_type` names an installed family, and which says how many blocks there are. A hub model has to be on this machine.',
    wrong: 'model "./rows"',
    right: 'model "./weights"',
  },
};
