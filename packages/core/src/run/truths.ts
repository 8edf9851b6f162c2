import type { AdversaryPlan, PipelinePlan } from '../contract/index.js';
import type { Truth, TruthRow } from '../judge/index.js';
import type { EncodedRow } from '../party/index.js';
import { draw } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import { type AuxiliaryRows, disjointRows } from './auxiliary.js';
import type { RunContext } from './context.js';
import type { LoadedModel, LoadedRows } from './library.js';
import { attackerStream, victimStream } from './schedule.js';
import type { SplitSizes } from './selection.js';
import { shortDigest } from './stage.js';

/** What the Judge holds of one pipeline: the rows as they really are, and public text to compare with. */
export interface Judged {
  readonly rows: LoadedRows;
  readonly sizes: SplitSizes;
  readonly model: LoadedModel;
  /** What adversaries were handed, or public text; disjoint from the victim's rows. */
  readonly auxiliary: AuxiliaryRows;
}

/** The truth of a pipeline, one for all of a run that have the same model, rows and public text. */
export function sharedTruth(
  context: RunContext,
  shared: Map<string, Promise<unknown>>,
  pipeline: PipelinePlan,
): Promise<Judged> {
  const { seed, model, data, task } = pipeline;
  const auxiliary = publicHolder(pipeline)?.auxiliary ?? null;
  const key = `truth-${shortDigest({ seed, model, data, task, auxiliary })}`;
  const known = shared.get(key) as Promise<Judged> | undefined;
  const opened = known ?? openTruth(context, pipeline);
  shared.set(key, opened);
  return opened;
}

/** Loads the truth of a pipeline. Only the Judge calls this outside the data party. */
export async function openTruth(context: RunContext, pipeline: PipelinePlan): Promise<Judged> {
  const { library, places } = context;
  const random = victimStream(pipeline);
  const model = await library.model(pipeline, places, random);
  const rows = await library.rows(pipeline, places, random);
  const adversary = publicHolder(pipeline);
  const auxiliary = await disjointRows(context, pipeline, { adversary, rows, model });
  return { rows, sizes: { train: rows.train.length, test: rows.test.length }, model, auxiliary };
}

/** The adversary whose public rows the Judge compares with: the first that has any. */
function publicHolder({ adversaries }: PipelinePlan): AdversaryPlan | undefined {
  return adversaries.find(({ auxiliary }) => auxiliary !== null);
}

/** Which rows a truth is about: rows of a split under the keys of a message. */
export interface Shown {
  readonly step: number;
  /** Rows of the split, in the order of the message. */
  readonly dataRows: readonly number[];
  /** Positions of the message, padding included. */
  readonly width: number;
}

/** The truth of shown rows, under the keys an attack's guess uses. */
export function truthOf(
  { rows, model }: Judged,
  split: 'train' | 'test',
  shown: readonly Shown[],
): Truth {
  const all = rows[split];
  return {
    rows: shown.flatMap(({ step, dataRows, width }) =>
      dataRows.map((row, i) => truthRow(at(all, row), { step, row: i, width })),
    ),
    vocabulary: model.spec.vocabulary,
    classes: rows.classes.length,
    padding: model.spec.padToken ?? null,
    unknown: model.encoder.unknown ?? null,
  };
}

function truthRow(
  row: EncodedRow,
  { step, row: index, width }: { step: number; row: number; width: number },
): TruthRow {
  const length = Math.max(width, row.ids.length);
  const at = <T>(items: readonly T[], rest: T): T[] =>
    Array.from({ length }, (_, i) => items[i] ?? rest);
  return {
    step,
    row: index,
    rowId: row.id,
    ids: at(row.ids, 0),
    mask: at(
      row.ids.map(() => true),
      false,
    ),
    userMask: at(row.user, false),
    label: row.label,
  };
}

/**
 * Public ids cut and joined to the lengths of `rows`, special tokens at the ends as the tokenizer puts them: what stands
 * in for private rows in a decoy transcript. Drawn from the attacker's side, so that nothing private decides about them.
 */
export function decoyRows(
  { auxiliary, model }: Judged,
  pipeline: PipelinePlan,
  rows: readonly EncodedRow[],
): number[][] {
  const { prefix, suffix } = model.encoder;
  const inner = auxiliary.ids
    .map((ids) => ids.slice(prefix.length, ids.length - suffix.length))
    .filter((ids) => ids.length > 0);
  const order = draw(attackerStream(pipeline).stream('decoy'), inner.length);
  const stream = order.flatMap((i) => at(inner, i));
  if (stream.length === 0) return [];
  let next = 0;
  return rows.map(({ ids }) => {
    const want = Math.max(0, ids.length - prefix.length - suffix.length);
    const text = Array.from({ length: want }, (_, i) =>
      present(stream[(next + i) % stream.length], 'public text'),
    );
    next += want;
    return [...prefix, ...text, ...suffix].slice(0, ids.length);
  });
}
