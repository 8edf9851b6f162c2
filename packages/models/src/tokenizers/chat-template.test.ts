import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Findings } from '@vflair/core/text';
import { expect, onTestFinished, test } from 'vitest';
import { encodeGguf } from '../testing/encode-gguf.js';
import { sharedCase } from '../testing/shared-folder.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { type ChatMessage, loadChatTemplate } from './chat-template.js';
import { loadTokenizer } from './load-tokenizer.js';
import { createTokenizer } from './tokenizer.js';
import { specialToken } from './tokenizer-json.js';

const name = 'smollm2-135m-instruct';
const golden = `golden/models/${name}/chat-template.json`;
const recorded = sharedCase('conversations are written down and encoded as recorded', [
  golden,
  `models/${name}/tokenizer_config.json`,
]);

interface Recorded {
  readonly messages: readonly ChatMessage[];
  readonly addGenerationPrompt: boolean;
  readonly text: string;
  readonly ids: readonly number[];
}

/** The recorded conversations, and what a folder or file makes of them. */
function conversations(model: string) {
  const { cases }: { readonly cases: readonly Recorded[] } = JSON.parse(
    readFileSync(join(recorded.folder, golden), 'utf8'),
  );
  const tokenizer = loadTokenizer(model);
  const template = loadChatTemplate(model, tokenizer);
  const found = cases.map(({ messages, addGenerationPrompt }) => {
    const text = template?.render(messages, { addGenerationPrompt }) ?? '';
    return { text, ids: tokenizer.encode(text, { addSpecial: false }).ids };
  });
  return { found, told: cases.map(({ text, ids }) => ({ text, ids })) };
}

test.skipIf(recorded.isAbsent)(recorded.title, () => {
  const { found, told } = conversations(join(recorded.folder, 'models', name));
  expect(told).toHaveLength(16);
  expect(found).toEqual(told);
});

const packed = `models/${name}/SmolLM2-135M-Instruct.Q4_1.gguf`;
const file = sharedCase('the template a GGUF file carries gives the same', [golden, packed]);
test.skipIf(file.isAbsent)(file.title, () => {
  const { found, told } = conversations(join(file.folder, packed));
  expect(found).toEqual(told);
});

const tokenizer = createTokenizer(
  {
    ...{ added_tokens: [specialToken('<s>', 1), specialToken('</s>', 2)], normalizer: null },
    ...{ pre_tokenizer: null, post_processor: null, decoder: null },
    model: { type: 'BPE', vocab: { a: 0, '<s>': 1, '</s>': 2 }, merges: [] },
  },
  { bos_token: '<s>', eos_token: { content: '</s>' } },
);
const hello = [{ role: 'user', content: 'hello' }];

function rendered(files: { readonly [name: string]: string | Uint8Array }): string | undefined {
  const folder = temporaryFolder(onTestFinished);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return loadChatTemplate(folder, tokenizer)?.render(hello);
}

const config = (template: unknown): string => JSON.stringify({ chat_template: template });

test('chat_template.jinja comes before tokenizer_config.json, and that before a GGUF file', () => {
  const gguf = encodeGguf(new Map([['tokenizer.chat_template', 'packed']]), new Map());
  expect(rendered({ 'a.gguf': gguf })).toBe('packed');
  expect(rendered({ 'a.gguf': gguf, 'tokenizer_config.json': config('config') })).toBe('config');
  const own = { 'chat_template.jinja': 'own', 'tokenizer_config.json': config('config') };
  expect(rendered(own)).toBe('own');
});

test('a folder without a template has none', () => {
  expect(rendered({})).toBeUndefined();
  expect(rendered({ 'tokenizer_config.json': '{}' })).toBeUndefined();
  expect(rendered({ 'a.gguf': encodeGguf(new Map(), new Map()) })).toBeUndefined();
});

test('of several named templates the default one is taken', () => {
  const named = [
    { name: 'tool_use', template: 'tools' },
    { name: 'default', template: 'default' },
  ];
  expect(rendered({ 'tokenizer_config.json': config(named) })).toBe('default');
});

test('special tokens are variables, and blocks take the line end and the blanks around them', () => {
  const template = [
    '{{ bos_token }}{% for m in messages %}',
    '  {% if not add_generation_prompt and not tools %}',
    '{{ m.role }}: {{ m.content | trim }}{{ eos_token }}',
    '  {% endif %}',
    '{% endfor %}',
  ].join('\n');
  expect(rendered({ 'chat_template.jinja': template })).toBe('<s>user: hello</s>\n');
});

test.each([
  ['can’t be parsed', '{% for m in messages %}'],
  ['refuses', "{{ raise_exception('roles must alternate') }}"],
  ['uses something unknown', '{{ nothing() }}'],
])('a template that %s is VF528 and names its file', (_, template) => {
  try {
    rendered({ 'chat_template.jinja': template });
    expect.unreachable();
  } catch (error) {
    const [first] = error instanceof Findings ? error.diagnostics : [];
    expect(first?.code).toBe('VF528');
    expect(first?.message).toContain('chat_template.jinja');
    if (template.includes('alternate')) expect(first?.message).toContain('roles must alternate');
  }
});

test('named templates without a default one are VF528', () => {
  const named = [{ name: 'tool_use', template: 'tools' }];
  expect(() => rendered({ 'tokenizer_config.json': config(named) })).toThrow('VF528');
});
