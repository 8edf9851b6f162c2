import type { PipelinePlan } from '@vflair/core/contract';

type Drawn = Pick<PipelinePlan, 'attacks' | 'defenses' | 'task' | 'work'>;

const fromWork = ({ work }: Drawn): readonly string[] => {
  if (work.kind === 'infer') return [];
  return work.method === 'lora' ? ['adapter/init', 'train/order'] : ['train/order'];
};

const fromTask = ({ task }: Drawn): readonly string[] => {
  const { temperature } = task.params;
  return typeof temperature === 'number' && temperature > 0 ? ['generate/sample'] : [];
};

const fromDefenses = ({ defenses }: Drawn): readonly string[] =>
  defenses.flatMap(({ from, to, chain }) => chain.map((_, i) => `defense/${from}->${to}/${i}`));

const fromAttacks = ({ attacks }: Drawn): readonly string[] =>
  attacks.flatMap(({ adversary, chain }, index) => [
    `attack/${adversary}/${index}/rows`,
    ...chain.map((_, i) => `attack/${adversary}/${index}/${i}`),
  ]);

/** Names of all random streams a pipeline draws from, sorted: `<who>/<what>`, links of a chain by their index. */
export function streamsOf(pipeline: Drawn): readonly string[] {
  const always = ['data/shuffle/train', 'data/shuffle/test', 'model/init'];
  const sources = [fromWork, fromTask, fromDefenses, fromAttacks];
  return [...always, ...sources.flatMap((source) => source(pipeline))].sort();
}
