import type { AttackDefinition, AttackPlan, Fields, Goal, GuessOf, PipelinePlan, SightKey } from '../contract/index.js';
import { grantedKeys } from '../threat/index.js';
import { at, finding, present } from '../text/index.js';
import type { RunContext } from './context.js';
import type { AttackOrder, AttackVariant, ResidualOrder, StoredMessage } from './orders.js';
import { carrierOf, type RowPick, selectionOf } from './selection.js';
import { permutedLabelGradients } from './label-decoy.js';
import { attackKey, type Stage } from './stage.js';
import type { TranscriptEntry } from './tap.js';
import type { Judged, Shown } from './truths.js';
import type { VictimResult } from './victim.js';

/** An attack that came to an end: what it guessed, in which form, on which rows. */
export interface AttackRun {
  readonly variant: AttackVariant;
  /** What was shown, for the truth to be looked up. */
  readonly shown: readonly Shown[];
  readonly split: 'train' | 'test';
  readonly guess: GuessOf[Goal];
  readonly seconds: number;
  /** D of the guess and of the truth, row by row of each message; absent for labels. */
  readonly residuals?: { readonly guess: readonly (readonly number[])[]; readonly truth: readonly (readonly number[])[] };
}

/** What an attack is run with. */
export interface AttackJob {
  readonly stage: Stage;
  readonly pipeline: PipelinePlan;
  readonly attack: AttackPlan;
  readonly definition: AttackDefinition<Fields, SightKey, SightKey, Goal>;
  readonly victim: VictimResult;
  readonly judged: Judged;
}

/** Rows of a control: enough for a test at its error level, at a fraction of the attack's cost. */
export const controlRows = 16;
/** Rows of a control on labels: one bit each, so more of them. */
export const labelControlRows = 64;

/** The forms an attack is run in: adaptive and static where it can use knowledge of a defense, and its controls. */
export function variantsOf({ pipeline, attack, definition }: AttackJob): AttackVariant[] {
  const adversary = present(pipeline.adversaries.find(({ name }) => name === attack.adversary), 'adversary');
  const granted = grantedKeys(pipeline, adversary);
  const defended = pipeline.defenses.some(({ chain }) => chain.length > 0);
  const canAdapt = defended && granted.has('defense') && definition.wants.includes('defense');
  const plain: AttackVariant = { name: 'static', knowsDefense: false, head: 'granted' };
  const main: AttackVariant[] = canAdapt ? [{ name: 'adaptive', knowsDefense: true, head: 'granted' }, plain] : [plain];
  const decoy: AttackVariant = { name: 'decoy', knowsDefense: canAdapt, head: 'granted' };
  if (definition.guesses !== 'tokens') return attack.split === 'train' ? [...main, decoy] : main;
  const wrong: AttackVariant = { name: 'wrong-head', knowsDefense: canAdapt, head: 'wrong' };
  return definition.needs.includes('head') ? [...main, decoy, wrong] : [...main, decoy];
}

/** Runs one form of an attack, or takes its result from an earlier, interrupted run. */
export async function runAttack(context: RunContext, job: AttackJob, variant: AttackVariant): Promise<AttackRun> {
  const file = `${attackKey(job.pipeline, job.attack)}-${variant.name}.json`;
  const known = await context.folder.load<AttackRun>('stages', job.stage.key, file);
  if (known) return known;
  const picks = shownPicks(job, variant);
  const order = await attackOrder(context, job, { variant, picks });
  const result = (await askWorker(context, order, `${job.pipeline.name}: ${job.attack.chain.map(({ id }) => id).join(' |> ')} (${variant.name})`)) as Pick<AttackRun, 'guess' | 'seconds'>;
  const residuals = await measureResiduals(context, job, { order, picks, guess: result.guess });
  const shown = variant.name === 'decoy' ? shownDecoys(picks, order) : picks.map(({ step, dataRows }, i) => ({ step, dataRows, width: widthOf(order, i) }));
  const split = picksSplit(job);
  const run: AttackRun = { variant, shown, split, ...result, ...(residuals ? { residuals } : {}) };
  await context.folder.save(run, 'stages', job.stage.key, file);
  return run;
}

function shownPicks({ pipeline, attack, judged }: AttackJob, variant: AttackVariant): RowPick[] {
  const { picks } = selectionOf(pipeline, attack, judged.sizes);
  if (variant.name !== 'decoy' && variant.name !== 'wrong-head') return [...picks];
  return firstRows(picks, attack.split === 'train' ? labelControlRows : controlRows);
}

/** The first `count` shown rows. */
export function firstRows(picks: readonly RowPick[], count: number): RowPick[] {
  let left = count;
  return picks.flatMap((pick) => {
    const take = Math.min(left, pick.rows.length);
    left -= take;
    return take > 0 ? [{ ...pick, rows: pick.rows.slice(0, take), dataRows: pick.dataRows.slice(0, take) }] : [];
  });
}

function picksSplit({ attack }: AttackJob): 'train' | 'test' {
  return attack.split === 'train' ? 'train' : 'test';
}

/** Positions of the i-th message shown. */
function widthOf({ activations, gradients, responses }: AttackOrder, i: number): number {
  const message = activations[i] ?? gradients[i] ?? responses[i];
  return message?.shape[1] ?? 0;
}

