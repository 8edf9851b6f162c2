import { bitsPerByte, type Likelihood, perplexity } from '@vflair/core/judge';
import type { FloatTensor } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { byteCount, type Corpus, KneserNeyTrigram, tokenStream } from '@vflair/models/pretrain';
import type { Material } from './material.ts';
import type { Recipe } from './recipes.ts';
import { Scorer } from './validate.ts';

/** How surprising a text is to one model. */
export interface LanguageFigures {
  readonly perplexity: number;
  readonly bitsPerByte: number;
}

/** A model beside the trigram, on the same tokens of documents neither has seen. */
export interface LanguageCheck {
  readonly documents: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly model: LanguageFigures;
  readonly trigram: LanguageFigures;
  /** Corpora the trigram was counted on: the choice that did best on the validation speeches. */
  readonly trigramTexts: readonly string[];
}

/** Scores the test speeches with a causal model and with a Kneser–Ney trigram of the same vocabulary. */
export async function checkLanguage(
  recipe: Recipe,
  material: Material,
  weights: ReadonlyMap<string, FloatTensor>,
): Promise<LanguageCheck> {
  const { documents } = material.texts.test;
  const stream = tokenStream(documents, material.encode, recipe.separator);
  const scorer = await Scorer.open(recipe, material.spec, weights);
  const { loss, count } = await scorer.score(stream);
  await scorer.close();
  const tokens = stream.length - 1;
  if (count !== tokens) throw new Error(`${count} of ${tokens} tokens were scored`);
  const bytes = byteCount(documents);
  const { texts, trigram } = bestTrigram(material);
  return {
    documents: documents.length,
    tokens,
    bytes,
    model: figures({ nll: loss * tokens, tokens, bytes }),
    trigram: figures({ nll: trigram.loss(stream), tokens, bytes }),
    trigramTexts: texts,
  };
}

function figures(likelihood: Likelihood): LanguageFigures {
  return {
    perplexity: present(perplexity(likelihood)),
    bitsPerByte: present(bitsPerByte(likelihood)),
  };
}

/** A trigram gets better or worse with texts of other kinds: of the first corpus, the first two and so on, the best. */
function bestTrigram(material: Material): {
  readonly texts: readonly string[];
  readonly trigram: KneserNeyTrigram;
} {
  const candidates = material.texts.train.map((_, index) => {
    const sources = material.train.slice(0, index + 1).map(({ stream }) => stream);
    const trigram = new KneserNeyTrigram(sources, material.spec.vocabulary);
    const texts = material.texts.train.slice(0, index + 1).map(({ id }: Corpus) => id);
    return { texts, trigram, loss: trigram.loss(material.validation) };
  });
  return at(
    candidates.toSorted((a, b) => a.loss - b.loss),
    0,
  );
}
