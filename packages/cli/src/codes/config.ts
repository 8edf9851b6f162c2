import type { CodeTable } from '@vflair/dsl';

const folder = (...files: readonly string[]): string =>
  ['weights/', ...files.map((file) => `  ${file}`)].join('\n');

const tokenizer = (model: string): string =>
  [
    '{',
    '  "version": "1.0",',
    '  "added_tokens": [],',
    '  "normalizer": null,',
    '  "pre_tokenizer": null,',
    '  "post_processor": null,',
    '  "decoder": null,',
    `  "model": { ${model} }`,
    '}',
  ].join('\n');

/** VF520 to VF523 and VF530 to VF536: config.json, and whether a family computes what it says. */
export const configCodes: CodeTable = {
  VF520: {
    title: 'a model folder without config.json',
    explanation: 'It says of which family a model is and how large: copy it, too.',
    language: 'text',
    wrong: folder('model.safetensors', 'tokenizer.json'),
    right: folder('config.json', 'model.safetensors', 'tokenizer.json'),
  },
  VF521: {
    title: 'a config.json that can’t be read',
    explanation: 'It is one JSON object. The message says where reading it ended.',
    language: 'json',
    wrong: '{ "model_type": "gpt2", "n_layer": 4, }',
    right: '{ "model_type": "gpt2", "n_layer": 4 }',
  },
  VF522: {
    title: 'a config.json without `model_type`',
    explanation: '`model_type` names the family. Configs of before it was common lack it.',
    language: 'json',
    wrong: '{ "n_layer": 4 }',
    right: '{ "model_type": "gpt2", "n_layer": 4 }',
  },
  VF523: {
    title: 'a config.json that contradicts itself',
    explanation:
      'Two names of one size have different values, or the width is not a multiple of the number of heads. Usually a file was edited by hand or put together from two models.',
    language: 'json',
    wrong: '{ "model_type": "gpt2", "n_embd": 100, "n_head": 12 }',
    right: '{ "model_type": "gpt2", "n_embd": 96, "n_head": 12 }',
  },
  VF530: {
    title: 'a size in config.json that is missing or no such number',
    explanation:
      'The family needs this entry to build the model, and it is absent or of another kind: sizes are whole numbers.',
    language: 'json',
    wrong: '{ "n_layer": "4" }',
    right: '{ "n_layer": 4 }',
  },
  VF531: {
    title: 'an activation function that is not known',
    explanation: 'Names are those of transformers; the hint lists the ones that are computed.',
    language: 'json',
    wrong: '{ "activation_function": "gelu_neu" }',
    right: '{ "activation_function": "gelu_new" }',
  },
  VF532: {
    title: 'an option in config.json that the family does not compute',
    explanation:
      'The option changes the mathematics, and this family has only the variants in the hint. The model is refused, as it would give other numbers than its own.',
    language: 'json',
    wrong: '{ "add_cross_attention": true }',
    right: '{ "add_cross_attention": false }',
  },
  VF533: {
    title: 'a model that the parties of a pipeline can’t run',
    explanation:
      'Parties send each other one stream of hidden states and predict each token from those before it. A model with an encoder and a decoder has two streams, and a language model that looks both ways predicts something else. `vflair trace` computes them, whole and cut.',
    language: 'json',
    wrong: '{ "model_type": "t5" }',
    right: '{ "model_type": "bert" }',
  },
  VF534: {
    title: 'a tensor of another shape than config.json implies',
    explanation: 'Weights and config.json are not of one model, or the vocabulary was enlarged.',
    language: 'text',
    wrong: 'wte.weight is [50257, 768], "vocab_size" is 50000',
    right: 'wte.weight is [50257, 768], "vocab_size" is 50257',
  },
  VF535: {
    title: 'a checkpoint that lacks parameters of the model',
    explanation:
      'Only the head of a task may be missing: it is drawn afresh and trained. Everything else has to be there, under the name the family gives it; the hint shows the nearest names in the file.',
    language: 'text',
    wrong: 'the file has model.h.0.ln_1.weight',
    right: 'the file has transformer.h.0.ln_1.weight or h.0.ln_1.weight',
  },
  VF536: {
    title: 'a model or a head that no installed family computes',
    explanation:
      '`vflair list families` shows what is installed. A family may lack a head: encoders do not generate, decoders fill no gaps.',
    language: 'json',
    wrong: '{ "model_type": "gpt-2" }',
    right: '{ "model_type": "gpt2" }',
  },
};