/** Decoy rows stand for the real rows in order, message by message. */
function shownDecoys(picks: readonly RowPick[], { activations, gradients }: AttackOrder): Shown[] {
  const rows = picks.flatMap(({ dataRows }) => dataRows);
  let next = 0;
  return [...activations, ...gradients].map((message) => {
    const dataRows = rows.slice(next, next + message.rows.length);
    next += message.rows.length;
    return { step: message.step, dataRows, width: message.shape[1] ?? 0 };
  });
}

async function attackOrder(context: RunContext, job: AttackJob, { variant, picks }: { variant: AttackVariant; picks: readonly RowPick[] }): Promise<AttackOrder> {
  const { pipeline, stage, victim } = job;
  const stored = (key: SightKey): StoredMessage[] => (picks.flatMap((pick) => storedMessage(context, job, { key, pick }) ?? []));
  const decoys = variant.name === 'decoy' ? await decoyMessages(context, job, picks) : undefined;
  const dataParty = at(pipeline.slices, 0).owner;
  const trained = victim.after.length > 0 && (at(victim.after, 0).trainedCount > 0);
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
    trainedHead: trained ? context.folder.path('artifacts', stage.key, `${dataParty}.safetensors`) : '',
  };
}

function storedMessage(context: RunContext, { pipeline, attack, victim, judged }: AttackJob, { key, pick }: { key: SightKey; pick: RowPick }): StoredMessage | undefined {
  const carrier = carrierOf(pipeline, key);
  const { phase } = selectionOf(pipeline, attack, judged.sizes);
  const entry = carrier && victim.entries.find((candidate) => matches(candidate, { ...carrier, phase, step: pick.step }));
  if (!entry || entry.file === '') return undefined;
  const rows = judged.rows[phase === 'train' ? 'train' : 'test'];
  const lengths = pick.dataRows.map((row) => at(rows, row).ids.length);
  return { phase, step: pick.step, file: context.folder.path('transcript', entry.file), shape: entry.shape, rows: pick.rows, lengths };
}

function matches(entry: TranscriptEntry, wanted: Wanted): boolean {
  return entry.phase === wanted.phase && entry.step === wanted.step && entry.from === wanted.from && entry.to === wanted.to && entry.kind === wanted.kind;
}

type Wanted = { readonly phase: string; readonly step: number; readonly from: string; readonly to: string; readonly kind: string };

/** What a decoy transcript shows in place of the real one: public rows through the head, or real rows under permuted labels. */
async function decoyMessages(context: RunContext, job: AttackJob, picks: readonly RowPick[]): Promise<Pick<AttackOrder, 'activations' | 'gradients'>> {
  if (job.definition.guesses === 'tokens') return { activations: await storedDecoys(context, job), gradients: [] };
  return { activations: [], gradients: await permutedLabelGradients(context, job, picks) };
}

/** Decoy messages go to disk as a transcript's would, so that an attack can't tell them apart by how they come. */
async function storedDecoys({ folder }: RunContext, { pipeline, attack, stage, victim }: AttackJob): Promise<StoredMessage[]> {
  const key = attackKey(pipeline, attack);
  const decoys = victim.decoys[key]?.messages ?? [];
  return Promise.all(
    decoys.map(async ({ tensor, lengths }, step) => {
      const parts = ['stages', stage.key, `decoy-${key}-${step}.bin`];
      await folder.write(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength), ...parts);
      return { phase: 'test' as const, step, file: folder.path(...parts), shape: tensor.shape, rows: lengths.map((_, i) => i), lengths };
    }),
  );
}

/** How long a worker may be silent before it is ended: an attack reports progress, or is too slow to be waited for. */
const patience = 10 * 60 * 1000;

async function askWorker(context: RunContext, order: AttackOrder | ResidualOrder, what: string): Promise<unknown> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  silence.catch(() => undefined);
  const complain = (): void => reject(finding('VF565', `${what} gave no sign for ${patience / 60000} minutes and was ended`, 'lower its `steps` or `samples`, or leave it out'));
  let timer = setTimeout(complain, patience);
  const progress = (_: string, done: number, of: number): void => {
    clearTimeout(timer);
    timer = setTimeout(complain, patience);
    context.progress(what, done, of);
  };
  const worker = await context.hosts.start(order, { message: () => undefined, progress });
  try {
    return await Promise.race([worker.command('run'), silence]);
  } finally {
    clearTimeout(timer);
    await worker.close();
  }
}

async function measureResiduals(
  context: RunContext,
  job: AttackJob,
  { order, picks, guess }: { order: AttackOrder; picks: readonly RowPick[]; guess: GuessOf[Goal] },
): Promise<AttackRun['residuals']> {
  if (!('tokens' in guess) || order.variant.name === 'decoy' || order.variant.name === 'wrong-head') return undefined;
  const byRow = new Map(guess.tokens.map((row) => [`${row.step}/${row.row}`, row.tokens]));
  const rows = job.judged.rows[order.activations[0]?.phase === 'train' ? 'train' : 'test'];
  const truth = picks.map((pick) => pick.dataRows.map((row) => at(rows, row).ids));
  const guessed = picks.map((pick) => pick.rows.map((_, i) => byRow.get(`${pick.step}/${i}`) ?? []));
  const ask = async (tokens: ResidualOrder['tokens']): Promise<number[][]> =>
    (await askWorker(context, { kind: 'residual', attack: order, tokens }, 'measuring residuals')) as number[][];
  return { guess: await ask(guessed), truth: await ask(truth) };
}
