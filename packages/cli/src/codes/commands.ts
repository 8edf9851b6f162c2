import type { CodeTable } from '@vflair/dsl';

/** VF506 to VF508: the files a command is given. */
export const commandCodes: CodeTable = {
  VF506: {
    title: 'a file of the command line that is not there',
    explanation:
      'Names on the command line are taken from the folder you are in; only names inside a text are taken from the folder of the text.',
    language: 'sh',
    wrong: 'vflair check quickstart.vflair',
    right: 'vflair check examples/quickstart.vflair',
  },
  VF507: {
    title: 'a `.json` file that is no Plan',
    explanation:
      'A `.json` file is read as the Plan that `vflair compile` writes: schema 1, at least one pipeline, each with its own name, and no field missing or added. The message names the first place that differs.',
    language: 'sh',
    wrong: 'vflair run config.json',
    right: 'vflair compile a.vflair -o plan.json\nvflair run plan.json',
  },
  VF508: {
    title: 'a Plan that means nothing here',
    explanation:
      'The Plan has the right form, but it names a party, slice or adversary it does not have, a plugin that is not installed or a parameter the plugin does not take; or its slices are not the whole model. `vflair check` finds all this in a text, so change the text and compile it again.',
    language: 'json',
    wrong: '"defenses": [{ "from": "haed", "to": "body", "chain": [] }]',
    right: '"defenses": [{ "from": "head", "to": "body", "chain": [] }]',
  },
};
