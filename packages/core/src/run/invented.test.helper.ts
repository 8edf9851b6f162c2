import type { PipelinePlan } from '../contract/index.js';

/** A pipeline of head, body and tail at client and server, with whatever a test says otherwise. */
export function invented(rest: Partial<PipelinePlan> = {}): PipelinePlan {
  const device = { kind: 'cpu', index: 0 };
  return {
    name: 'invented',
    about: '',
    seed: 1,
    model: { kind: 'catalog', ref: 'none', family: 'none', blocks: 4 },
    data: {
      ...{ kind: 'catalog', ref: 'none', testFile: null, train: null, test: null },
      ...{ maxLength: null, columns: {} },
    },
    task: { id: 'classification', params: {} },
    parties: [
      { name: 'client', device, holds: ['data', 'labels'] },
      { name: 'server', device, holds: [] },
    ],
    slices: [
      { name: 'head', from: 'embed', to: 0, owner: 'client', role: 'head' },
      { name: 'body', from: 1, to: 2, owner: 'server', role: 'body' },
      { name: 'tail', from: 3, to: 'output', owner: 'client', role: 'tail' },
    ],
    work: { kind: 'infer', params: {} },
    defenses: [],
    adversaries: [],
    attacks: [],
    measure: [],
    streams: [],
    ...rest,
  };
}
