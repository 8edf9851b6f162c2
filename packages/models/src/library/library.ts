import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type {
  AuxiliaryPlan,
  DatasetDefinition,
  HeadKind,
  PipelinePlan,
  TaskDefinition,
} from '@vflair/core/contract';
import { type FloatTensor, type Random, randomStream } from '@vflair/core/tensor';
import { Findings, finding } from '@vflair/core/text';
import { type FamilyLookup, loadModel } from '../load-model.js';
import { checkVocabulary, loadTokenizer, type Tokenizer } from '../tokenizers/index.js';
import { openCheckpoint, writeSafetensors } from '../weights/index.js';
import { drawSplits, openPublic, openSplits } from './rows.js';

/** What the library of models and data needs from whoever knows what is installed. */
export interface ModelSources {
  readonly task: (id: string) => Promise<TaskDefinition>;
  readonly dataset: (id: string) => Promise<DatasetDefinition>;
  readonly family: FamilyLookup;
  /** Folder of an embedded model. */
  readonly modelFolder: (id: string) => string;
}

/** Where relative names begin and where converted weights are kept. */
export interface LibraryPlaces {
  readonly base: string;
  readonly cache: string;
}

/** Public text when an adversary has none of its own: what priors and decoys are made of. */
const publicText: AuxiliaryPlan = { kind: 'catalog', ref: 'sotu', rows: 500, columns: {} };

/** Models, rows and public text of pipelines, each opened once per process. */
export function createModelLibrary(sources: ModelSources) {
  const models = new Map<string, Promise<OpenedModel>>();
  const rows = new Map<string, Promise<OpenedRows>>();
  const publics = new Map<string, Promise<number[][]>>();
  const model = async (pipeline: PipelinePlan, places: LibraryPlaces, random: Random) => {
    const request = await modelRequest(pipeline, places, sources);
    return once(models, [request, pipeline.seed], () =>
      openModel({ ...request, sources, places, random }),
    );
  };
  const tokens = async (pipeline: PipelinePlan, places: LibraryPlaces, random: Random) => {
    const { spec, tokenizer } = await model(pipeline, places, random);
    const maxLength = Math.min(pipeline.data.maxLength ?? spec.maxLength, spec.maxLength);
    return { tokenizer, maxLength, random };
  };
  return {
    model,
    rows: async (pipeline: PipelinePlan, places: LibraryPlaces, random: Random) => {
      const { data, task, seed } = pipeline;
      return once(rows, [data, task, pipeline.model, seed, places.base], async () =>
        openRows(pipeline, { places, sources, tokens: await tokens(pipeline, places, random) }),
      );
    },
    publicRows: async (
      pipeline: PipelinePlan,
      auxiliary: AuxiliaryPlan | null,
      places: LibraryPlaces,
    ) => {
      const plan = auxiliary ?? publicText;
      const random = randomStream(`vflair/public/${pipeline.seed}`);
      return once(
        publics,
        [plan, pipeline.model, pipeline.data.maxLength, pipeline.seed],
        async () =>
          openPublic(plan, rowSources(places, sources), await tokens(pipeline, places, random)),
      );
    },
    ...tensorFiles,
  };
}

function once<T>(
  known: Map<string, Promise<T>>,
  key: readonly unknown[],
  open: () => Promise<T>,
): Promise<T> {
  const name = JSON.stringify(key);
  const opened = known.get(name) ?? open();
  known.set(name, opened);
  return opened;
}

function rowSources(places: LibraryPlaces, sources: ModelSources) {
  return { base: places.base, cache: places.cache, dataset: sources.dataset };
}

const tensorFiles = {
  writeTensors: async (file: string, tensors: ReadonlyMap<string, FloatTensor>): Promise<void> => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeSafetensors(file, tensors);
  },
  readTensors: async (file: string): Promise<ReadonlyMap<string, FloatTensor>> => {
    const checkpoint = openCheckpoint(file);
    try {
      return new Map([...checkpoint.tensors.keys()].map((key) => [key, checkpoint.read(key)]));
    } finally {
      checkpoint.close();
    }
  },
} as const;

interface RowRequest {
  readonly places: LibraryPlaces;
  readonly sources: ModelSources;
  readonly tokens: {
    readonly tokenizer: Tokenizer;
    readonly maxLength: number;
    readonly random: Random;
  };
}

type OpenedRows = Awaited<ReturnType<typeof openRows>>;

