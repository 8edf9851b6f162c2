import { randomStream } from '@vflair/core/tensor';
import { runAttack } from '@vflair/core/testing';
import { test } from 'vitest';
import causal from '../../../packages/plugins-attacks/src/causal-inversion.js';
import { embeddedHead } from './embedded-heads.js';

test('m', { timeout: 600000 }, async () => {
  const s = await embeddedHead('tiny-gpt2', 'lm', { blocks: 1, rows: 2, length: 48 });
  const r = randomStream('n');
  const noisy = {
    ...s.seen,
    tensor: { ...s.seen.tensor, data: s.seen.tensor.data.map((x) => x + 2 * r.normal()) },
  };
  for (const [name, seen] of [
    ['clean', s.seen],
    ['noisy', noisy],
  ] as const)
    for (const candidates of [0, 1000]) {
      const t0 = performance.now();
      const { tokens } = await runAttack({
        attack: causal,
        params: { beam: 1, order: 'shortlist', candidates },
        view: { activations: [seen], head: s.head, tokenizer: s.tokenizer },
      });
      let ok = 0,
        n = 0;
      s.text.forEach((x, i) =>
        x.forEach((t, p) => {
          n++;
          ok += Number(tokens[i]!.tokens[p] === t);
        }),
      );
      console.log(
        'RES',
        name,
        candidates,
        ok / n,
        (performance.now() - t0).toFixed(0),
        'ms for',
        n,
      );
    }
});
