const text = { type: 'string' } as const;
const name = { type: 'string', minLength: 1 } as const;
const count = { type: 'integer', minimum: 0 } as const;
const countOrAll = { type: ['integer', 'null'], minimum: 0 } as const;

type Schema = { readonly [key: string]: unknown };

/** An object with exactly these keys, and some of `optional`. */
const record = (
  properties: { readonly [key: string]: Schema },
  optional: { readonly [key: string]: Schema } = {},
): Schema => ({
  type: 'object',
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
  additionalProperties: false,
});
const list = (items: Schema): Schema => ({ type: 'array', items });
const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
const constant = (value: string | number): Schema => ({ const: value });

const params: Schema = {
  type: 'object',
  additionalProperties: {
    type: ['string', 'number', 'boolean', 'array'],
    items: { type: ['string', 'number'] },
  },
};
const columns: Schema = {
  type: 'object',
  additionalProperties: { type: ['string', 'integer'], minLength: 1, minimum: 1 },
};
const place: Schema = { anyOf: [oneOf('embed', 'output'), count] };
const use = record({ id: name, version: name, params });
const origin = { kind: oneOf('catalog', 'file', 'hub'), ref: name, columns };

const work: Schema = {
  anyOf: [
    record({ kind: constant('infer'), params }),
    record({ kind: constant('finetune'), method: oneOf('lora', 'full'), params }),
  ],
};

const slice: Schema = record(
  { name, from: place, to: place, owner: name, role: oneOf('head', 'body', 'tail') },
  { quantize: { enum: [4, 8] } },
);

const pipeline = record({
  name,
  about: text,
  seed: count,
  model: record({
    kind: oneOf('catalog', 'folder', 'file', 'hub'),
    ref: name,
    family: name,
    blocks: { type: 'integer', minimum: 1 },
  }),
  data: record({
    ...origin,
    testFile: { type: ['string', 'null'], minLength: 1 },
    train: countOrAll,
    test: countOrAll,
    maxLength: countOrAll,
  }),
  task: record({ id: name, params }),
  parties: list(
    record({
      name,
      device: record({ kind: name, index: count }),
      holds: list(oneOf('data', 'labels')),
    }),
  ),
  slices: list(slice),
  work,
  defenses: list(
    record({
      from: name,
      to: name,
      point: oneOf('forward-out', 'backward-out'),
      chain: list(use),
    }),
  ),
  adversaries: list(
    record({
      name,
      at: name,
      knows: list(name),
      sees: list(name),
      auxiliary: { ...record({ ...origin, rows: countOrAll }), type: ['object', 'null'] },
    }),
  ),
  attacks: list(
    record({
      adversary: name,
      chain: list(use),
      split: oneOf('train', 'test', 'generate'),
      samples: countOrAll,
    }),
  ),
  measure: list(record({ name, params })),
  streams: list(name),
});

/** JSON Schema of a Plan, version 1. */
export const planSchema: Schema = record({ schema: constant(1), pipelines: list(pipeline) });
