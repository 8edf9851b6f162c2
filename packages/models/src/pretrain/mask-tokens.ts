import { draw, type Random } from '@vflair/core/tensor';

/** What masking needs to know of a vocabulary: ids below `firstWord` are special and never drawn. */
export interface MaskVocabulary {
  readonly mask: number;
  readonly firstWord: number;
  readonly size: number;
}

/** Rows with some tokens hidden: places are indices into the flattened ids. */
export interface MaskedTokens {
  readonly ids: Int32Array;
  readonly places: Int32Array;
  readonly labels: Int32Array;
}

/**
 * Hides `count` of the ordinary tokens (fewer where there are fewer): 80 % become `[MASK]`, 10 % a random word, 10 %
 * stay. Devlin et al. 2019, arXiv:1810.04805, A.1. Places are in ascending order; labels are what stood there.
 */
export function maskTokens(
  ids: Int32Array,
  count: number,
  vocabulary: MaskVocabulary,
  random: Random,
): MaskedTokens {
  const ordinary: number[] = [];
  ids.forEach((id, place) => {
    if (id >= vocabulary.firstWord) ordinary.push(place);
  });
  const chosen = draw(random, ordinary.length, count).map((index) => ordinary[index] as number);
  const places = Int32Array.from(chosen).sort();
  const labels = places.map((place) => ids[place] as number);
  const hidden = Int32Array.from(ids);
  for (const place of places) {
    const u = random.uniform();
    if (u < 0.8) hidden[place] = vocabulary.mask;
    else if (u < 0.9)
      hidden[place] = vocabulary.firstWord + random.integer(vocabulary.size - vocabulary.firstWord);
  }
  return { ids: hidden, places, labels };
}
