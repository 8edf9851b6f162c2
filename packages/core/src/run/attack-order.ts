import type { SightKey } from '../contract/index.js';
import { at, canonicalJson } from '../text/index.js';
import type { AttackJob } from './attack-job.js';
import { disjointRows } from './auxiliary.js';
import type { RunContext } from './context.js';
import { permutedLabelGradients } from './label-decoy.js';
import type { AttackOrder, AttackVariant, StoredMessage } from './orders.js';
import { carrierOf, type RowPick, selectionOf } from './selection.js';
import { attackKey } from './stage.js';
import type { TranscriptEntry } from './tap.js';

/** What the worker of one form of an attack is told: stored messages and knowledge, never a truth. */
export async function attackOrder(
  context: RunContext,
  job: AttackJob,
  { variant, picks }: { variant: AttackVariant; picks: readonly RowPick[] },
): Promise<AttackOrder> {
  const { pipeline, stage, victim } = job;
  const stored = (key: SightKey): StoredMessage[] => storedMessages(context, job, { key, picks });
  const decoys = variant.name === 'decoy' ? await decoyMessages(context, job, picks) : undefined;
  const dataParty = at(pipeline.slices, 0).owner;
  const trained = victim.after.length > 0 && at(victim.after, 0).trainedCount > 0;
  return {
    kind: 'attack',
    pipeline,
    attack: pipeline.attacks.indexOf(job.attack),
    variant,
    places: context.places,
    threads: context.threads,
    activations: decoys?.activations ?? stored('activations'),
    gradients: decoys?.gradients ?? stored('gradients'),
    responses: stored('responses'),
    auxiliary: await auxiliaryOf(context, job),
    trainedHead: trained
      ? context.folder.path('artifacts', stage.key, `${dataParty}.safetensors`)
      : '',
  };
}

/** The adversary's own public rows; those of another adversary of the pipeline are loaded apart. */
async function auxiliaryOf(context: RunContext, { pipeline, attack, judged }: AttackJob) {
  const adversary = pipeline.adversaries.find(({ name }) => name === attack.adversary);
  if (!adversary?.auxiliary) return [];
  const { rows, model, auxiliary } = judged;
  if (canonicalJson(adversary.auxiliary) === canonicalJson(auxiliary.plan)) return auxiliary.ids;
  return (await disjointRows(context, pipeline, { adversary, rows, model })).ids;
}

/** The messages behind one key of a sight that `picks` were drawn from, as a worker finds them. */
export function storedMessages(
  context: RunContext,
  job: AttackJob,
  { key, picks }: { key: SightKey; picks: readonly RowPick[] },
): StoredMessage[] {
  return picks.flatMap((pick) => storedMessage(context, job, { key, pick }) ?? []);
}

function storedMessage(
  context: RunContext,
  { pipeline, attack, victim, judged }: AttackJob,
  { key, pick }: { key: SightKey; pick: RowPick },
): StoredMessage | undefined {
  const carrier = carrierOf(pipeline, key);
  const { phase } = selectionOf(pipeline, attack, judged.sizes);
  const entry =
    carrier &&
    victim.entries.find((candidate) => matches(candidate, { ...carrier, phase, step: pick.step }));
  if (!entry || entry.file === '') return undefined;
  const rows = judged.rows[phase === 'train' ? 'train' : 'test'];
  const lengths = pick.dataRows.map((row) => at(rows, row).ids.length);
  return {
    phase,
    step: pick.step,
    file: context.folder.path('transcript', entry.file),
    shape: entry.shape,
    rows: pick.rows,
    lengths,
  };
}

function matches(entry: TranscriptEntry, wanted: Wanted): boolean {
  return (
    entry.phase === wanted.phase &&
    entry.step === wanted.step &&
    entry.from === wanted.from &&
    entry.to === wanted.to &&
    entry.kind === wanted.kind
  );
}

type Wanted = {
  readonly phase: string;
  readonly step: number;
  readonly from: string;
  readonly to: string;
  readonly kind: string;
};

/** What a decoy transcript shows in place of the real one: public rows through the head, or real rows under permuted labels. */
async function decoyMessages(
  context: RunContext,
  job: AttackJob,
  picks: readonly RowPick[],
): Promise<Pick<AttackOrder, 'activations' | 'gradients'>> {
  if (job.definition.guesses === 'tokens')
    return { activations: await storedDecoys(context, job), gradients: [] };
  return { activations: [], gradients: await permutedLabelGradients(context, job, picks) };
}

/** Decoy messages go to disk as a transcript's would, so that an attack can't tell them apart by how they come. */
async function storedDecoys(
  { folder }: RunContext,
  { pipeline, attack, stage, victim }: AttackJob,
): Promise<StoredMessage[]> {
  const key = attackKey(pipeline, attack);
  const decoys = victim.decoys[key]?.messages ?? [];
  return Promise.all(
    decoys.map(async ({ tensor, lengths }, step) => {
      const parts = ['stages', stage.key, `decoy-${key}-${step}.bin`];
      await folder.write(
        new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength),
        ...parts,
      );
      return {
        phase: 'test' as const,
        step,
        file: folder.path(...parts),
        shape: tensor.shape,
        rows: lengths.map((_, i) => i),
        lengths,
      };
    }),
  );
}
