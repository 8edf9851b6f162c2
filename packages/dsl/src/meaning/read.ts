import type * as ast from '../ast/ast.js';
import type { LinkedPipeline, Scope } from '../link/index.js';
import { generates } from './facts.js';
import { readFields } from './fields.js';
import type {
  AdversaryMeaning,
  AttackMeaning,
  DefenseMeaning,
  Meaning,
  NamedMeaning,
  PartyMeaning,
  SliceMeaning,
  Split,
  UseMeaning,
} from './meaning.js';
import { type ModelFacts, readModel } from './model.js';
import { readMeasure, readSeed, readTask, readUse, readWork } from './read-parts.js';
import { readAuxiliary, readData } from './rows.js';
import { readSliceFields } from './slice-fields.js';
import { targetFields } from './statement-fields.js';

type Of<K extends ast.Statement['kind']> = ast.Statement & { readonly kind: K };

/** Splits an attack may name. */
export const splits: readonly Split[] = ['train', 'test', 'generate'];

class PipelineReader {
  readonly #pipeline: LinkedPipeline;
  readonly #scope: Scope;

  constructor(pipeline: LinkedPipeline, scope: Scope) {
    this.#pipeline = pipeline;
    this.#scope = scope;
  }

  read(): Meaning {
    const scope = this.#scope;
    const model = readModel(this.#first('model'), scope);
    const dataNode = this.#first('data');
    const parties = this.#all('party').map((node) => this.#party(node));
    const slices = parties
      .flatMap((party) => this.#slices(party, model.value))
      .sort((a, b) => a.start - b.start);
    const task = this.#task();
    const adversaries = this.#all('adversary').map((node) => this.#adversary(node, parties));
    return {
      pipeline: this.#pipeline,
      scope,
      seed: readSeed(this.#first('seed')?.value, scope),
      model,
      data: readData(dataNode, scope),
      dataNode,
      task,
      parties,
      slices,
      hasAllSlices: this.#hasAllSlices(slices.length),
      work: readWork(this.#workNode(), slices, scope),
      defenses: this.#all('defend').map((node) => this.#defense(node, slices)),
      adversaries,
      attacks: this.#all('attack').map((node) => this.#attack(node, adversaries, task)),
      measures: (this.#first('measure')?.items ?? []).map((use) => readMeasure(use, scope)),
    };
  }

  #all<K extends ast.Statement['kind']>(kind: K): readonly Of<K>[] {
    return this.#pipeline.statements.filter(
      (statement): statement is Of<K> => statement.kind === kind,
    );
  }

  #first<K extends ast.Statement['kind']>(kind: K): Of<K> | undefined {
    return this.#all(kind)[0];
  }

  #party(node: ast.PartyNode): PartyMeaning {
    const device = { kind: node.device?.kind.text ?? 'cpu', index: node.device?.index ?? 0 };
    const holds = node.items.flatMap((item) => (item.kind === 'holds' ? item.items : []));
    return { name: node.name ?? nameless(node), node, device, holds };
  }

  #slices(owner: PartyMeaning, model: ModelFacts | undefined): readonly SliceMeaning[] {
    const output = model === undefined ? Number.POSITIVE_INFINITY : model.plan.blocks + 1;
    const positionOf = (place: ast.Place): number => {
      if (place.kind === 'block') return place.index + 1;
      return place.kind === 'embed' ? 0 : output;
    };
    return owner.node.items.flatMap((node) => {
      if (node.kind !== 'slice') return [];
      const { name, from, to } = node;
      if (name === undefined || from === undefined || to === undefined) return [];
      const fields = readSliceFields(name, node.fields, this.#scope);
      return [
        { name, node, owner, from, to, fields, start: positionOf(from), end: positionOf(to) },
      ];
    });
  }

  #hasAllSlices(readable: number): boolean {
    const parties = this.#all('party');
    const written = parties.flatMap(({ items }) => items.filter(({ kind }) => kind === 'slice'));
    const isWhole = parties.every(({ span }) => this.#scope.isWhole(span));
    return this.#pipeline.isComplete && isWhole && written.length === readable;
  }

  #task(): NamedMeaning | undefined {
    const node = this.#first('task');
    if (node?.name === undefined) return undefined;
    return readTask(node.name, node.fields, this.#scope);
  }

  #workNode(): ast.TaskNode | ast.InferNode | undefined {
    return this.#pipeline.statements.find(
      (statement): statement is ast.TaskNode | ast.InferNode =>
        statement.kind === 'finetune' || statement.kind === 'infer',
    );
  }

  #defense(node: ast.DefendNode, slices: readonly SliceMeaning[]): DefenseMeaning {
    const find = (name: ast.Name | undefined) =>
      slices.find((slice) => slice.name.text === name?.text);
    const chain = node.chain.map((use) => readUse(use, 'defense', this.#scope));
    return { node, from: find(node.from), to: find(node.to), chain };
  }

  #adversary(node: ast.AdversaryNode, parties: readonly PartyMeaning[]): AdversaryMeaning {
    const { at, items } = node;
    const name = node.name ?? nameless(node);
    const granted = (kind: 'knows' | 'sees'): readonly ast.Item[] =>
      items.flatMap((item) => (item.kind === kind ? item.items : []));
    const auxiliaryNode = items.find((item) => item.kind === 'auxiliary');
    return {
      name,
      node,
      party: parties.find((party) => party.name.text === at?.text),
      knows: granted('knows'),
      sees: granted('sees'),
      auxiliaryNode,
      auxiliary: readAuxiliary(auxiliaryNode, this.#scope),
    };
  }

  #attack(
    node: ast.AttackNode,
    adversaries: readonly AdversaryMeaning[],
    task: NamedMeaning | undefined,
  ): AttackMeaning {
    const adversary = adversaries.find(({ name }) => name.text === node.adversary?.text);
    const chain = node.chain.map((use) => readUse(use, 'attack', this.#scope));
    const target = readFields(this.#scope, node.on?.fields, {
      table: targetFields,
      owner: `\`on ${node.on?.name.text ?? ''}\``,
      at: node.on?.span ?? node.span,
    });
    const named = splits.find((split) => split === node.on?.name.text);
    const split = node.on === undefined ? defaultSplit(chain, task) : named;
    return { node, adversary, chain, split, target };
  }
}

// What lost its name to a mistake still holds, owns and sees what it says.
const nameless = ({ span }: { readonly span: ast.SourceSpan }): ast.Name => ({ text: '', span });

// Gradients cross only in training; a task that generates is attacked where it does.
function defaultSplit(chain: readonly UseMeaning[], task: NamedMeaning | undefined): Split {
  if (chain.some(({ entry }) => entry?.needs.includes('gradients'))) return 'train';
  return task !== undefined && generates(task) ? 'generate' : 'test';
}

/** Looks up all names and reads all fields of a pipeline; what is wrong with them is kept beside each. */
export function readPipeline(pipeline: LinkedPipeline, scope: Scope): Meaning {
  return new PipelineReader(pipeline, scope).read();
}
