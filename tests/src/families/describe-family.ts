import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  adapterDeviations,
  allCuts,
  forwardDeviations,
  fullDeviations,
  generation,
} from './family-cases.js';
import { goldenAbsent, goldenFolder, openGolden } from './golden.js';
import { offences } from './tolerance.js';

/** What a family's recorded cases are and how many blocks they have. */
export interface RecordedFamily {
  /** `family/variant-head` of each case. */
  readonly cases: readonly string[];
  readonly blocks: number;
  /** How many of them a decoder behind an encoder has, whose cuts are `dec.k`. */
  readonly decoderBlocks?: number;
}

/** Cuts tried by default: in the middle, at both ends, into three; VFLAIR_FULL=1 tries every one. */
function cutsToTry(family: RecordedFamily): readonly string[][] {
  const places = placesOf(family);
  const [last = '0', nearly = '0'] = places.toReversed();
  const some = [['1'], ['0', last], ['1', nearly]];
  const handover = family.decoderBlocks === undefined ? [] : [['dec.0'], ['1', 'dec.0', 'dec.1']];
  return process.env.VFLAIR_FULL === '1' ? allCuts(places) : [...some, ...handover];
}

/** Every legal cut, as `--cut` takes it. */
function placesOf({ blocks, decoderBlocks = 0 }: RecordedFamily): string[] {
  const encoder = Array.from({ length: blocks - decoderBlocks }, (_, i) => `${i}`);
  const decoder = Array.from({ length: decoderBlocks + 1 }, (_, i) => `dec.${i}`);
  return [...encoder, ...(decoderBlocks > 0 ? decoder : [`${blocks}`])];
}

/** Tests a family against everything recorded for it: whole and cut, right and left padded, adapted, trained, generating. */
export function testFamily(family: RecordedFamily): void {
  const { cases } = family;
  test.skipIf(goldenAbsent !== undefined)(`recorded cases are there ${goldenAbsent ?? ''}`, () => {
    expect(cases.filter((name) => !existsSync(join(goldenFolder, name, 'io.safetensors')))).toEqual(
      [],
    );
  });
  if (goldenAbsent === undefined) for (const name of cases) testCase(name, family);
}

function testCase(name: string, family: RecordedFamily): void {
  const golden = openGolden(name);
  const ways = [[], ...cutsToTry(family)];
  const has = (file: string): boolean => existsSync(join(golden.folder, file));
  test.each(ways.map((cuts) => ({ cuts })))(
    `${name}: streams, logits, loss and gradients, cuts $cuts`,
    async ({ cuts }) => {
      expect(offences(await forwardDeviations(golden, { cuts }))).toEqual([]);
    },
  );
  if (golden.tensors('io.safetensors').has('left.input_ids')) {
    test(`${name}: left padding`, async () => {
      expect(offences(await forwardDeviations(golden, { prefix: 'left.' }))).toEqual([]);
      expect(offences(await forwardDeviations(golden, { prefix: 'left.', cuts: ['1'] }))).toEqual(
        [],
      );
    });
  }
  if (has('lora/lora_io.safetensors')) {
    test.each(ways.map((cuts) => ({ cuts })))(
      `${name}: with its adapter, cuts $cuts`,
      async ({ cuts }) => {
        expect(offences(await adapterDeviations(golden, { cuts }))).toEqual([]);
      },
    );
  }
  if (has('full3.safetensors')) {
    test.each(ways.map((cuts) => ({ cuts })))(
      `${name}: three full steps, cuts $cuts`,
      async ({ cuts }) => {
        expect(offences(await fullDeviations(golden, { cuts }))).toEqual([]);
      },
    );
  }
  if (golden.generated) {
    test.each(ways.map((cuts) => ({ cuts })))(
      `${name}: greedy continuation, cuts $cuts`,
      async ({ cuts }) => {
        const { ids, logits } = await generation(golden, { cuts });
        expect(ids).toEqual(golden.generated);
        expect(logits).toHaveLength(4);
        expect(offences(logits)).toEqual([]);
      },
    );
  }
}
