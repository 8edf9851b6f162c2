import type { ModelConfig } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';

/** Typed reads of a config.json; each failure is a Findings VF530 that names the field. */
export interface ConfigReader {
  /** A whole number ≥ 1; the first of `names` that is there. */
  readonly count: (...names: string[]) => number;
  readonly number: (name: string, fallback: number) => number;
  readonly text: (name: string, fallback: string) => string;
  readonly flag: (name: string, fallback: boolean) => boolean;
  readonly optionalCount: (name: string) => number | undefined;
  /** Refuses a value of `name` that changes the mathematics in a way nobody built. */
  readonly only: (name: string, accepted: readonly unknown[]) => void;
}

/** Reads `config`, naming `family` in messages. */
export function configReader(config: ModelConfig, family: string): ConfigReader {
  const wrong = (name: string, want: string): never => {
    throw finding(
      'VF530',
      `\`${name}\` in config.json is ${JSON.stringify(config[name])}, not ${want}`,
      `the ${family} family reads it: correct the file`,
    );
  };
  const present = (name: string): boolean => config[name] !== undefined && config[name] !== null;
  return {
    count: (...names) => {
      const name = names.find(present);
      if (name === undefined) {
        throw finding(
          'VF530',
          `config.json has no \`${names.join('` or `')}\``,
          `the ${family} family needs it: take config.json from the checkpoint`,
        );
      }
      const value = config[name];
      return isWhole(value, 1) ? value : wrong(name, 'a whole number ≥ 1');
    },
    number: (name, fallback) => {
      const value = present(name) ? config[name] : fallback;
      return typeof value === 'number' && Number.isFinite(value) ? value : wrong(name, 'a number');
    },
    text: (name, fallback) => {
      const value = present(name) ? config[name] : fallback;
      return typeof value === 'string' ? value : wrong(name, 'a word');
    },
    flag: (name, fallback) => {
      const value = present(name) ? config[name] : fallback;
      return typeof value === 'boolean' ? value : wrong(name, 'true or false');
    },
    optionalCount: (name) => {
      if (!present(name)) return undefined;
      const value = config[name];
      return isWhole(value, 0) ? value : wrong(name, 'a whole number ≥ 0');
    },
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

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least;
}

/** Number of classes: the argument, else `num_labels`, else the size of `id2label`, else 2. */
export function labelCount(config: ModelConfig, labels?: number): number {
  if (labels !== undefined) return labels;
  if (typeof config.num_labels === 'number') return config.num_labels;
  return config.id2label && typeof config.id2label === 'object'
    ? Object.keys(config.id2label).length
    : 2;
}
