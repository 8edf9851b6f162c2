import type { SliceRole } from '@vflair/core/contract';

/** Where an interval comes from: one seed's samples, several seeds, or nowhere. */
export type IntervalOf = 'samples' | 'seeds' | 'none';

/** Text an attack's figure is about, where the run generated: the prompt or the answer. */
export type TextSpan = 'prompt' | 'answer';

/** One figure with everything it may not be printed without. Shares are 0 to 1. */
export interface Figure {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Samples of one seed; null where nothing was counted. */
  readonly n: number | null;
  readonly tokens?: number;
  readonly unit?: string;
  readonly interval: IntervalOf;
  /** Seeds it is the mean of. */
  readonly seeds: number;
  /** The optimiser failed on some samples: the figure is a lower bound. */
  readonly atLeast: boolean;
  readonly adaptive?: boolean;
  readonly adversary?: string;
  readonly span?: TextSpan;
  /** Share of samples on which D(guess) > D(truth). */
  readonly residualWorse?: number;
  readonly abstained?: number;
  readonly margin?: number;
  readonly unkRate?: number;
  readonly direction?: string;
  readonly p?: number;
  readonly text?: string;
  readonly baselines: { readonly [name: string]: number };
  /** Static and adaptive, other adversaries, other spans: all that were measured, where there is more than one. */
  readonly variants?: readonly Figure[];
}

/** Field values of a sweep. */
export type Sweep = { readonly [field: string]: string | number | boolean };

/** All figures of one (pipeline, defenses, attacks, sweep); `attack` is empty for the task. */
export interface ReportCell {
  readonly pipeline: string;
  readonly defense: readonly string[];
  readonly attack: readonly string[];
  readonly sweep: Sweep;
  readonly seeds: readonly number[];
  /** By metric on test; other splits are `train/accuracy`, `generate/positional-accuracy`. */
  readonly metrics: { readonly [metric: string]: Figure };
}

/** One check of the run itself. */
export interface ReportOracle {
  readonly name: string;
  readonly value: number | null;
  readonly bound: number | null;
  readonly ok: boolean;
  readonly pipeline: string;
  readonly seed: number;
  readonly text?: string;
}

/** A figure of the table, with the name of its metric and what guessing gets. */
export interface TableFigure {
  readonly metric: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number | null;
  readonly tokens?: number;
  readonly interval: IntervalOf;
  /** The best baseline that needs no message; null where none was recorded. */
  readonly guess: number | null;
  readonly guessName: string;
}

/** Leakage against use: one row per attack cell, one without leakage where a setting was not attacked. */
export interface TableRow {
  readonly pipeline: string;
  readonly label: string;
  readonly defense: readonly string[];
  readonly attack: readonly string[];
  readonly sweep: Sweep;
  readonly utility: TableFigure | null;
  readonly leakage:
    | (TableFigure & { readonly atLeast: boolean; readonly adaptive: boolean | null })
    | null;
  /** The strongest attack of its setting on this metric. */
  readonly strongest: boolean;
  /** No other setting leaks less at the same use, or is of more use at the same leak. */
  readonly pareto: boolean;
}

/** What one defense claims, in the words of a privacy statement. */
export interface LedgerLine {
  readonly pipeline: string;
  readonly sweep: Sweep;
  readonly defense: string;
  readonly party: string;
  readonly point: string;
  readonly mechanism: string;
  readonly unit: string;
  readonly neighbouring: string;
  readonly epsilonPerRelease: number | null;
  readonly delta: number | null;
  readonly releases: number | null;
  readonly epsilon: number | null;
  readonly reason: string;
  readonly sensitivity: number | null;
  readonly scale: number | null;
  readonly simulated: boolean;
  readonly ceiling: number | null;
  /** What the audit measured: a lower bound of ε. */
  readonly audited: number | null;
}

/** How an adversary holds a message: granted to it, made by itself, received but not granted, or not its business. */
export type Sighting = 'granted' | 'own' | 'withheld' | 'none';

