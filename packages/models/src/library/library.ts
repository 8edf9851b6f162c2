import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { AuxiliaryPlan, PipelinePlan } from '@vflair/core/contract';
import { type FloatTensor, type Random, randomStream } from '@vflair/core/tensor';
import { openCheckpoint, writeSafetensors } from '../weights/index.js';
import { checkCache } from './one-stream.js';
import { type ModelRequest, openModel, openTokenizer } from './open-model.js';
import { labelCount, openRows, rowSources } from './open-rows.js';
import { openPrompts, type Prompts } from './prompts.js';
import { openPublic } from './rows.js';
import { type LibraryPlaces, type ModelSources, modelFolder } from './sources.js';

/** Public text when an adversary has none of its own, other than the victim's: what priors and decoys are made of. */
function publicText({ data }: PipelinePlan): AuxiliaryPlan {
  return {
    kind: 'catalog',
    ref: data.ref === 'sotu' ? 'moby-dick' : 'sotu',
    rows: 500,
    columns: {},
  };
}

/** Models, rows and public text of pipelines, each opened once per process. */
export function createModelLibrary(sources: ModelSources) {
  const models = new Map<string, ReturnType<typeof openModel>>();
  const tokenizers = new Map<string, ReturnType<typeof openTokenizer>>();
  const rows = new Map<string, ReturnType<typeof openRows>>();
  const publics = new Map<string, ReturnType<typeof openPublic>>();
  const tokenizerOf = async (pipeline: PipelinePlan, places: LibraryPlaces) => {
    const request = await modelRequest(pipeline, places, sources);
    return once(tokenizers, request, () => openTokenizer(request, sources));
  };
  const tokens = async (pipeline: PipelinePlan, places: LibraryPlaces) => {
    const { tokenizer, maxLength: most } = await tokenizerOf(pipeline, places);
    return { tokenizer, maxLength: Math.min(pipeline.data.maxLength ?? most, most) };
  };
  return {
    model: async (pipeline: PipelinePlan, places: LibraryPlaces, random: Random) => {
      const request = await modelRequest(pipeline, places, sources);
      const model = await once(models, [request, pipeline.seed], () =>
        openModel(request, { sources, places, random }),
      );
      if (pipeline.task.id === 'generation') checkCache(model.spec);
      return model;
    },
    rows: async (pipeline: PipelinePlan, places: LibraryPlaces, random: Random) => {
      const { data, task, model, seed } = pipeline;
      return once(rows, [data, task, model, seed, places.base], async () =>
        openRows(pipeline, { places, sources, random, ...(await tokens(pipeline, places)) }),
      );
    },
    publicRows: async (
      pipeline: PipelinePlan,
      auxiliary: AuxiliaryPlan | null,
      places: LibraryPlaces,
    ) => {
      const plan = auxiliary ?? publicText(pipeline);
      const { model, data, seed } = pipeline;
      const random = randomStream(`vflair/public/${seed}`);
      return once(publics, [plan, model, data.maxLength, seed], async () =>
        openPublic(plan, rowSources(places, sources), {
          random,
          ...(await tokens(pipeline, places)),
        }),
      );
    },
    /** What prompts from outside the pipeline's rows are written with. */
    prompts: async (pipeline: PipelinePlan, places: LibraryPlaces): Promise<Prompts> =>
      openPrompts(await tokenizerOf(pipeline, places)),
    ...tensorFiles,
  };
}

async function modelRequest(
  pipeline: PipelinePlan,
  places: LibraryPlaces,
  sources: ModelSources,
): Promise<ModelRequest> {
  const task = await sources.task(pipeline.task.id);
  const labelled = task.labelled && task.head === 'cls';
  const labels = labelled ? await labelCount(pipeline, places, sources) : undefined;
  return { folder: modelFolder(pipeline, places, sources), head: task.head, labels };
}

function once<T>(known: Map<string, Promise<T>>, key: unknown, open: () => Promise<T>): Promise<T> {
  const name = JSON.stringify(key);
  const opened = known.get(name) ?? open();
  known.set(name, opened);
  return opened;
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
