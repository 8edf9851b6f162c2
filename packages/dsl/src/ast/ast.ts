import type { Source, Span } from '@vflair/core/text';
import type { SweepNode } from './sweep.js';

/** A span and the text it is in: files import each other, so a place alone does not say which file it is in. */
export interface SourceSpan extends Span {
  readonly source: Source;
}

/** A name as written. */
export interface Name {
  readonly text: string;
  readonly span: SourceSpan;
}

/** A value as written; a bare name may turn out to be a `let`, a catalog id or a field's own word. */
export type Value =
  | { readonly kind: 'string'; readonly text: string; readonly span: SourceSpan }
  | {
      readonly kind: 'number';
      readonly value: number;
      readonly raw: string;
      readonly span: SourceSpan;
    }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: SourceSpan }
  | { readonly kind: 'name'; readonly text: string; readonly span: SourceSpan }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly span: SourceSpan };

/** `name value` or `name { … }`; both are absent where a mistake left a hole. */
export interface Field {
  readonly name: Name;
  readonly value: Value | undefined;
  readonly fields: Fields | undefined;
  readonly span: SourceSpan;
}

/** `{ … }` after a statement's subject. */
export interface Fields {
  readonly items: readonly Field[];
  readonly span: SourceSpan;
}

/** A name with fields: a plugin in a chain, an attack's target, something measured. */
export interface Use {
  readonly name: Name;
  readonly fields: Fields | undefined;
  readonly span: SourceSpan;
}

/** `embed`, `block n` or `output`. */
export type Place =
  | { readonly kind: 'embed' | 'output'; readonly span: SourceSpan }
  | { readonly kind: 'block'; readonly index: number; readonly span: SourceSpan };

/** `cuda:0`. */
export interface Device {
  readonly kind: Name;
  readonly index: number | undefined;
  readonly span: SourceSpan;
}

/** One item of `holds`, `knows` or `sees`: one or more words, single spaces between them. */
export type Item = Name;

/** What a party says of itself. */
export type PartyItem =
  | { readonly kind: 'holds'; readonly items: readonly Item[]; readonly span: SourceSpan }
  | SliceNode
  | StrayNode;

/** `slice name = from .. to { … }`. */
export interface SliceNode {
  readonly kind: 'slice';
  readonly name: Name | undefined;
  readonly from: Place | undefined;
  readonly to: Place | undefined;
  readonly fields: Fields | undefined;
  readonly span: SourceSpan;
}

/** What an adversary is granted. */
export type AdversaryItem =
  | { readonly kind: 'knows' | 'sees'; readonly items: readonly Item[]; readonly span: SourceSpan }
  | AuxiliaryNode
  | StrayNode;

/** `auxiliary "rows" { … }`. */
export interface AuxiliaryNode {
  readonly kind: 'auxiliary';
  readonly value: Value | undefined;
  readonly fields: Fields | undefined;
  readonly span: SourceSpan;
}

/** A line that begins with no known word. */
export interface StrayNode {
  readonly kind: 'stray';
  readonly words: readonly string[];
  readonly span: SourceSpan;
}

/** `seed 60`. */
export interface SeedNode {
  readonly kind: 'seed';
  readonly value: Value | undefined;
  readonly span: SourceSpan;
}
/** `model "…"` or `data "…"`. */
export interface SubjectNode {
  readonly kind: 'model' | 'data';
  readonly value: Value | undefined;
  readonly fields: Fields | undefined;
  readonly span: SourceSpan;
}
/** `task …` or `finetune …`. */
export interface TaskNode {
  readonly kind: 'task' | 'finetune';
  readonly name: Name | undefined;
  readonly fields: Fields | undefined;
  readonly span: SourceSpan;
}
/** `infer`. */
export interface InferNode {
  readonly kind: 'infer';
  readonly fields: Fields | undefined;
  readonly span: SourceSpan;
}
/** `party … { … }`. */
export interface PartyNode {
  readonly kind: 'party';
  readonly name: Name | undefined;
  readonly device: Device | undefined;
  readonly items: readonly PartyItem[];
  /** From the opening to the closing brace. */
  readonly body: SourceSpan | undefined;
  readonly span: SourceSpan;
}
/** `defend a -> b with …`. */
export interface DefendNode {
  readonly kind: 'defend';
  readonly from: Name | undefined;
  readonly to: Name | undefined;
  readonly chain: readonly Use[];
  readonly span: SourceSpan;
}
/** `adversary … at … { … }`. */
export interface AdversaryNode {
  readonly kind: 'adversary';
  readonly name: Name | undefined;
  readonly at: Name | undefined;
  readonly items: readonly AdversaryItem[];
  readonly body: SourceSpan | undefined;
  readonly span: SourceSpan;
}
/** `attack … with … on …`. */
export interface AttackNode {
  readonly kind: 'attack';
  readonly adversary: Name | undefined;
  readonly chain: readonly Use[];
  readonly on: Use | undefined;
  readonly span: SourceSpan;
}
/** `attack none`: inherited attacks are dropped. */
export interface NoAttackNode {
  readonly kind: 'no-attack';
  readonly span: SourceSpan;
}
/** `measure …`. */
export interface MeasureNode {
  readonly kind: 'measure';
  readonly items: readonly Use[];
  readonly span: SourceSpan;
}

/** A line of a pipeline. */
export type Statement =
  | SeedNode
  | SubjectNode
  | TaskNode
  | InferNode
  | PartyNode
  | DefendNode
  | AdversaryNode
  | AttackNode
  | NoAttackNode
  | SweepNode
  | MeasureNode
  | StrayNode;

/** `let … = …`. */
export interface LetNode {
  readonly kind: 'let';
  readonly name: Name | undefined;
  readonly value: Value | undefined;
  readonly span: SourceSpan;
}
/** `import "…"`. */
export interface ImportNode {
  readonly kind: 'import';
  readonly path: (Value & { readonly kind: 'string' }) | undefined;
  readonly span: SourceSpan;
}
/** `use "…" as …`. */
export interface UseNode {
  readonly kind: 'use';
  readonly package: (Value & { readonly kind: 'string' }) | undefined;
  readonly name: Name | undefined;
  readonly span: SourceSpan;
}
/** `pipeline … { … }`. */
export interface PipelineNode {
  readonly kind: 'pipeline';
  readonly name: Name | undefined;
  readonly base: Name | undefined;
  /** The `///` lines right above, without their slashes. */
  readonly about: string;
  readonly statements: readonly Statement[];
  readonly body: SourceSpan | undefined;
  readonly span: SourceSpan;
}

/** A line of a file. */
export type TopItem = LetNode | ImportNode | UseNode | PipelineNode | StrayNode;

/** `// …` or `/// …`. */
export interface Comment {
  readonly text: string;
  readonly span: SourceSpan;
}

/** A whole file. Every node has a finite span; what a mistake hid is `undefined`. */
export interface FileNode {
  readonly kind: 'file';
  readonly items: readonly TopItem[];
  readonly comments: readonly Comment[];
  /** Where the text could not be read: absence on such a line claims nothing. */
  readonly holes: readonly SourceSpan[];
  readonly span: SourceSpan;
}