/** One arrow of the picture "who sees what". */
export interface Crossing {
  readonly from: string;
  readonly to: string;
  readonly fromParty: string;
  readonly toParty: string;
  readonly kind: 'activation' | 'gradient' | 'logits';
  readonly sighting: Sighting;
  readonly shape: readonly (number | string)[] | null;
  readonly bytesPerExample: number | null;
  /** Defense chains on it, by pipeline. */
  readonly defended: readonly { readonly pipeline: string; readonly chain: string }[];
  /** What the attacks got out of it, in words, and in which setting; null where nothing. */
  readonly revealed: string | null;
  readonly revealedIn: string | null;
}

/** A setting of parties, slices and adversaries, with the pipelines that share it. */
export interface ThreatScene {
  readonly pipelines: readonly string[];
  readonly parties: readonly {
    readonly name: string;
    readonly device: string;
    readonly holds: readonly string[];
  }[];
  readonly slices: readonly {
    readonly name: string;
    readonly role: SliceRole;
    readonly owner: string;
    readonly extent: string;
  }[];
  readonly crossings: readonly Crossing[];
  readonly adversaries: readonly { readonly name: string; readonly at: string }[];
  readonly sentences: readonly string[];
}

/** One reconstructed text: token under token. */
export interface ReportExample {
  readonly pipeline: string;
  readonly label: string;
  readonly attack: string;
  readonly rule: 'worst' | 'median' | 'best';
  readonly split: string;
  readonly row: string;
  readonly span: TextSpan | null;
  readonly tokens: readonly ExampleToken[];
}

/** One position of an example. */
export interface ExampleToken {
  readonly original: string;
  readonly recovered: string;
  readonly status: 'right' | 'wrong' | 'special';
  readonly private: boolean;
}

/** One metric along layers, positions, token classes, training or decoding. */
export interface Profile {
  readonly pipeline: string;
  readonly label: string;
  readonly attack: string;
  readonly metric: string;
  readonly axis: string;
  readonly points: readonly {
    readonly at: string;
    readonly value: number;
    readonly low: number | null;
    readonly high: number | null;
    readonly n: number | null;
  }[];
}

/** Time, memory and speed of a stage, summed over what shares its name and party. */
export interface Timing {
  readonly seconds: number;
  readonly party?: string;
  readonly peakMemory?: number;
  readonly tokensPerSecond?: number;
}

/** What crossed one channel. */
export interface Traffic {
  readonly total: number;
  readonly perExample?: number;
  readonly shape?: readonly (number | string)[];
}

/** The answer in a few sentences. `code` in backticks, figures in double asterisks. */
export interface Verdict {
  readonly badge: 'believed' | 'not to be believed';
  readonly sentences: readonly string[];
  /** Whether every attacked setting has a clear answer. */
  readonly clear: boolean;
  /** What run would give the missing answer; "" where none is missing. */
  readonly next: string;
}

/** Something the run wants said: a warning of the check, an overlap that was dropped. */
export interface ReportNote {
  readonly name: string;
  readonly pipeline: string;
  readonly text: string;
}

/** `report.json`: a pure function of a run's records and Plan. */
export interface Report {
  readonly schema: 1;
  readonly plan: string;
  readonly believed: boolean;
  readonly oracles: readonly ReportOracle[];
  readonly cells: readonly ReportCell[];
  readonly table: readonly TableRow[];
  readonly timings: { readonly [pipeline: string]: { readonly [stage: string]: Timing } };
  readonly bytes: { readonly [pipeline: string]: { readonly [channel: string]: Traffic } };
  readonly verdict: Verdict;
  readonly title: string;
  /** What the text says of its pipelines; by name where there are several. */
  readonly about: readonly { readonly pipeline: string | null; readonly text: string }[];
  readonly threat: readonly ThreatScene[];
  readonly ledger: readonly LedgerLine[];
  readonly examples: readonly ReportExample[];
  readonly profiles: readonly Profile[];
  readonly notes: readonly ReportNote[];
  readonly digests: { readonly [name: string]: string };
}

/** `lock.json` as far as the report knows it: any JSON object. */
export type RunLock = { readonly [key: string]: unknown };
