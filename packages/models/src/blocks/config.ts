import type { HeadKind, ModelConfig } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';

/** Typed reads of a config.json; each failure is a Findings VF530 that names the field. */
export interface ConfigReader {
  /** A whole number ≥ 1; the first of `names` that is there. */
  readonly count: (...names: string[]) => number;
  /** A number; one that has no fallback must be there. */
  readonly number: (name: string, fallback?: number) => number;
  readonly text: (name: string, fallback: string) => string;
  readonly flag: (name: string, fallback: boolean) => boolean;
  readonly optionalCount: (name: string) => number | undefined;
  readonly optionalNumber: (name: string) => number | undefined;
  /** A list of numbers, or of words. */
  readonly numbers: (name: string) => readonly number[] | undefined;
  readonly words: (name: string) => readonly string[] | undefined;
  /** An object inside the config. */
  readonly part: (name: string) => ModelConfig | undefined;
  /** Refuses a value of `name` that changes the mathematics in a way nobody built. */
  readonly only: (name: string, accepted: readonly unknown[]) => void;
}

/** Reads `config`, naming `family` in messages. */
export function configReader(config: ModelConfig, family: string): ConfigReader {
  const present = (name: string): boolean => config[name] !== undefined && config[name] !== null;
  const wrong = (name: string, want: string): never => {
    throw finding(
      'VF530',
      `\`${name}\` in config.json is ${JSON.stringify(config[name])}, not ${want}`,
      `the ${family} family reads it: correct the file`,
    );
  };
  const optional = <T>(name: string, isRight: Check<T>, want: string): T | undefined => {
    if (!present(name)) return undefined;
    const value = config[name];
    return isRight(value) ? value : wrong(name, want);
  };
  return {
    count: (...names) => {
      const name = names.find(present);
      if (name === undefined) throw missing(names, family);
      return optional(name, isCount, 'a whole number ≥ 1') ?? 1;
    },
    number: (name, fallback) =>
      optional(name, isNumber, 'a number') ?? fallback ?? wrong(name, 'a number'),
    text: (name, fallback) => optional(name, isWord, 'a word') ?? fallback,
    flag: (name, fallback) => optional(name, isFlag, 'true or false') ?? fallback,
    optionalCount: (name) => optional(name, isIndex, 'a whole number ≥ 0'),
    optionalNumber: (name) => optional(name, isNumber, 'a number'),
    numbers: (name) => optional(name, isListOf(isNumber), 'a list of numbers'),
    words: (name) => optional(name, isListOf(isWord), 'a list of words'),
    part: (name) => optional(name, isPart, 'an object'),
    only: (name, accepted) => {
      if (present(name) && !accepted.includes(config[name])) {
        const words = accepted.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
        throw finding(
          'VF532',
          `\`${name}\` is ${JSON.stringify(config[name])}, which the ${family} family does not compute`,
          `it computes ${words}`,
        );
      }
    },
  };
}

function missing(names: readonly string[], family: string): Error {
  return finding(
    'VF530',
    `config.json has no \`${names.join('` or `')}\``,
    `the ${family} family needs it: take config.json from the checkpoint`,
  );
}

type Check<T> = (value: unknown) => value is T;

const isNumber: Check<number> = (value): value is number =>
  typeof value === 'number' && Number.isFinite(value);
const isWord: Check<string> = (value): value is string => typeof value === 'string';
const isFlag: Check<boolean> = (value): value is boolean => typeof value === 'boolean';
const isIndex: Check<number> = (value): value is number =>
  isNumber(value) && Number.isInteger(value) && value >= 0;
const isCount: Check<number> = (value): value is number => isIndex(value) && value >= 1;
const isPart: Check<ModelConfig> = (value): value is ModelConfig =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isListOf<T>(isOne: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(isOne);
}

/** Size of a head's output: 1 of `reg`; else the argument, else `num_labels`, else the size of `id2label`, else 2. */
export function labelCount(config: ModelConfig, head: HeadKind, labels?: number): number {
  if (head === 'reg') return 1;
  if (labels !== undefined) return labels;
  if (typeof config.num_labels === 'number') return config.num_labels;
  return config.id2label && typeof config.id2label === 'object'
    ? Object.keys(config.id2label).length
    : 2;
}
