// Pretrains an embedded model with the project's own engine: `npm run pretrain -- tiny-gpt2 [--steps n]`. A run that
// was stopped (also by a signal) goes on where it was, also with more steps; at its end the model is measured and its
// card written. docs/pretraining.md says how and what came out.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './pretrain/material.ts';
import { writeCard } from './pretrain/model-card.ts';
import { measure } from './pretrain/outcome.ts';
import { recipes } from './pretrain/recipes.ts';
import { train } from './pretrain/train.ts';

const root = join(import.meta.dirname, '..');
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string' },
    until: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
    every: { type: 'string', default: '200' },
    documents: { type: 'string', default: 'Infinity' },
    work: { type: 'string', default: join(root, '.pretrain') },
    catalog: { type: 'string', default: join(root, 'packages', 'models', 'catalog') },
    unmeasured: { type: 'boolean', default: false },
  },
});
const recipe = recipes.get(positionals[0] ?? '');
if (!recipe) throw new Error(`name one of: ${[...recipes.keys()].join(', ')}`);
mkdirSync(values.work, { recursive: true });
const model = join(values.catalog, recipe.id);
const seed = Number(values.seed);
const steps = Number(values.steps ?? recipe.steps);
const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopped = true;
  });
}
const material = prepare(recipe, model, Number(values.documents));
const sizes = material.train.map(({ stream, share }) => `${stream.length} tokens × ${share}`);
log(`${recipe.id}: ${sizes.join(', ')}`);
const { curve, step } = await train(recipe, material, {
  seed,
  steps,
  until: Number(values.until),
  threads: Number(values.threads),
  every: Number(values.every),
  work: values.work,
  model,
  stopped: () => stopped,
  log,
});
if (step >= steps && !values.unmeasured) {
  const outcome = await measure(recipe, material, { folder: model, seed, curve });
  writeCard(model, outcome);
  log(`${recipe.id}: ${JSON.stringify(outcome.language ?? outcome.spam)}`);
}
