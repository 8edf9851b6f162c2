import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plan } from '@vflair/core/contract';
import { RunFolder } from '@vflair/core/run';
import { parseSet, planOfFile } from '../compile-text.js';
import { clearFolder, execute } from '../execute.js';
import { Exit, exitCodes } from '../exit.js';
import { type Report, renderTerminal } from '../report/index.js';
import { defaultFolder, planDigest } from '../run-folder.js';
import { type GlobalFlags, openTerminal, type Terminal } from '../terminal/terminal.js';
import { writeReport } from '../write-report.js';

/** Options of `vflair run`. */
export interface RunOptions extends GlobalFlags {
  readonly set?: readonly string[];
  readonly out?: string;
  readonly jobs?: string;
  readonly again?: boolean;
  readonly resume?: boolean;
}

/** Runs a text or a plan; gives the exit code. */
export async function run(file: string, options: RunOptions): Promise<number> {
  const terminal = openTerminal(options);
  const plan = readPlan(file, options, terminal);
  const digest = planDigest(plan);
  const root = options.out ?? defaultFolder(file, digest);
  if (await isFinished(root, { digest, again: options.again === true })) {
    terminal.say(
      `this plan has run already; its report is ${path.join(root, 'report.html')} (\`--again\` starts over)`,
    );
    return exitCodes.done;
  }
  onInterrupt(terminal, root);
  terminal.say(announce(plan, root));
  const started = performance.now();
  const jobs = parseJobs(options.jobs);
  const { believed } = await execute({
    plan,
    root,
    base: path.dirname(path.resolve(file)),
    jobs,
    terminal,
  });
  const report = await writeReport(root);
  tell(report, { terminal, root, seconds: (performance.now() - started) / 1000 });
  return believed ? exitCodes.done : exitCodes.notBelieved;
}

function readPlan(file: string, options: RunOptions, terminal: Terminal): Plan {
  if (!file.endsWith('.json'))
    return planOfFile(file, parseSet(options.set ?? []), terminal.finding);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Plan;
  } catch {
    throw new Exit(exitCodes.findings, '', [
      {
        code: 'VF506',
        severity: 'error',
        message: `\`${file}\` is not a plan that can be read`,
        hint: 'make one with `vflair compile FILE -o plan.json`',
      },
    ]);
  }
}

/** Whether the folder holds this plan's finished run. A run of another plan is refused; `again` empties the folder. */
async function isFinished(
  root: string,
  { digest, again }: { digest: string; again: boolean },
): Promise<boolean> {
  const folder = new RunFolder(root);
  const text = await folder.read('plan.json');
  if (text !== undefined && planDigest(JSON.parse(text) as Plan) !== digest && !again) {
    throw new Exit(
      exitCodes.usage,
      `\`${root}\` holds a run of another plan; choose another folder with --out, or start over with --again`,
    );
  }
  if (again) await clearFolder(root);
  if (text === undefined || again) return false;
  const lock = await folder.load<{ readonly plan?: string }>('lock.json');
  return lock?.plan === digest && (await folder.read('report.html')) !== undefined;
}

function parseJobs(text: string | undefined): number {
  const jobs = Number(text ?? '1');
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new Exit(exitCodes.usage, `--jobs wants a whole number from 1, not \`${text}\``);
  return jobs;
}

function onInterrupt(terminal: Terminal, root: string): void {
  process.once('SIGINT', () => {
    terminal.say(
      `interrupted; what was done is kept in ${root} and \`vflair run … --resume\` goes on`,
    );
    process.exit(exitCodes.interrupted);
  });
}

function announce(plan: Plan, root: string): string {
  const attacks = plan.pipelines.reduce((sum, { attacks: list }) => sum + list.length, 0);
  const names = plan.pipelines.map(({ name }) => name).join(', ');
  return `${plan.pipelines.length} pipelines (${names}), ${attacks} attacks → ${root}`;
}

function tell(
  report: Report,
  { terminal, root, seconds }: { terminal: Terminal; root: string; seconds: number },
): void {
  terminal.say(`\n${renderTerminal(report)}`);
  terminal.say(`\nreport: ${path.join(root, 'report.html')} (${seconds.toFixed(0)} s)`);
  if (terminal.isJson) terminal.print(JSON.stringify(report));
}
