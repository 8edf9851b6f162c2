import path from 'node:path';
import type {
  AuxiliaryPlan,
  DataPlan,
  DataRow,
  DataSplits,
  DatasetDefinition,
} from '@vflair/core/contract';
import type { Random } from '@vflair/core/tensor';
import { type Diagnostic, finding } from '@vflair/core/text';
import { drawRows, encodeRows, readRows } from '../rows/index.js';
import type { Tokenizer } from '../tokenizers/index.js';
import { storedSplits } from './stored-splits.js';

/** How rows are opened: where names begin, and how catalog sets are loaded. */
export interface RowSources {
  readonly base: string;
  /** Folder for what installed sets were read into. */
  readonly cache: string;
  readonly dataset: (id: string) => Promise<DatasetDefinition>;
}

/** A row as the run uses it. */
export interface RunRow {
  readonly id: string;
  readonly ids: readonly number[];
  readonly user: readonly boolean[];
  readonly label: number | null;
}

/** All rows of a data statement in their two splits, before any draw. */
export async function openSplits(
  plan: DataPlan,
  sources: RowSources,
  labels: number | undefined,
): Promise<DataSplits> {
  if (plan.kind === 'catalog') return storedSplits(await sources.dataset(plan.ref), sources.cache);
  if (plan.kind === 'hub')
    throw finding(
      'VF566',
      `\`${plan.ref}\` is on a hub, which this version does not read`,
      'name a file or a set that `vflair list datasets` shows',
    );
  const options = { columns: plan.columns, ...(labels === undefined ? {} : { labels }) };
  const read = (file: string): DataRow[] => readRows(path.resolve(sources.base, file), options);
  const train = read(plan.ref);
  const test = plan.testFile === null ? train : read(plan.testFile);
  const count = Math.max(0, ...[...train, ...test].map(({ label }) => (label ?? -1) + 1));
  const classes = Array.from({ length: labels ?? count }, (_, i) => String(i));
  return { train, test, classes };
}

/** The drawn rows of both splits as ids. One file for both: test rows are taken first, training rows from the rest. */
export function drawSplits(
  splits: DataSplits,
  plan: DataPlan,
  { tokenizer, maxLength, random }: { tokenizer: Tokenizer; maxLength: number; random: Random },
): { readonly train: RunRow[]; readonly test: RunRow[]; readonly warnings: readonly Diagnostic[] } {
  const same = splits.test === splits.train;
  const drawnTest = drawRows(
    splits.test,
    random.stream('data/shuffle/test'),
    plan.test ?? undefined,
  );
  const taken = new Set(drawnTest.map(({ id }) => id));
  const rest =
    same && plan.test !== null ? splits.train.filter(({ id }) => !taken.has(id)) : splits.train;
  const drawnTrain = drawRows(rest, random.stream('data/shuffle/train'), plan.train ?? undefined);
  const [train, test] = [
    encodeRows(drawnTrain, tokenizer, maxLength),
    encodeRows(drawnTest, tokenizer, maxLength),
  ];
  if (test.rows.length === 0)
    throw finding('VF567', 'the data have no test row', 'give `test-file`, or a larger `test`');
  const warnings = [...train.warnings, ...test.warnings];
  return { train: train.rows.map(runRow), test: test.rows.map(runRow), warnings };
}

function runRow({
  row,
  ids,
  isUser,
}: {
  row: DataRow;
  ids: readonly number[];
  isUser: readonly boolean[];
}): RunRow {
  return { id: row.id, ids, user: isUser, label: row.label ?? null };
}

/** Public text as ids, at most `maxLength` each: an adversary's auxiliary rows. */
export async function openPublic(
  plan: AuxiliaryPlan,
  sources: RowSources,
  { tokenizer, maxLength, random }: { tokenizer: Tokenizer; maxLength: number; random: Random },
): Promise<number[][]> {
  const data: DataPlan = { ...plan, testFile: null, train: plan.rows, test: null, maxLength: null };
  const { train } = await openSplits(data, sources, undefined);
  const drawn = drawRows(train, random, plan.rows ?? 500);
  return encodeRows(drawn, tokenizer, maxLength).rows.map(({ ids }) => [...ids]);
}
