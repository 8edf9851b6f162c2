import { test } from 'vitest';
import { attackContext, tinyWorld } from '../../../packages/core/src/testing/tiny-world.js';
import vmi from '../../../packages/plugins-attacks/src/vmi.js';
import { tinyGpt2 } from '../tiny-models.js';

test('vmi', { timeout: 600000 }, async () => {
  for (const [lr, rounds, steps] of JSON.parse(process.env.GRID!)) {
    const line: string[] = [];
    for (const spread of [0.05, 0.1]) {
      let ok = 0, n = 0;
      for (let seed = 0; seed < 5; seed++) {
        const w = tinyWorld(tinyGpt2('lm', { vocabulary: 1000, hidden: 64, heads: 4 }), { seed: `s${seed}`, blocks: 2, spread });
        const text = w.text(8, [10, 16]);
        const view = { activations: [await w.send(text)], head: w.head, tokenizer: w.tokenizer };
        const params = { steps, 'learning-rate': lr, rounds, restarts: 1, loss: 'squared' as const };
        const { tokens } = await vmi.run(view, attackContext(params));
        text.forEach((r, i) => r.forEach((id, s) => { n++; ok += Number(tokens[i]!.tokens[s] === id); }));
      }
      line.push(`${spread}: ${(ok / n).toFixed(3)}`);
    }
    console.log('RES', process.env.FITS, lr, rounds, steps, line.join('  '));
  }
});
