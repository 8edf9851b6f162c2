import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CurvePoint } from '@vflair/models/pretrain';
import type { LanguageCheck } from './language-check.ts';
import { lossCurve } from './loss-curve.ts';
import { type Material, writeJson } from './material.ts';
import { type Recipe, STEP_TOKENS } from './recipes.ts';
import type { SpamFigures } from './spam-check.ts';

/** All that is known of a pretrained model when its run has ended. */
export interface Outcome {
  readonly recipe: Recipe;
  readonly material: Material;
  readonly seed: number;
  readonly parameters: number;
  readonly curve: readonly CurvePoint[];
  readonly language?: LanguageCheck;
  readonly spam?: SpamFigures;
}

/** Writes README.md, about.json and loss-curve.svg of a model folder. */
export function writeCard(folder: string, outcome: Outcome): void {
  const { id } = outcome.recipe;
  const kind = outcome.recipe.head === 'lm' ? 'causal language model' : 'masked language model';
  writeFileSync(
    join(folder, 'loss-curve.svg'),
    lossCurve(`Loss of ${id} while it was pretrained`, outcome.curve),
  );
  writeJson(join(folder, 'about.json'), {
    title: `${id}, a small ${kind}`,
    source: 'pretrained by this project, see README.md',
  });
  writeFileSync(join(folder, 'README.md'), card(outcome, kind));
}

function card(outcome: Outcome, kind: string): string {
  const { recipe, material, seed, curve } = outcome;
  const steps = curve.at(-1)?.step ?? 0;
  const config = Object.entries(recipe.config)
    .filter(([, value]) => typeof value === 'number')
    .map(([key, value]) => `\`${key}\` ${value}`);
  return `# ${recipe.id}

A ${kind} of ${(outcome.parameters / 1e6).toFixed(2)} million parameters, trained from random weights by this project with its
own engine. It is small enough to fine-tune, attack and defend in seconds on a laptop; it is no useful language model.

${config.join(', ')}; vocabulary ${material.spec.vocabulary}; weights stored as float16.

## Data and licence

${dataTable(outcome)}

All texts are in the public domain as their packages declare (PDDL-1.0, CC0-1.0). The private half of the mails, every
eighth speech and every eighth chapter were never read. The model is under this project's licence, Apache-2.0.

## Training

${steps} steps of ${STEP_TOKENS} tokens (${((steps * STEP_TOKENS) / 1e6).toFixed(1)} million tokens), seed ${seed}, windows of 128 and 256 tokens; Muon for the matrices inside blocks,
AdamW for the rest, clipped to norm 1; ${recipe.warmUp} steps of warm-up, cosine decay over the last ${100 * recipe.coolDownShare} %.${
    recipe.masked > 0
      ? `\n${recipe.masked} of the ${STEP_TOKENS} tokens of each step are predicted (80 % masked, 10 % replaced, 10 % kept).`
      : ''
  }

![Loss curve](loss-curve.svg)

${curveTable(curve)}

## Measured

${measured(outcome)}

To make it again: \`npm run pretrain -- ${recipe.id} --steps ${steps} --seed ${seed}\`. The method is in docs/pretraining.md.
`;
}

function dataTable({ recipe, material }: Outcome): string {
  const rows = material.texts.train.map(({ id, documents }, index) => {
    const tokens = material.train[index]?.stream.length ?? 0;
    return `| ${id} | ${documents.length} | ${tokens} | ${recipe.shares[id] ?? 1} |`;
  });
  return [
    '| text | documents | tokens | share used per epoch |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** About ten points of the curve. */
function curveTable(curve: readonly CurvePoint[]): string {
  const stride = Math.max(1, Math.ceil(curve.length / 10));
  const shown = curve.filter((_, i) => (curve.length - 1 - i) % stride === 0);
  const rows = shown.map(
    ({ step, train, validation }) =>
      `| ${step} | ${train.toFixed(3)} | ${validation?.toFixed(3) ?? ''} |`,
  );
  return ['| step | training loss | validation loss |', '|---|---|---|', ...rows].join('\n');
}

function measured({ language, spam, curve }: Outcome): string {
  const lines: string[] = [];
  if (language) {
    const { model, trigram, documents, tokens, bytes, trigramTexts } = language;
    lines.push(
      `${documents} held-out speeches, ${tokens} tokens, ${bytes} bytes, with at least 128 tokens of context:`,
      '',
      '| model | perplexity | bits per byte |',
      '|---|---|---|',
      `| this one | ${model.perplexity.toFixed(1)} | ${model.bitsPerByte.toFixed(3)} |`,
      `| trigram, modified Kneser–Ney, on ${trigramTexts.join(' + ')} | ${trigram.perplexity.toFixed(1)} | ${trigram.bitsPerByte.toFixed(3)} |`,
    );
  } else {
    const loss = curve.at(-1)?.validation ?? Number.NaN;
    lines.push(
      `Hidden tokens of held-out speeches: loss ${loss.toFixed(3)} nats, perplexity ${Math.exp(loss).toFixed(1)}.`,
    );
  }
  if (spam) {
    const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
    const { low, high } = spam.interval;
    const ways = {
      everything: 'all weights fine-tuned',
      adapters: 'LoRA of rank 8 on query and value above the first block, pooler and classifier',
    };
    lines.push(
      '',
      `As a spam filter (${ways[spam.chosen.trains]}; ${spam.chosen.epochs} epochs of ${spam.trainedOn} mails of up to ${spam.chosen.length} tokens, as chosen on a fifth of them), on`,
      `${spam.tested} unseen mails without near-duplicates among those seen:`,
      `accuracy ${percent(spam.accuracy)} (95 % interval ${percent(low)} to ${percent(high)}); naive Bayes ${percent(spam.naiveBayes)}; majority ${percent(spam.majority)}.`,
    );
  }
  return lines.join('\n');
}
