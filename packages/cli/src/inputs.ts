import os from 'node:os';
import path from 'node:path';
import type { Plan } from '@vflair/core/contract';
import { type Library, type Places, victimStream } from '@vflair/core/run';
import { createProber, resolveDevice } from '@vflair/core/session';
import type { Diagnostic } from '@vflair/core/text';
import { createLibrary } from './installation.js';

/** SHA-256 of what a pipeline reads: the model's files, and its rows. */
export interface PipelineInputs {
  readonly model: { readonly [file: string]: string };
  readonly data: { readonly [file: string]: string };
}

/** What this machine resolved, by pipeline. */
export type Inputs = { readonly [pipeline: string]: PipelineInputs };

/** A plan whose devices are there and whose models and rows can be read. */
export interface Prepared {
  readonly plan: Plan;
  readonly library: Library;
  readonly places: Places;
  /** By party, in words. */
  readonly devices: { readonly [party: string]: string };
  readonly inputs: Inputs;
  /** What a person should know of the rows. */
  readonly warnings: readonly Diagnostic[];
}

/** Where weights converted to float32 are kept between runs. */
export function cacheFolder(): string {
  return process.env.VFLAIR_CACHE ?? path.join(os.tmpdir(), `vflair-${os.userInfo().uid}`);
}

/** Looks for everything a plan needs, before anything starts or is written. What isn't there throws its finding. */
export async function prepare(plan: Plan, base: string): Promise<Prepared> {
  const devices = await findDevices(plan);
  return { ...(await prepareInputs(plan, base)), devices };
}

/** Reads what a plan names: the models and the rows. What can't be read throws its finding. */
export async function prepareInputs(plan: Plan, base: string): Promise<Omit<Prepared, 'devices'>> {
  const library = createLibrary();
  const places: Places = { base: path.resolve(base), cache: cacheFolder() };
  const inputs: Record<string, PipelineInputs> = {};
  const warnings = new Map<string, Diagnostic>();
  for (const pipeline of plan.pipelines) {
    const random = victimStream(pipeline);
    const model = await library.model(pipeline, places, random);
    const rows = await library.rows(pipeline, places, random);
    inputs[pipeline.name] = { model: model.digests, data: rows.digests };
    for (const warning of rows.warnings) warnings.set(warning.message, warning);
  }
  return { plan, library, places, inputs, warnings: [...warnings.values()] };
}

async function findDevices(plan: Plan): Promise<{ readonly [party: string]: string }> {
  const prober = createProber();
  const found: Record<string, string> = {};
  for (const { parties } of plan.pipelines) {
    for (const { name, device } of parties)
      found[name] = (await resolveDevice(device, prober)).line;
  }
  return found;
}

/** The first input that differs, in words; undefined where all of `before` are as they were. */
export function changedInput(before: Inputs, now: Inputs): string | undefined {
  for (const [pipeline, { model, data }] of Object.entries(before)) {
    const current = now[pipeline];
    if (!current) continue;
    const file =
      differing(model, current.model, 'of the model') ??
      differing(data, current.data, 'of the data');
    if (file !== undefined) return `${file} in pipeline \`${pipeline}\``;
  }
  return undefined;
}

function differing(
  before: PipelineInputs['model'],
  now: PipelineInputs['model'],
  what: string,
): string | undefined {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  const name = names.find((candidate) => before[candidate] !== now[candidate]);
  return name === undefined ? undefined : `\`${name}\` ${what}`;
}
