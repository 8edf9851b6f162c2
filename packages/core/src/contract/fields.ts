/** One parameter of a plugin, task or statement: a JSON-Schema fragment with a default and a description. */
export type Field =
  | {
      readonly type: 'string';
      readonly enum?: readonly string[];
      readonly default?: string;
      readonly description: string;
    }
  | { readonly type: 'boolean'; readonly default?: boolean; readonly description: string }
  | {
      readonly type: 'number' | 'integer';
      readonly minimum?: number;
      readonly maximum?: number;
      readonly exclusiveMinimum?: number;
      readonly exclusiveMaximum?: number;
      readonly default?: number;
      readonly description: string;
    }
  | {
      readonly type: 'array';
      readonly items: { readonly type: 'string' | 'number' };
      readonly default?: readonly (string | number)[];
      readonly description: string;
    };

/** A flat table of parameters, by the name written in a `.vflair` text (`learning-rate`). A field without default is required unless `optional`. */
export type Fields = { readonly [name: string]: Field & { readonly optional?: boolean } };

/** What a parameter of one {@link Field} is once checked and filled. */
export type FieldValue = string | number | boolean | readonly (string | number)[];

type ValueOf<F> = F extends { readonly type: 'string'; readonly enum: readonly (infer E)[] }
  ? E
  : F extends { readonly type: 'string' }
    ? string
    : F extends { readonly type: 'boolean' }
      ? boolean
      : F extends { readonly type: 'number' | 'integer' }
        ? number
        : readonly (string | number)[];

/** The checked parameters of a table: every key present, except those marked `optional`. */
export type Params<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends { readonly optional: true }
    ? ValueOf<F[K]> | undefined
    : ValueOf<F[K]>;
};
