import type {
  AttackDefinition,
  AttackPlan,
  Fields,
  Goal,
  GuessOf,
  PipelinePlan,
  SightKey,
} from '../contract/index.js';
import { present } from '../text/index.js';
import { grantedKeys } from '../threat/index.js';
import type { AttackVariant } from './orders.js';
import { type RowPick, selectionOf } from './selection.js';
import { attackKey, type Stage } from './stage.js';
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
  readonly residuals?: {
    readonly guess: readonly (readonly number[])[];
    readonly truth: readonly (readonly number[])[];
  };
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
/** Rows of the wrong-head control: nothing fits there, so an exact attack has to search everywhere. */
export const wrongHeadRows = 3;
/** Rows of a control on labels: one bit each, so more of them. */
export const labelControlRows = 64;

/** The forms an attack is run in: adaptive and static where it can use knowledge of a defense, and its controls. */
export function variantsOf({ pipeline, attack, definition, victim }: AttackJob): AttackVariant[] {
  const adversary = present(
    pipeline.adversaries.find(({ name }) => name === attack.adversary),
    'adversary',
  );
  const granted = grantedKeys(pipeline, adversary);
  const defended = pipeline.defenses.some(({ chain }) => chain.length > 0);
  const canAdapt = defended && granted.has('defense') && definition.wants.includes('defense');
  const plain: AttackVariant = { name: 'static', knowsDefense: false, head: 'granted' };
  const main: AttackVariant[] = canAdapt
    ? [{ name: 'adaptive', knowsDefense: true, head: 'granted' }, plain]
    : [plain];
  const decoy: AttackVariant = { name: 'decoy', knowsDefense: canAdapt, head: 'granted' };
  if (definition.guesses !== 'tokens') return attack.split === 'train' ? [...main, decoy] : main;
  const wrong: AttackVariant = { name: 'wrong-head', knowsDefense: canAdapt, head: 'wrong' };
  // Offline, after the head was trained, nobody can make decoys any more.
  const hasDecoys = victim.decoys[attackKey(pipeline, attack)] !== undefined;
  const control = hasDecoys ? [decoy] : [];
  return definition.needs.includes('head') ? [...main, ...control, wrong] : [...main, ...control];
}

/** The rows one form of an attack is shown: all that were drawn, or the first few for a control. */
export function shownPicks(
  { pipeline, attack, judged }: AttackJob,
  variant: AttackVariant,
): RowPick[] {
  const { picks } = selectionOf(pipeline, attack, judged.sizes);
  if (variant.name === 'wrong-head') return firstRows(picks, wrongHeadRows);
  if (variant.name !== 'decoy') return [...picks];
  return firstRows(picks, attack.split === 'train' ? labelControlRows : controlRows);
}

/** The first `count` shown rows. */
export function firstRows(picks: readonly RowPick[], count: number): RowPick[] {
  let left = count;
  return picks.flatMap((pick) => {
    const take = Math.min(left, pick.rows.length);
    left -= take;
    return take > 0
      ? [{ ...pick, rows: pick.rows.slice(0, take), dataRows: pick.dataRows.slice(0, take) }]
      : [];
  });
}

/** The split an attack's rows are of; prompts are those of the test split. */
export function picksSplit({ attack }: AttackJob): 'train' | 'test' {
  return attack.split === 'train' ? 'train' : 'test';
}
