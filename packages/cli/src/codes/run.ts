import type { CodeTable } from '@vflair/dsl';

/** VF560 to VF575: while a Plan runs. */
export const runCodes: CodeTable = {
  VF560: {
    title: 'a gradient that is not a number',
    explanation:
      'Training diverged, or a message that came in held an infinity. The message names the parameter and the party.',
    wrong: 'finetune full { learning-rate 1 }',
    right: 'finetune full { learning-rate 1e-4, clip 1 }',
  },
  VF561: {
    title: 'a loss that is not a number',
    explanation:
      'Training diverged, or a defense made the values so large that the loss overflows. The message names the step.',
    wrong: 'finetune lora { learning-rate 10 }',
    right: 'finetune lora { learning-rate 2e-3, clip 1 }',
  },
  VF562: {
    title: 'adapters on a linear map the model does not have',
    explanation:
      '`targets` names linear maps of the blocks as the family calls them; the hint lists them. Without `targets` they are its query and value.',
    wrong: 'finetune lora { targets ["c_atn"] }',
    right: 'finetune lora { targets ["c_attn"] }',
  },
  VF564: {
    title: 'an attack that failed',
    explanation:
      'The plugin threw an error, which the message repeats. What was finished before is kept: leave the attack out or mend it, and run again.',
    wrong: 'attack curious with broken\nattack curious with norm-scoring',
    right: 'attack curious with norm-scoring',
  },
  VF565: {
    title: 'an attack that gave no sign for too long',
    explanation:
      'An attack tells its progress. One that is silent for ten minutes is ended, as it could go on for ever: give it less to do.',
    wrong: 'attack curious with vmi { steps 100000 } on test',
    right: 'attack curious with vmi { steps 100 } on test { samples 50 }',
  },
  VF568: {
    title: 'a model on a hub or in a single file',
    explanation:
      'This version reads models of the catalog and folders with config.json, weights and tokenizer.json. Nothing is fetched while a plan runs: fetch the folder yourself and name it.',
    wrong: 'model "hf:openai-community/gpt2"',
    right: 'model "./gpt2"',
  },
  VF569: {
    title: 'a defense that failed',
    explanation:
      'The plugin threw an error, which the message repeats. The run ends there: without its defense a message is not sent.',
    wrong: 'defend head -> body with broken',
    right: 'defend head -> body with sparsify { rate 0.9 }',
  },
  VF570: {
    title: 'a file that can’t be written',
    explanation:
      'The disk is full or read-only, you may not write there, or a file stands where a folder should be. What was finished is kept, and the next run goes on from there.',
    language: 'sh',
    wrong: 'vflair run a.vflair --out /usr/runs/a',
    right: 'vflair run a.vflair --out runs/a',
  },
  VF571: {
    title: 'other inputs than a run began with',
    explanation:
      'The model or the rows are not those of the run in this folder, so that the results would not belong together. Run again from the beginning, run elsewhere, or bring the old files back.',
    language: 'sh',
    wrong: 'vflair run a.vflair --out runs/a',
    right: 'vflair run a.vflair --out runs/a --again',
  },
  VF572: {
    title: 'something that is not as it was locked',
    explanation:
      '`a.vflair.lock.json` says which weights and rows the names in `a.vflair` stood for when it was locked, and they are others now. Bring them back, or accept the new ones.',
    language: 'sh',
    wrong: 'vflair run a.vflair',
    right: 'vflair run a.vflair --relock',
  },
  VF573: {
    title: 'a file of a run that is not what was written',
    explanation:
      'A file in the folder of a run was changed, cut short or damaged afterwards. `vflair verify` compares all of them with the digests of the run.',
    language: 'sh',
    wrong: 'vflair report runs/a',
    right: 'vflair run a.vflair --out runs/a --again\nvflair report runs/a',
  },
  VF575: {
    title: 'a worker that is gone',
    explanation:
      'Each party and each attack computes in a worker of its own, and one ended by itself: most often the memory did not suffice. Runs go on from what was finished.',
    wrong: 'finetune full { batch 512 }',
    right: 'finetune full { batch 16 }',
  },
};
