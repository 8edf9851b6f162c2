import { expect, test } from 'vitest';
import { defineAttack, type LabelGuess, type SeenMessage } from '../contract/index.js';
import { floatTensor, intTensor, randomStream } from '../tensor/index.js';
import { attackKit } from './attack-kit.js';

type Flaw =
  | 'none'
  | 'idle need'
  | 'curious'
  | 'writes'
  | 'forgets the seed'
  | 'twice'
  | 'guesses nothing'
  | 'trips over nothing'
  | 'knows the answer';

const rows = 24;
const drawn = randomStream('attack-kit');
const truth = Array.from({ length: rows }, (_, row) => ({ step: 0, row, label: drawn.integer(3) }));

/** Gradients whose sign gives the label away, or nothing. */
function gradients(leaks: boolean): SeenMessage {
  const data = truth.flatMap(({ label }) =>
    [0, 1, 2].map((c) => (leaks ? Number(c !== label) - 0.5 : drawn.normal())),
  );
  return {
    phase: 'train',
    step: 0,
    tensor: floatTensor([rows, 3], Float32Array.from(data)),
    mask: intTensor(
      [rows, 1],
      truth.map(() => 1),
    ),
  };
}

/** Reads the label off the sign, with one thing wrong. */
function flawed(flaw: Flaw) {
  let calls = 0;
  return defineAttack({
    id: 'attack-kit',
    title: 'An attack with a flaw',
    paper: 'none',
    needs: flaw === 'idle need' ? ['gradients', 'tokenizer'] : ['gradients'],
    guesses: 'labels',
    params: {},
    run(view): { labels: LabelGuess[] } {
      calls++;
      if (flaw === 'curious') Reflect.get(view, 'auxiliary');
      if (flaw === 'trips over nothing' && view.gradients[0]?.mask.shape[0] === 0)
        throw new Error('empty');
      const labels = view.gradients.flatMap(({ step, tensor }) =>
        Array.from({ length: tensor.shape[0] ?? 0 }, (_, row) => {
          const own = tensor.data.subarray(3 * row, 3 * row + 3);
          if (flaw === 'writes') own[0] = (own[0] ?? 0) + 1;
          const label = [...own].indexOf(Math.min(...own));
          const guess = flaw === 'knows the answer' ? (truth[row]?.label ?? 0) : label;
          return {
            step,
            row,
            label:
              flaw === 'guesses nothing' || (flaw === 'forgets the seed' && row === calls)
                ? null
                : guess,
          };
        }),
      );
      return { labels: flaw === 'twice' ? [...labels, ...labels] : labels };
    },
  });
}

/** Names of the checks an attack fails, but that for its page. */
async function failures(flaw: Flaw): Promise<string[]> {
  const tokenizer = { vocabulary: 3, special: [], prefix: [], suffix: [] };
  const failed: string[] = [];
  const checks = attackKit(flawed(flaw), {
    test: import.meta.url,
    params: {},
    planted: { view: { gradients: [gradients(true)], tokenizer }, truth },
    null: { view: { gradients: [gradients(false)], tokenizer }, truth },
  });
  for (const { name, run } of checks) await run().catch(() => failed.push(name));
  return failed.filter((name) => !name.includes('page'));
}

test('an attack without flaw keeps every promise', async () => {
  expect(await failures('none')).toEqual([]);
});

test.each<[Flaw, string]>([
  ['idle need', 'it reads each of its needs, and nothing it did not declare'],
  ['curious', 'it reads each of its needs, and nothing it did not declare'],
  ['writes', 'it leaves the view as it was'],
  ['forgets the seed', 'the same seed gives the same guess'],
  ['twice', 'each guess is about one row of a message and has its shape'],
  ['guesses nothing', 'it finds what is planted'],
  ['trips over nothing', 'an empty batch and no message at all have no guesses'],
  ['knows the answer', 'it is at chance where there is nothing to find'],
])('an attack that does this is caught: %s', async (flaw, check) => {
  expect(await failures(flaw)).toContain(check);
});
