import { expect, test } from 'vitest';
import { defineAttack } from './attack.js';
import { defineDataset } from './dataset.js';
import { defineDefense, noClaim } from './defense.js';
import { asDefinition, isCatalogEntry, missingMembers } from './definition.js';
import { describeDefinition, describeModel, entryProblems, sortEntries } from './describe.js';
import { defineFamily } from './family.js';
import { defineTask } from './task.js';

const found = { module: './constant-guess.js', version: '9.8.7' };

const attack = defineAttack({
  id: 'constant-guess',
  title: 'Always the first class',
  paper: 'a baseline',
  needs: ['gradients'],
  guesses: 'labels',
  params: {
    label: { type: 'integer', minimum: 0, default: 0, description: 'The class it names.' },
  },
  run: (view) => ({ labels: view.gradients.map(({ step }) => ({ step, row: 0, label: 0 })) }),
});

const defense = defineDefense({
  id: 'nothing',
  title: 'Nothing',
  paper: 'a baseline',
  version: '2.0.0',
  at: ['forward-out'],
  params: {},
  apply: (tensor) => tensor,
  claim: () => noClaim,
});

const family = defineFamily({
  id: 'layers-only',
  title: 'Layers only',
  paper: 'a baseline',
  modelTypes: ['layers'],
  architecture: 'decoder',
  heads: ['lm'],
  blocks: (config) => Number(config.layers),
  read: () => {
    throw new Error('never read here');
  },
});

const task = defineTask({
  id: 'guessing',
  title: 'Guessing',
  params: {},
  head: 'cls',
  labelled: true,
  metric: 'accuracy',
});

const dataset = defineDataset({
  id: 'two-rows',
  title: 'Two rows',
  licence: 'public domain',
  classes: ['a', 'b'],
  load: () => ({ train: [], test: [], classes: ['a', 'b'] }),
});

test('an attack keeps its declaration and loses its function', () => {
  const entry = describeDefinition(attack, found);
  expect(entry).toMatchObject({
    kind: 'attack',
    id: 'constant-guess',
    version: '0.1.0',
    source: 'a baseline',
    needs: ['gradients'],
    wants: [],
    guesses: 'labels',
    module: './constant-guess.js',
  });
  expect(entry.params).toEqual(attack.params);
});

test('an entry survives JSON unchanged, whatever its kind', () => {
  for (const definition of [attack, defense, family, dataset, task]) {
    const entry = describeDefinition(definition, found);
    expect(JSON.parse(JSON.stringify(entry))).toEqual(entry);
    expect(isCatalogEntry(entry)).toBe(true);
  }
});

test("a definition's own version wins over its package's", () => {
  expect(describeDefinition(defense, found).version).toBe('2.0.0');
  expect(describeDefinition(dataset, found).version).toBe('9.8.7');
});

test('a task tells its head, whether it has labels, and its metric', () => {
  const facts = { head: 'cls', labelled: true, metric: 'accuracy' };
  expect(describeDefinition(task, found).facts).toEqual(facts);
});

test('a family tells its model types, a dataset its classes and licence', () => {
  const { architectures, facts } = describeDefinition(family, found);
  expect({ architectures, facts }).toEqual({
    architectures: ['decoder'],
    facts: { modelTypes: ['layers'], heads: ['lm'] },
  });
  const rows = describeDefinition(dataset, found);
  expect(rows.source).toBe('public domain');
  expect(rows.facts).toEqual({ classes: ['a', 'b'] });
});

test('an embedded model takes its depth from its family and its config', () => {
  const entry = describeModel({
    id: 'small',
    title: 'Small',
    source: 'public domain',
    version: '1.0.0',
    folder: '../catalog/small',
    config: { layers: 3, vocab_size: 7 },
    family,
    parameters: 42,
  });
  expect(isCatalogEntry(entry)).toBe(true);
  expect(entry.facts).toEqual({
    family: 'layers-only',
    folder: '../catalog/small',
    blocks: 3,
    architecture: 'decoder',
    vocabulary: 7,
    parameters: 42,
  });
});

test('a definition with a hole is none, and the hole is named', () => {
  const { run: _run, ...holed } = attack;
  expect(asDefinition(attack)).toBe(attack);
  expect(asDefinition(holed)).toBeUndefined();
  expect(missingMembers(holed, 'attack')).toEqual(['run (function)']);
  expect(missingMembers({ ...attack, needs: 'gradients' }, 'attack')).toEqual(['needs (list)']);
});

test('what names no kind is no definition', () => {
  for (const value of [undefined, null, 7, [], {}, { kind: 'toString' }, { kind: 'model' }]) {
    expect(asDefinition(value)).toBeUndefined();
  }
});

test('each way of being unfit to ship is one sentence', () => {
  expect(entryProblems(describeDefinition(attack, found), 'constant-guess')).toEqual([]);
  const unfit = {
    ...describeDefinition(attack, found),
    id: 'Constant_Guess',
    title: ' ',
    params: { maxSteps: { type: 'integer', description: '' } },
  } as const;
  expect(entryProblems(unfit, 'constant-guess')).toEqual([
    'id `Constant_Guess` is not kebab-case',
    'id `Constant_Guess` differs from the file name `constant-guess`',
    '`Constant_Guess` has no title',
    'parameter `maxSteps` of `Constant_Guess` is not kebab-case',
    'parameter `maxSteps` of `Constant_Guess` has no description',
  ]);
});

test('entries come by kind, then id, and an id may repeat across kinds only', () => {
  const entries = [dataset, attack, defense].map((d) => describeDefinition(d, found));
  const { sorted, twice } = sortEntries(entries);
  expect(sorted.map(({ kind }) => kind)).toEqual(['attack', 'dataset', 'defense']);
  expect(twice).toEqual([]);
  const again = { ...describeDefinition(dataset, found), module: './elsewhere.js' };
  expect(sortEntries([...entries, again]).twice.map(({ id }) => id)).toEqual(['two-rows']);
  expect(sortEntries([...entries, { ...again, kind: 'task' }]).twice).toEqual([]);
});
