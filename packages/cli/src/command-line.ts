import { Command, Option } from 'commander';

const collect = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

/** A command of the command line: how it is written, what it says of itself, and what it does. */
interface Declaration {
  readonly usage: string;
  readonly description: string;
  readonly example: string;
  readonly options: readonly Option[];
  /** Gets the arguments of `usage`, then the options; gives the exit code. Loads its code when called. */
  readonly act: (...args: never[]) => Promise<number>;
}

const option = (flags: string, description: string, fallback?: string): Option =>
  new Option(flags, description).default(fallback);

const repeated = (flags: string, description: string): Option =>
  new Option(flags, description).default([]).argParser(collect);

const required = (flags: string, description: string): Option =>
  new Option(flags, description).makeOptionMandatory();

const set = (): Option => repeated('--set <name=value>', 'override a `let` of the file');

/** Commands about texts and plans. */
function textCommands(): Declaration[] {
  return [
    {
      usage: 'check <files...>',
      description: 'all findings of .vflair texts',
      example: 'vflair check examples/quickstart.vflair',
      options: [set(), option('--format <format>', 'text, json or github', 'text')],
      act: async (files: string[], options: object) =>
        (await import('./commands/check.js')).check(files, options),
    },
    {
      usage: 'compile <file>',
      description: 'text to Plan',
      example: 'vflair compile a.vflair -o plan.json',
      options: [
        set(),
        option('-o, --output <file>', 'where the plan goes (stdout)'),
        option('--lock', 'write down what it reads in FILE.lock.json'),
      ],
      act: async (file: string, options: object) =>
        (await import('./commands/compile.js')).compileCommand(file, options),
    },
    {
      usage: 'fmt <files...>',
      description: 'one canonical form, in place',
      example: 'vflair fmt examples/quickstart.vflair',
      options: [option('--check', 'change nothing; exit code 1 where something would change')],
      act: async (files: string[], options: object) =>
        (await import('./commands/fmt.js')).fmt(files, options),
    },
    {
      usage: 'explain <code>',
      description: 'what a finding means',
      example: 'vflair explain VF302',
      options: [],
      act: async (code: string, options: object) =>
        (await import('./commands/explain.js')).explain(code, options),
    },
  ];
}

/** Commands about runs. */
function runCommands(): Declaration[] {
  return [
    {
      usage: 'run <file>',
      description: 'does what a text or a plan says',
      example: 'vflair run examples/quickstart.vflair',
      options: [
        set(),
        option('--out <folder>', 'folder of the run'),
        option('--jobs <n>', 'pipelines at a time', '1'),
        option('--resume', 'go on with what is there (the default)'),
        option('--again', 'start over'),
        option('--relock', 'accept what is not as FILE.lock.json says'),
        option('--offline', 'use no network (a run never does)'),
      ],
      act: async (file: string, options: object) =>
        (await import('./commands/run.js')).run(file, options),
    },
    {
      usage: 'generate <file>',
      description: 'answers a prompt as a text says, without showing it to the model party',
      example: 'vflair generate examples/real/private-chat.vflair --set model=DIR --prompt "Hello"',
      options: generateOptions(),
      act: async (file: string, options: never) =>
        (await import('./commands/generate.js')).generate(file, options),
    },
    {
      usage: 'attack <folder> <file>',
      description: 'attacks of a text on the transcript of a run',
      example: 'vflair attack runs/quickstart-0123456789ab more-attacks.vflair',
      options: [set()],
      act: async (folder: string, file: string, options: object) =>
        (await import('./commands/attack.js')).attack(folder, file, options),
    },
    {
      usage: 'report <folder>',
      description: 'the report of a run again',
      example: 'vflair report runs/quickstart-0123456789ab --format md',
      options: [option('--format <format>', 'html, md, json or csv')],
      act: async (folder: string, options: object) =>
        (await import('./commands/report.js')).report(folder, options),
    },
    {
      usage: 'verify <folder>',
      description: 'shows that a run can be replayed byte for byte',
      example: 'vflair verify runs/quickstart-0123456789ab',
      options: [],
      act: async (folder: string, options: object) =>
        (await import('./commands/verify.js')).verify(folder, options),
    },
  ];
}

/** Commands about what is installed, and about checkpoints. */
function otherCommands(): Declaration[] {
  return [
    {
      usage: 'list <kind>',
      description: 'models, datasets, tasks, attacks, defenses, metrics or devices',
      example: 'vflair list attacks',
      options: [],
      act: async (kind: string, options: object) =>
        (await import('./commands/list.js')).list(kind, options),
    },
    {
      usage: 'show <kind> <id>',
      description: 'parameters, needs and source of one thing',
      example: 'vflair show attack vmi',
      options: [],
      act: async (kind: string, id: string, options: object) =>
        (await import('./commands/list.js')).show(kind, id, options),
    },
    {
      usage: 'trace',
      description: 'a checkpoint, whole or cut, on given inputs',
      example:
        'vflair trace --model DIR --head lm --inputs io.safetensors --cut 1 --out trace.safetensors',
      options: traceOptions(),
      act: async (options: never) => (await import('./commands/trace.js')).traceCommand(options),
    },
  ];
}

function generateOptions(): Option[] {
  return [
    required('--prompt <text>', 'what is asked'),
    set(),
    option('--pipeline <name>', 'which one of the file (the first)'),
    option('--max-tokens <n>', 'longest answer (what the task says)'),
    option('--chat', 'as a message of a conversation (the default of models that have a template)'),
    option('--raw', 'the prompt as it is'),
    option('--show-server', 'what the model party could read, after the answer'),
  ];
}

function traceOptions(): Option[] {
  return [
    required('--model <folder>', 'config.json and weights'),
    required('--head <head>', 'lm, cls, reg, qa, mlm or seq2seq'),
    required('--inputs <file>', 'safetensors with what the head needs'),
    required('--out <file>', 'safetensors to write'),
    option('--prefix <text>', 'put before every input name'),
    repeated(
      '--cut <place>',
      'cut before this block, or dec.<block> in a decoder behind an encoder (may be repeated)',
    ),
    option('--device <device>', 'cpu, cuda:0, webgpu, auto', 'cpu'),
    option('--adapter <folder>', 'a PEFT adapter'),
    option('--gradients', 'of every parameter and hidden state'),
    option('--steps <n>', 'optimiser steps on this batch'),
    option('--train <what>', 'lora or full'),
    option('--optimizer <name>', 'adamw'),
    option('--learning-rate <x>', 'of the steps'),
    option('--weight-decay <x>', 'of the steps'),
    option('--generate <n>', 'greedy tokens after gen.input_ids'),
  ];
}

/** The `vflair` command line; `end` is told each command's exit code. */
export function commandLine(version: string, end: (code: number) => void): Command {
  const root = new Command('vflair')
    .description('What leaks when a language model is split?')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(vflair --help shows all commands)');
  for (const declared of [...textCommands(), ...runCommands(), ...otherCommands()]) {
    const command = root
      .command(declared.usage)
      .description(declared.description)
      .option('--quiet', 'say nothing but errors')
      .option('--no-color', 'no colours')
      .option('--json', 'machine output on stdout')
      .addHelpText('after', `\nExample: ${declared.example}`)
      .exitOverride()
      .action(async (...args: unknown[]) => end(await declared.act(...(args as never[]))));
    for (const item of declared.options) command.addOption(item);
  }
  return root;
}
