import type { FamilyDefinition, HeadKind, ModelConfig } from '@vflair/core/contract';
import { randomStream } from '@vflair/core/tensor';
import { cacheDefects, compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { Findings } from '@vflair/core/text';
import { expect, test } from 'vitest';

/** A small config of a family, changes of it that the family computes, and changes that are findings. */
export interface CheckedFamily {
  readonly family: FamilyDefinition;
  readonly config: ModelConfig;
  readonly options: readonly ModelConfig[];
  readonly findings: readonly (readonly [code: string, change: ModelConfig])[];
}

/**
 * Tests a decoder family without recorded numbers: a cut model is the model in one piece, for every head and every
 * option; with a cache, position by position, it is what it is all at once; wrong configs are findings.
 */
export function checkFamily({ family, config, options, findings }: CheckedFamily): void {
  const draw = (change: ModelConfig, head: HeadKind) => {
    const spec = family.read({ ...config, ...change }, head, head === 'reg' ? 1 : 3);
    return drawFamilyCase(spec, randomStream(`${family.id}/${head}`));
  };
  test.each(family.heads)('a %s model in four parts is the model in one piece', async (head) => {
    expect(await compositionDefects(draw({}, head), [0, 1, 2])).toEqual([]);
  });
  test.each(options)('with %j, too', async (change) => {
    expect(await compositionDefects(draw(change, 'lm'), [1])).toEqual([]);
  });
  test.each([{}, ...options])(
    'position by position with a cache is all at once: %j',
    async (change) => {
      expect(await cacheDefects(draw(change, 'lm'))).toEqual([]);
    },
  );
  test.each(findings)('%s: %j', (code, change) => {
    expect(codeOf(family, { ...config, ...change })).toBe(code);
  });
  test('a parameter is also found without the base prefix', () => {
    const { aliases, embeddingKey } = family.read(config, 'lm');
    expect(aliases(embeddingKey)).toContain(embeddingKey.replace(/^\w+\./, ''));
    expect(aliases('lm_head.weight')).toEqual([]);
  });
}

function codeOf(family: FamilyDefinition, config: ModelConfig): string {
  try {
    family.read(config, 'lm');
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
}
