import type { DataRow } from '@vflair/core/contract';
import { present } from '@vflair/core/text';
import mobyDick from '../datasets/moby-dick.js';
import sotu from '../datasets/sotu.js';
import publicMails from '../datasets/spam-assassin-public.js';

/** A text as the passages it was stored in, in order. */
export type Document = readonly string[];

/** Documents of one source. */
export interface Corpus {
  readonly id: string;
  readonly documents: readonly Document[];
}

/** What the models are pretrained on, and what they never see. */
export interface PretrainingTexts {
  readonly train: readonly Corpus[];
  /** Speeches to choose settings by and to draw loss curves with. */
  readonly validation: Corpus;
  /** Speeches that figures are reported on. */
  readonly test: Corpus;
}

/**
 * The pretraining texts: speeches and chapters whole, mails of the public half one by one. The held-out speeches are
 * those `sotu` holds out (passages it leaves out as repetitions are missing), every other one for validation.
 */
export function pretrainingTexts(): PretrainingTexts {
  const speeches = sotu.load();
  const held = wholeDocuments(speeches.test);
  return {
    train: [
      { id: sotu.id, documents: wholeDocuments(speeches.train) },
      { id: mobyDick.id, documents: wholeDocuments(mobyDick.load().train) },
      { id: publicMails.id, documents: publicMails.load().train.map(({ text }) => [text]) },
    ],
    validation: { id: sotu.id, documents: held.filter((_, index) => index % 2 === 0) },
    test: { id: sotu.id, documents: held.filter((_, index) => index % 2 === 1) },
  };
}

/** Passages put together by document, which is their cluster. */
export function wholeDocuments(rows: readonly DataRow[]): Document[] {
  const documents = new Map<string, string[]>();
  for (const { cluster, text } of rows) {
    const name = present(cluster, 'document of a passage');
    const passages = documents.get(name) ?? [];
    documents.set(name, passages);
    passages.push(text);
  }
  return [...documents.values()];
}

/**
 * Documents as one row of tokens with `separator` before each and at the end. Passages were cut at a blank, which is
 * put back in front of all but the first.
 */
export function tokenStream(
  documents: readonly Document[],
  encode: (text: string) => readonly number[],
  separator: number,
): Int32Array {
  const ids: number[] = [separator];
  for (const document of documents) {
    document.forEach((passage, index) => {
      for (const id of encode(index === 0 ? passage : ` ${passage}`)) ids.push(id);
    });
    ids.push(separator);
  }
  return Int32Array.from(ids);
}

/** UTF-8 bytes of a corpus, the blanks between passages included. */
export function byteCount(documents: readonly Document[]): number {
  return documents.reduce((sum, passages) => sum + Buffer.byteLength(passages.join(' ')), 0);
}
