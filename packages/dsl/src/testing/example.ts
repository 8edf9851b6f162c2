import type { Diagnostic } from '@vflair/core/text';
import { compile } from '../compile.js';
import { testCatalog } from './catalog.js';
import { filesOf } from './files.js';

const base = `pipeline base {
  model "tiny-gpt2"
  data "sst2" { train 200, test 100 }
  task classification { labels 2 }
  party client {
    holds data, labels
    slice head = embed .. block 0
    slice tail = block 3 .. output
  }
  party server {
    slice body = block 1 .. block 2
  }
  finetune lora
}
`;

const files = filesOf({
  './rows.tsv': '',
  './more.tsv': '',
  './new/rows.tsv': '',
  './weights/config.json': '{"model_type":"gpt2","n_layer":4}',
  './rows/config.json': '{"model_type":"unheard-of"}',
});

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** A whole file around an example: file-level lines stay as they are, statements go into a pipeline. */
export function textAround(example: string): string {
  const isFile = /^(?:let|pipeline|\/\/)/.test(example);
  const own = isFile ? `${example}\n` : `pipeline example extends base {\n${indent(example)}\n}\n`;
  return `${base}\n${own}`;
}

/** What is found in an example. */
export function findingsIn(
  example: string,
  set: ReadonlyMap<string, string>,
): readonly Diagnostic[] {
  const source = { name: 'example.vflair', text: textAround(example) };
  return compile({ source, catalog: testCatalog, files, set }).diagnostics;
}
