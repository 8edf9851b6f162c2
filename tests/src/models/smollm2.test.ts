import { readFileSync } from 'node:fs';
import { asFloat, asInt, indexOfLargest } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { generate } from '../../../packages/models/src/trace/generate.js';
import {
  decided,
  inputsOf,
  isFull,
  logitsAt,
  promptsOf,
  surprise,
  testModel,
  worstGap,
} from './real-model.js';

interface Reference {
  readonly logits: readonly {
    readonly ids: readonly number[];
    readonly last: string;
    readonly top20: readonly {
      readonly position: number;
      readonly ids: readonly number[];
      readonly values: readonly number[];
    }[];
  }[];
  readonly hidden: {
    readonly ids: readonly number[];
    readonly tensors: { readonly [level: string]: string };
  };
  readonly greedy: readonly {
    readonly promptIds: readonly number[];
    readonly ids: readonly number[];
    readonly margins: readonly number[];
  }[];
}

interface Lambada {
  readonly file: string;
  readonly perplexity: { readonly rows: readonly { row: number; tokens: number; nll: number }[] };
  readonly lastWord: {
    readonly rows: readonly {
      readonly row: number;
      readonly targetIds: readonly number[];
      readonly greedyIds: readonly number[];
      readonly targetNll: number;
      readonly correct: boolean;
    }[];
  };
}

// Tolerances as recorded beside the numbers.
const ofLogits = 2e-3;
const name = 'smollm2-135m-instruct';

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

testModel<Reference>(name, ({ reference, tensor, tokenizer, file, open }) => {
  // Opening it takes a second: the tests share the model in one piece, and the cut one.
  const whole = once(() => open('lm'));
  const cut = once(() => open('lm', { cuts: [2, 28] }));

  test('logits at every position, the twenty largest and those of the last position', async () => {
    const model = await whole();
    for (const { ids, last, top20 } of reference.logits) {
      const { logits } = await model.forward(inputsOf(model, [ids]));
      expect(top20).toHaveLength(ids.length);
      for (const { position, ids: tokens, values } of top20) {
        const row = logitsAt(logits, position);
        const found = tokens.map((token) => present(row[token], `logit ${token}`));
        expect(worstGap(found, values)).toBeLessThan(ofLogits);
        expect(indexOfLargest(row)).toBe(tokens[0]);
      }
      const final = logitsAt(logits, ids.length - 1);
      expect(worstGap(final, tensor(last).data)).toBeLessThan(ofLogits);
    }
  });

  test('hidden states, cut into head, body and tail as in the examples', async () => {
    const { ids, tensors } = reference.hidden;
    const model = await cut();
    const { streams } = await model.forward(inputsOf(model, [ids]));
    expect(Object.keys(tensors)).toHaveLength(6);
    for (const [level, key] of Object.entries(tensors)) {
      const found = level === 'norm' ? 'hidden.final' : `hidden.${level.slice(1)}`;
      const { data } = asFloat(present(streams[found], found));
      // The first position has activations up to 2.2e4 in the middle blocks.
      expect(worstGap(data, tensor(key).data, 1e-5), level).toBeLessThan(2e-3);
    }
  });

  test('greedy continuation of four prompts in one batch, cut', async () => {
    const model = await cut();
    const prompts = promptsOf(
      model,
      reference.greedy.map(({ promptIds }) => promptIds),
    );
    const results = await generate(model, { prompts, next: undefined }, 32);
    const generated = [...asInt(present(results.get('generated'))).data].map(Number);
    for (const [row, { ids, margins }] of reference.greedy.entries()) {
      const count = decided(margins, ofLogits);
      expect(count).toBe(32);
      expect(generated.slice(row * 32, row * 32 + count)).toEqual(ids.slice(0, count));
    }
  });

  const [scored, answered] = isFull ? [20, 100] : [2, 4];
  test(`LAMBADA: nats of rows 0 to ${scored - 1}, last words of rows 0 to ${answered - 1}`, async () => {
    const lambada: Lambada = JSON.parse(
      readFileSync(file(`golden/models/${name}/lambada.json`), 'utf8'),
    );
    const lines = readFileSync(file(lambada.file), 'utf8').trim().split('\n');
    const model = await whole();
    for (const { row, targetIds, greedyIds, targetNll, correct } of lambada.lastWord.rows.slice(
      0,
      answered,
    )) {
      const { text }: { readonly text: string } = JSON.parse(at(lines, row));
      const { ids } = tokenizer.encode(text);
      const context = tokenizer.encode(text.slice(0, text.lastIndexOf(' '))).ids.length;
      const { logits } = await model.forward(inputsOf(model, [ids]));
      const nats = ids.slice(1).map((id, i) => surprise(logitsAt(logits, i), id));
      const sum = (some: readonly number[]): number => some.reduce((a, b) => a + b, 0);
      const told = lambada.perplexity.rows[row];
      if (told && row < scored) {
        expect(nats).toHaveLength(told.tokens);
        expect(Math.abs(sum(nats) / told.nll - 1)).toBeLessThan(1e-3);
      }
      expect(ids.slice(context)).toEqual(targetIds);
      const best = targetIds.map((_, i) => indexOfLargest(logitsAt(logits, context - 1 + i)));
      expect(best).toEqual(greedyIds);
      expect(best.every((id, i) => id === targetIds[i])).toBe(correct);
      expect(Math.abs(sum(nats.slice(context - 1)) - targetNll)).toBeLessThan(
        1e-3 * targetNll + ofLogits,
      );
    }
  });
});
