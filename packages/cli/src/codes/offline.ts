import type { CodeTable } from '@vflair/dsl';

/** VF583 to VF585: `vflair attack` on a finished run. */
export const offlineCodes: CodeTable = {
  VF583: {
    title: 'an attack on messages that the run did not keep',
    explanation:
      'A run keeps the messages that its own attacks are shown, and no others. Attack rows that it attacked, in the way it did, or run the text with the new attack in it.',
    wrong: 'attack curious with norm-scoring on train { samples 5000 }',
    right: 'attack curious with norm-scoring on train { samples 320 }',
  },
  VF584: {
    title: 'attacks on a victim that the run did not have',
    explanation:
      'Model, data, task, parties, training and defenses are those of a pipeline of the run: only adversaries and attacks may differ. The message names what does. Import the text that was run and extend its pipeline.',
    wrong: 'seed 61\nattack curious with norm-scoring',
    right: 'attack curious with norm-scoring',
  },
  VF585: {
    title: 'a text without attacks, given to `vflair attack`',
    explanation: 'There is nothing to do: at least one pipeline of the text has to attack.',
    wrong: 'adversary curious at server { sees activations, gradients }',
    right:
      'adversary curious at server { sees activations, gradients }\nattack curious with norm-scoring',
  },
};
