import { cp, link, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { AttackPlan, PipelinePlan, SightKey } from '../contract/index.js';
import { at, type Diagnostic } from '../text/index.js';
import { grantedKeys } from '../threat/index.js';
import type { RunContext } from './context.js';
import type { RunFolder } from './folder.js';
import { openWorld } from './hub.js';
import { decoysOf } from './run-stage.js';
import { carrierOf, selectionOf } from './selection.js';
import type { Stage } from './stage.js';
import { type Judged, openTruth } from './truths.js';
import { type DecoyResult, decoyMessages, type VictimResult } from './victim.js';

/** A stage whose victim another run has, with what its attacks are judged by. */
export interface Borrowed {
  readonly stage: Stage;
  readonly judged: Judged;
  readonly victim: VictimResult;
}

/** The victims of `stages` in the folder of a run. What some attack wants to be shown and that run did not keep is VF583. */
export async function findVictims(
  context: RunContext,
  stages: readonly Stage[],
  from: RunFolder,
): Promise<{ readonly victims: readonly Borrowed[]; readonly diagnostics: readonly Diagnostic[] }> {
  const victims: Borrowed[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const stage of stages) {
    const victim = await from.load<VictimResult>('stages', stage.key, 'victim.json');
    if (!victim) {
      diagnostics.push(notKept(stage.pipeline, 'what its victim did'));
      continue;
    }
    const judged = await openTruth(context, stage.pipeline);
    diagnostics.push(...(await notShown(context, { stage, judged, victim })));
    victims.push({ stage, judged, victim });
  }
  return { victims, diagnostics };
}

/**
 * Makes `context.folder` the folder of a run with the victims of another run: their messages, results and trained
 * tensors, so that only attacks are left to do.
 */
export async function borrowVictims(
  context: RunContext,
  victims: readonly Borrowed[],
  from: RunFolder,
): Promise<void> {
  for (const each of victims) await borrow(context, each, from);
}

async function borrow(
  context: RunContext,
  { stage, judged, victim }: Borrowed,
  from: RunFolder,
): Promise<void> {
  const { folder } = context;
  const { key } = stage;
  await linkAll(from.path('transcript', key), folder.path('transcript', key));
  await linkAll(from.path('artifacts', key), folder.path('artifacts', key));
  await linkAll(from.path('stages'), folder.path('stages'), (name) => name !== 'origin.json');
  const decoys = await decoysFor(context, { stage, judged, victim });
  await folder.save({ ...victim, decoys }, 'stages', key, 'victim.json');
}

/** Decoys of other attacks on the same rows serve; a head that was not trained makes new ones. */
async function decoysFor(
  context: RunContext,
  { stage, judged, victim }: Borrowed,
): Promise<VictimResult['decoys']> {
  const known = Object.values(victim.decoys);
  const decoys: Record<string, DecoyResult> = {};
  const left = new Map<string, number[][]>();
  for (const [key, ids] of await decoysOf(context, stage, judged)) {
    const same = known.find((decoy) => JSON.stringify(decoy.ids) === JSON.stringify(ids));
    if (same) decoys[key] = same;
    else left.set(key, ids);
  }
  if (left.size === 0 || trainsHead(stage.pipeline)) return decoys;
  const order = { pipeline: stage.pipeline, places: context.places, threads: context.threads };
  const world = await openWorld(context.hosts, { ...order, probing: false });
  try {
    return { ...decoys, ...(await decoyMessages(world, { decoyRows: left })) };
  } finally {
    await world.close();
  }
}

function trainsHead({ work, slices }: PipelinePlan): boolean {
  if (work.kind === 'infer') return false;
  const trained = work.params.slices;
  return !Array.isArray(trained) || trained.some((name) => name === at(slices, 0).name);
}

/** Hard links where they can be had, copies elsewhere; a folder that isn't there has nothing to link. */
async function linkAll(
  from: string,
  to: string,
  keeps: (name: string) => boolean = () => true,
): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true }).catch(() => []);
  await mkdir(to, { recursive: true });
  for (const entry of entries) {
    if (!entry.isFile() || !keeps(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    await link(source, target).catch(async (error: unknown) => {
      // Pipelines share what was done once, so it may be there already.
      const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isThere) await cp(source, target);
    });
  }
}

/** VF583: a run did not keep what an attack would be shown. */
const notKept = (pipeline: PipelinePlan, what: string, attack?: AttackPlan): Diagnostic => ({
  code: 'VF583',
  severity: 'error',
  message: `the run did not keep ${what}${attack ? `, which attack \`${attack.chain.map(({ id }) => id).join(' |> ')}\` of adversary \`${attack.adversary}\` would be shown` : ''} (pipeline \`${pipeline.name}\`)`,
  hint: 'a run keeps what its own attacks are shown: attack the rows that they attack, or run the text with this attack in it',
});

async function notShown(
  { library }: RunContext,
  { stage, judged, victim }: Borrowed,
): Promise<Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const pipeline of stage.members) {
    for (const attack of pipeline.attacks) {
      const definition = await library.attack(at(attack.chain, attack.chain.length - 1).id);
      const adversary = pipeline.adversaries.find(({ name }) => name === attack.adversary);
      const granted = adversary ? grantedKeys(pipeline, adversary) : new Set<SightKey>();
      const keys = [...definition.needs, ...definition.wants.filter((key) => granted.has(key))];
      const { phase, picks } = selectionOf(pipeline, attack, judged.sizes);
      for (const key of keys) {
        const carrier = carrierOf(pipeline, key);
        const lost =
          carrier && picks.filter(({ step }) => !isKept(victim, { ...carrier, phase, step }));
        if (carrier && lost && lost.length > 0)
          found.push(
            notKept(
              pipeline,
              describe(
                carrier,
                phase,
                lost.map(({ step }) => step),
              ),
              attack,
            ),
          );
      }
    }
  }
  return found;
}

function describe(
  { from, to, kind }: { from: string; to: string; kind: string },
  phase: string,
  steps: readonly number[],
): string {
  const shown = steps.slice(0, 3).join(', ');
  const more = steps.length > 3 ? ` and ${steps.length - 3} more` : '';
  return `the ${kind} \`${from} -> ${to}\` of ${phase} step ${shown}${more}`;
}

function isKept(
  { entries }: VictimResult,
  wanted: { from: string; to: string; kind: string; phase: string; step: number },
): boolean {
  return entries.some(
    ({ from, to, kind, phase, step, file }) =>
      file !== '' &&
      from === wanted.from &&
      to === wanted.to &&
      kind === wanted.kind &&
      phase === wanted.phase &&
      step === wanted.step,
  );
}
