import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finding } from '@vflair/core/text';

/** What a PEFT adapter_config.json says about LoRA. Source: https://huggingface.co/docs/peft/package_reference/lora */
export interface AdapterConfig {
  readonly dropout: number;
  /**
   * False for `task_type` QUESTION_ANS: PEFT's wrapper for it takes `token_type_ids` and does not hand them on (0.21.2,
   * `peft_model.py`, PeftModelForQuestionAnswering.forward), so such an adapter was trained on types of 0.
   */
  readonly hasTokenTypes: boolean;
  /** Rank and scale of the pair on a module, e.g. `transformer.h.0.attn.c_attn`. */
  readonly rank: (module: string) => number;
  readonly scale: (module: string) => number;
  /** Whether the config targets a module. */
  readonly targets: (module: string) => boolean;
}

type Fields = { readonly [name: string]: unknown };

/** Options that change the mathematics, with the values under which they don't. */
const neutral: { readonly [name: string]: readonly unknown[] } = {
  bias: ['none'],
  use_dora: [false],
  lora_bias: [false],
  use_qalora: [false],
  use_bdlora: [false],
  init_lora_weights: [true, false, 'gaussian', 'orthogonal', 'eva'],
  layer_replication: [],
  target_parameters: [],
  trainable_token_indices: [],
  alora_invocation_tokens: [],
  arrow_config: [],
  kasa_config: [],
  monteclora_config: [],
  velora_config: [],
};

const again = 'save the adapter again';

/** Reads adapter_config.json of a folder. Throws Findings VF537: absent, unreadable, not LoRA, or an option nobody built. */
export function readAdapterConfig(folder: string): AdapterConfig {
  const fields = parse(join(folder, 'adapter_config.json'));
  if (fields.peft_type !== 'LORA')
    throw wrong(`\`peft_type\` is ${say(fields.peft_type)}`, 'only LORA adapters are read');
  for (const [name, values] of Object.entries(neutral)) {
    const value = fields[name] ?? undefined;
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (value === undefined || isEmpty || values.includes(value)) continue;
    throw wrong(
      `\`${name}\` is ${say(value)} in adapter_config.json, which is not computed here`,
      'merge the adapter into its base model with PEFT, and use the merged checkpoint',
    );
  }
  return interpret(fields);
}

function interpret(fields: Fields): AdapterConfig {
  const [plainRank, plainAlpha] = [count(fields, 'r', 8), count(fields, 'lora_alpha', 8)];
  const rank = patternRule(fields.rank_pattern, plainRank);
  const alpha = patternRule(fields.alpha_pattern, plainAlpha);
  const isRankStabilised = fields.use_rslora === true;
  return {
    dropout: typeof fields.lora_dropout === 'number' ? fields.lora_dropout : 0,
    hasTokenTypes: fields.task_type !== 'QUESTION_ANS',
    rank,
    // s = α/r, or α/√r when rank-stabilised (Kalajdzievski 2023, arXiv:2312.03732).
    scale: (module) => {
      const r = rank(module);
      return alpha(module) / (isRankStabilised ? Math.sqrt(r) : r);
    },
    targets: targetRule(fields.target_modules),
  };
}

/** A number per module: that of the first pattern which is its name, the end of its name, or an expression for either. */
function patternRule(patterns: unknown, fallback: number): (module: string) => number {
  const table = typeof patterns === 'object' && patterns !== null ? Object.entries(patterns) : [];
  const rules = table.map(([pattern, value]) => {
    if (typeof value !== 'number' || !(value > 0))
      throw wrong(`\`${pattern}\` is ${say(value)} in adapter_config.json`, 'it is a number > 0');
    return { rule: expression(`^(.*\\.)?(${pattern})$`), value };
  });
  return (module) => rules.find(({ rule }) => rule.test(module))?.value ?? fallback;
}

/** A list names ends of module names; a text is an expression for whole names, or `all-linear`. */
function targetRule(targets: unknown): (module: string) => boolean {
  if (Array.isArray(targets)) {
    const ends = targets.filter((target) => typeof target === 'string');
    return (module) => ends.some((end) => module === end || module.endsWith(`.${end}`));
  }
  if (typeof targets !== 'string' || targets === 'all-linear') return () => true;
  const rule = expression(`^(?:${targets})$`);
  return (module) => rule.test(module);
}

function expression(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw wrong(`\`${source}\` in adapter_config.json is no regular expression`, again);
  }
}

function count(fields: Fields, name: string, fallback: number): number {
  const value = fields[name] ?? fallback;
  if (typeof value === 'number' && value > 0) return value;
  throw wrong(`\`${name}\` is ${say(value)} in adapter_config.json`, 'it is a number > 0');
}

function parse(file: string): Fields {
  if (!existsSync(file)) {
    throw wrong(
      `\`${file}\` does not exist`,
      'an adapter folder holds adapter_config.json and adapter_model.safetensors',
    );
  }
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Whatever is wrong with it, it is not JSON: said below.
  }
  throw wrong(`\`${file}\` is not readable as JSON`, again);
}

function say(value: unknown): string {
  return `\`${JSON.stringify(value) ?? 'absent'}\``;
}

function wrong(message: string, hint: string): Error {
  return finding('VF537', message, hint);
}
