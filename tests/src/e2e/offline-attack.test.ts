import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { tinyFolders, vflair } from './command.js';

const tinyFolder = tinyFolders();
let folder: string;

/** A text that attacks what `plain.vflair` computes. */
const attacking = (attack: string, base = './plain.vflair'): string => `import "${base}"
pipeline more extends plain {
  attack none
  ${attack}
}
`;

/** Figures of attacks and what the checks said; what the Judge draws at random has the pipeline's name in its seed. */
function factsOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.flatMap((line) => {
    const { kind, name, value, ok, at } = JSON.parse(line);
    return kind === 'attack' || kind === 'oracle' ? [[kind, name, at, value, ok].join(' ')] : [];
  });
}

beforeAll(async () => {
  folder = tinyFolder();
  expect((await vflair(folder, 'run', 'plain.vflair', '--out', 'out')).code).toBe(0);
});

test('an attack on a transcript is what it would have been in the run', async () => {
  mkdirSync(path.join(folder, 'elsewhere'));
  const again = 'attack curious with vmi { steps 5 } on test { samples 4 }';
  const file = path.join('elsewhere', 'again.vflair');
  writeFileSync(path.join(folder, file), attacking(again, '../plain.vflair'));
  const { code, stderr } = await vflair(folder, 'attack', 'out', file);
  expect(stderr).toContain('more: trained (from an earlier run)');
  expect(stderr).toContain('report: out/attacks/again-');
  expect(code).toBe(0);
  const [name = ''] = readdirSync(path.join(folder, 'out', 'attacks'));
  const offline = factsOf(path.join(folder, 'out', 'attacks', name, 'records.jsonl'));
  expect(offline.length).toBeGreaterThan(10);
  expect(offline).toEqual(factsOf(path.join(folder, 'out', 'records.jsonl')));
  const second = await vflair(folder, 'attack', 'out', file);
  expect(second.stderr).toContain('has run already');
  expect(second.code).toBe(0);
});

test('several pipelines that share what was run are attacked in one go', async () => {
  const text = `${attacking('attack curious with vmi { steps 5 } on test { samples 4 }')}
pipeline most extends more {
  attack none
  attack curious with vmi { steps 6 } on test { samples 3 }
}
`;
  writeFileSync(path.join(folder, 'two.vflair'), text);
  const { code, stderr } = await vflair(folder, 'attack', 'out', 'two.vflair');
  expect(stderr).toContain('more: attacked with vmi');
  expect(stderr).toContain('most: attacked with vmi');
  expect(code).toBe(0);
});

test.each([
  [
    'messages that were not kept',
    attacking('attack curious with vmi { steps 5 } on train { samples 4 }'),
    'error VF583: the run did not keep the activation `head -> body` of train step',
  ],
  [
    'another victim',
    attacking('data "./rows.tsv" { train 8 }\n  attack curious with vmi on test'),
    'error VF584: the run has no pipeline that computes what `more` does: `data` differ',
  ],
  ['nothing', attacking(''), 'error VF585: there is no attack in this text'],
])('an attack on %s is refused, and nothing is written', async (_, text, says) => {
  writeFileSync(path.join(folder, 'wrong.vflair'), text);
  const { code, stderr } = await vflair(folder, 'attack', 'out', 'wrong.vflair');
  expect(stderr).toContain(says);
  expect(code).toBe(1);
  const names = readdirSync(path.join(folder, 'out')).map(String);
  const attacks = names.includes('attacks') ? readdirSync(path.join(folder, 'out', 'attacks')) : [];
  expect(attacks.filter((name) => name.startsWith('wrong'))).toEqual([]);
});