async function openRows(pipeline: PipelinePlan, { places, sources, tokens }: RowRequest) {
  const task = await sources.task(pipeline.task.id);
  const stated = pipeline.task.params.labels;
  const labels = task.labelled && typeof stated === 'number' ? stated : undefined;
  const splits = await openSplits(pipeline.data, rowSources(places, sources), labels);
  if (task.labelled)
    refuseUnlabelled(splits.train.length === 0 ? splits.test : splits.train, splits.classes.length);
  const drawn = drawSplits(splits, pipeline.data, tokens);
  return { ...drawn, classes: splits.classes, digests: { rows: digestOf(drawn) } };
}

interface ModelRequest {
  readonly folder: string;
  readonly head: HeadKind;
  readonly labels: number | undefined;
}

async function modelRequest(
  pipeline: PipelinePlan,
  places: LibraryPlaces,
  sources: ModelSources,
): Promise<ModelRequest> {
  const task = await sources.task(pipeline.task.id);
  const labels =
    task.labelled && task.head === 'cls' ? await labelCount(pipeline, places, sources) : undefined;
  return { folder: modelFolder(pipeline, places, sources), head: task.head, labels };
}

type OpenedModel = Awaited<ReturnType<typeof openModel>>;

async function openModel({
  folder,
  head,
  labels,
  sources,
  places,
  random,
}: ModelRequest & Omit<RowRequest, 'tokens'> & { random: Random }) {
  const sized = labels === undefined ? {} : { labels };
  const opened = await loadModel(folder, head, {
    family: sources.family,
    random: random.stream('model/init'),
    cache: places.cache,
    ...sized,
  });
  const tokenizer = loadTokenizer(folder);
  const problems = checkVocabulary(tokenizer.vocabularySize, opened.spec.vocabulary).filter(
    ({ severity }) => severity === 'error',
  );
  if (problems.length > 0) throw new Findings(problems);
  const padToken = opened.spec.padToken ?? tokenizer.padId ?? 0;
  return {
    spec: { ...opened.spec, padToken },
    stored: opened.stored,
    read: opened.read,
    fresh: opened.fresh,
    tokenizer,
    encoder: encoderOf(tokenizer, opened.spec.vocabulary),
    digests: folderDigests(folder),
  };
}

function encoderOf(tokenizer: Tokenizer, vocabulary: number) {
  return {
    vocabulary,
    special: [...tokenizer.specialIds],
    prefix: tokenizer.prefixIds,
    suffix: tokenizer.suffixIds,
    unknown: tokenizer.unkId,
    pieces: (ids: readonly number[]): string[] =>
      ids.map((id) => tokenizer.decode([id], { skipSpecial: false })),
    decode: (ids: readonly number[]): string => tokenizer.decode(ids),
  };
}

function modelFolder(
  { model }: PipelinePlan,
  places: LibraryPlaces,
  sources: ModelSources,
): string {
  if (model.kind === 'catalog') return sources.modelFolder(model.ref);
  if (model.kind === 'folder') return path.resolve(places.base, model.ref);
  throw finding(
    'VF568',
    `model \`${model.ref}\` is ${model.kind === 'hub' ? 'on a hub' : 'a single file'}, which this version does not read`,
    'name a folder with config.json and model.safetensors',
  );
}

async function labelCount(
  pipeline: PipelinePlan,
  places: LibraryPlaces,
  sources: ModelSources,
): Promise<number> {
  const stated = pipeline.task.params.labels;
  if (typeof stated === 'number') return stated;
  return (await openSplits(pipeline.data, rowSources(places, sources), undefined)).classes.length;
}

function refuseUnlabelled(
  rows: readonly { readonly id: string; readonly label?: number }[],
  classes: number,
): void {
  const without = rows.find(({ label }) => label === undefined);
  if (without)
    throw finding(
      'VF543',
      `row ${without.id} has no label`,
      'classification needs one per row: name its column with `columns { label … }`',
    );
  const outside = rows.find(({ label = 0 }) => label < 0 || label >= classes);
  if (outside)
    throw finding(
      'VF544',
      `row ${outside.id} has label ${outside.label}, outside 0 to ${classes - 1}`,
      'correct the row or `labels`',
    );
}

function folderDigests(folder: string): { readonly [file: string]: string } {
  const names = readdirSync(folder)
    .filter((name) => /\.(safetensors|json|txt|model)$/.test(name))
    .sort();
  return Object.fromEntries(
    names
      .filter((name) => existsSync(path.join(folder, name)))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(path.join(folder, name)))
          .digest('hex'),
      ]),
  );
}

function digestOf({
  train,
  test,
}: {
  train: readonly { id: string; ids: readonly number[]; label: number | null }[];
  test: readonly { id: string; ids: readonly number[]; label: number | null }[];
}): string {
  const hash = createHash('sha256');
  for (const { id, ids, label } of [...train, ...test])
    hash.update(`${id}\t${ids.join(' ')}\t${label}\n`);
  return hash.digest('hex');
}
