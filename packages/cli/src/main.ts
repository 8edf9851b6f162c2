import { Findings } from '@vflair/core/text';
import { Command, CommanderError } from 'commander';
import { Exit, exitCodes } from './exit.js';
import { openTerminal } from './terminal/terminal.js';

const collect = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

type Action = (...args: never[]) => Promise<number> | number;

/** The `vflair` command line. Commands are loaded when they are called. */
export function program(): Command {
  const root = new Command('vflair')
    .description('What leaks when a language model is split?')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(vflair --help shows all commands)');
  const add = (usage: string, description: string, example: string): Command =>
    root
      .command(usage)
      .description(description)
      .option('--quiet', 'say nothing but errors')
      .option('--no-color', 'no colours')
      .option('--json', 'machine output on stdout')
      .addHelpText('after', `\nExample: ${example}`)
      .exitOverride();
  const settable = (command: Command): Command =>
    command.option('--set <name=value>', 'override a `let` of the file', collect, []);
  settable(
    add(
      'check <files...>',
      'all findings of .vflair texts',
      'vflair check examples/quickstart.vflair',
    ),
  )
    .option('--format <format>', 'text, json or github', 'text')
    .action(
      ending(async (files: string[], options: object) =>
        (await import('./commands/check.js')).check(files, options),
      ),
    );
  settable(add('compile <file>', 'text to Plan', 'vflair compile a.vflair -o plan.json'))
    .option('-o, --output <file>', 'where the plan goes (stdout)')
    .action(
      ending(async (file: string, options: object) =>
        (await import('./commands/compile.js')).compileCommand(file, options),
      ),
    );
  settable(
    add('run <file>', 'does what a text or a plan says', 'vflair run examples/quickstart.vflair'),
  )
    .option('--out <folder>', 'folder of the run')
    .option('--jobs <n>', 'pipelines at a time', '1')
    .option('--resume', 'go on with what is there (the default)')
    .option('--again', 'start over')
    .action(
      ending(async (file: string, options: object) =>
        (await import('./commands/run.js')).run(file, options),
      ),
    );
  add(
    'report <folder>',
    'the report of a run again',
    'vflair report runs/quickstart-0123456789ab --format md',
  )
    .option('--format <format>', 'html, md, json or csv')
    .action(
      ending(async (folder: string, options: object) =>
        (await import('./commands/report.js')).report(folder, options),
      ),
    );
  add(
    'verify <folder>',
    'shows that a run can be replayed byte for byte',
    'vflair verify runs/quickstart-0123456789ab',
  ).action(
    ending(async (folder: string, options: object) =>
      (await import('./commands/verify.js')).verify(folder, options),
    ),
  );
  add(
    'list <kind>',
    'models, datasets, tasks, attacks, defenses, metrics or devices',
    'vflair list attacks',
  ).action(
    ending(async (kind: string, options: object) =>
      (await import('./commands/list.js')).list(kind, options),
    ),
  );
  add(
    'show <kind> <id>',
    'parameters, needs and source of one thing',
    'vflair show attack vmi',
  ).action(
    ending(async (kind: string, id: string, options: object) =>
      (await import('./commands/list.js')).show(kind, id, options),
    ),
  );
  add('explain <code>', 'what a finding means', 'vflair explain VF302').action(
    ending(async (code: string, options: object) =>
      (await import('./commands/explain.js')).explain(code, options),
    ),
  );
  addTrace(
    add(
      'trace',
      'a checkpoint, whole or cut, on given inputs',
      'vflair trace --model DIR --head lm --inputs io.safetensors --cut 1 --out trace.safetensors',
    ),
  );
  return root;
}

function addTrace(command: Command): void {
  command
    .requiredOption('--model <folder>', 'config.json and weights')
    .requiredOption('--head <head>', 'lm, cls, reg, qa, mlm or seq2seq')
    .requiredOption('--inputs <file>', 'safetensors with what the head needs')
    .requiredOption('--out <file>', 'safetensors to write')
    .option('--prefix <text>', 'put before every input name')
    .option('--cut <place>', 'cut before this block (may be repeated)', collect, [])
    .option('--device <device>', 'cpu, cuda:0, webgpu, auto', 'cpu')
    .option('--adapter <folder>', 'a PEFT adapter')
    .option('--gradients', 'of every parameter and hidden state')
    .option('--steps <n>', 'optimiser steps on this batch')
    .option('--train <what>', 'lora or full')
    .option('--optimizer <name>', 'adamw')
    .option('--learning-rate <x>', 'of the steps')
    .option('--weight-decay <x>', 'of the steps')
    .option('--generate <n>', 'greedy tokens after gen.input_ids')
    .action(
      ending(async (options: never) => (await import('./commands/trace.js')).traceCommand(options)),
    );
}

function ending(action: Action): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    process.exitCode = await action(...(args as never[]));
  };
}

/** Runs the command line and sets the exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const terminal = openTerminal({ color: !args.includes('--no-color') });
  try {
    await program().parseAsync([...args]);
  } catch (error) {
    process.exitCode = tellFailure(error, terminal);
  }
}

function tellFailure(error: unknown, terminal: ReturnType<typeof openTerminal>): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof Exit) {
    for (const diagnostic of error.diagnostics) terminal.finding(diagnostic);
    if (error.message !== '') terminal.say(`error: ${error.message}`);
    return error.code;
  }
  if (error instanceof Findings) {
    for (const diagnostic of error.diagnostics) terminal.finding(diagnostic);
    return exitCodes.failed;
  }
  terminal.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCodes.failed;
}

await main(process.argv);
