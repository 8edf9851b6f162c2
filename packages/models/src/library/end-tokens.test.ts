import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Findings } from '@vflair/core/text';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { endTokens } from './end-tokens.js';

const specialIds = new Set([5, 7]);

/** A folder with this generation_config.json. */
function folderWith(text: string): string {
  const folder = temporaryFolder(onTestFinished);
  writeFileSync(path.join(folder, 'generation_config.json'), text);
  return folder;
}

test('generation_config.json names the tokens that end an answer, one or several', () => {
  const config = { eos_token_id: 1 };
  expect(endTokens(folderWith('{"eos_token_id": 2}'), config, { eosId: 7, specialIds })).toEqual([
    2,
  ]);
  const several = folderWith('{"eos_token_id": [2, 3]}');
  expect(endTokens(several, config, { eosId: 7, specialIds })).toEqual([2, 3]);
});

test('without it config.json does, else the tokenizer, else every special token ends an answer', () => {
  const folder = folderWith('{}');
  expect(endTokens(folder, { eos_token_id: [1, 4] }, { eosId: 7, specialIds })).toEqual([1, 4]);
  expect(endTokens(folder, { eos_token_id: null }, { eosId: 7, specialIds })).toEqual([7]);
  expect(endTokens(folder, {}, { specialIds })).toEqual([5, 7]);
});

test('a generation_config.json that is no JSON is VF521', () => {
  expect(() => endTokens(folderWith('{'), {}, { specialIds })).toThrow(Findings);
});