/** VF525 to VF528: tokenizer.json and chat templates. */
export const tokenizerCodes: CodeTable = {
  VF525: {
    title: 'a model folder without tokenizer.json',
    explanation:
      'Only the format of the tokenizers library is read. transformers writes it: `AutoTokenizer.from_pretrained(…).save_pretrained(…)`.',
    language: 'text',
    wrong: folder('config.json', 'model.safetensors', 'vocab.txt'),
    right: folder('config.json', 'model.safetensors', 'tokenizer.json'),
  },
  VF526: {
    title: 'a tokenizer.json that can’t be used',
    explanation:
      'It can’t be read, has a part that is not supported, or gives a text no tokens: its vocabulary lacks a piece and it names no unknown token. Take the file the model was trained with, as the library writes it.',
    language: 'json',
    wrong: tokenizer('"type": "WordPiece", "vocab": { "[UNK]": 0 }'),
    right: tokenizer('"type": "WordPiece", "vocab": { "[UNK]": 0 }, "unk_token": "[UNK]"'),
  },
  VF527: {
    title: 'a tokenizer with another vocabulary than the model',
    explanation:
      'An error where the tokenizer has tokens the embedding has no row for. A warning where the embedding is larger by more than a quarter: it may be padded, but the tokenizer is probably another model’s.',
    language: 'text',
    wrong: 'tokenizer.json of 50257 tokens, an embedding of 30522',
    right: 'tokenizer.json of 30522 tokens, an embedding of 30522',
  },
  VF528: {
    title: 'a chat template that fails',
    explanation:
      'Models for conversations bring a template in Jinja, in chat_template.jinja, tokenizer_config.json or their GGUF file. This one can’t be parsed, uses something unknown, or refuses the conversation; the message has its own words. Without the template a prompt can be given as it is.',
    language: 'json',
    wrong: '{ "chat_template": "{% for message in messages %}{{ message.content }}" }',
    right: '{ "chat_template": "{% for message in messages %}{{ message.content }}{% endfor %}" }',
  },
};

/** VF537 to VF539: PEFT adapters. */
export const adapterCodes: CodeTable = {
  VF537: {
    title: 'an adapter that is not computed here',
    explanation:
      'Its adapter_config.json is missing, can’t be read, is not LoRA, or sets an option that changes the mathematics in a way this version does not know. Merging the adapter into its model with PEFT always works. With `--steps`, `lora_dropout` has to be 0 so that the steps can be compared.',
    language: 'json',
    wrong: '{ "peft_type": "LORA", "r": 8, "use_dora": true }',
    right: '{ "peft_type": "LORA", "r": 8, "use_dora": false }',
  },
  VF538: {
    title: 'an adapter for another model',
    explanation: 'One of its tensors sits on a weight that this model does not have.',
    language: 'sh',
    wrong: 'vflair trace --model bert --adapter lora-for-gpt2 …',
    right: 'vflair trace --model gpt2 --adapter lora-for-gpt2 …',
  },
  VF539: {
    title: 'an adapter that contradicts itself or does not fit the model',
    explanation:
      'A tensor has another rank than adapter_config.json says, another shape than the weight it sits on, or `target_modules` leaves its module out.',
    language: 'text',
    wrong: '"r": 4 in adapter_config.json, c_attn.lora_A.weight is [8, 768]',
    right: '"r": 8 in adapter_config.json, c_attn.lora_A.weight is [8, 768]',
  },
};
