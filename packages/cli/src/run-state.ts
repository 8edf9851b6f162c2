import path from 'node:path';
import type { Plan } from '@vflair/core/contract';
import { RunFolder } from '@vflair/core/run';
import { planDigest } from '@vflair/dsl';
import { holdsOwnNames } from './execute.js';
import { Exit, exitCodes } from './exit.js';
import { type StoppableHosts, workerHosts } from './hosts.js';
import { type Report, renderTerminal } from './report/index.js';

import type { Terminal } from './terminal/terminal.js';

/** What a folder holds of a plan's run: nothing yet, a part, or all of it. */
export type RunState = 'empty' | 'begun' | 'finished';

/**
 * What a folder holds of this plan's run. Files that are no run are refused, and so is a run of another plan unless
 * `again` says that it is to be replaced.
 */
export async function stateOf(
  root: string,
  { plan, again }: { readonly plan: Plan; readonly again: boolean },
): Promise<RunState> {
  const folder = new RunFolder(root);
  const text = await readPlanText(folder);
  if (text === undefined && !holdsOwnNames(root)) return 'empty';
  const elsewhere = 'choose another folder with --out';
  const found = text === undefined ? undefined : digestOf(text);
  if (found === undefined)
    throw new Exit(exitCodes.usage, `\`${root}\` holds files that are no run; ${elsewhere}`);
  const digest = planDigest(plan);
  if (found !== digest && !again)
    throw new Exit(
      exitCodes.usage,
      `\`${root}\` holds a run of another plan; ${elsewhere}, or start over with --again`,
    );
  const lock = await folder.load<{ readonly plan?: string }>('lock.json');
  const isWhole = lock?.plan === digest && (await folder.read('report.html')) !== undefined;
  return isWhole ? 'finished' : 'begun';
}

async function readPlanText(folder: RunFolder): Promise<string | undefined> {
  try {
    return await folder.read('plan.json');
  } catch {
    throw new Exit(exitCodes.usage, `\`${folder.root}\` is not a folder that can be read`);
  }
}

function digestOf(text: string): string | undefined {
  try {
    const plan: Plan = JSON.parse(text);
    return Array.isArray(plan.pipelines) ? planDigest(plan) : undefined;
  } catch {
    return undefined;
  }
}

/** Names the report of a run that was finished before; exit code 0. */
export async function tellFinished(root: string, terminal: Terminal): Promise<number> {
  const page = path.join(root, 'report.html');
  terminal.say(`this plan has run already; its report is ${page} (\`--again\` starts over)`);
  const report = await new RunFolder(root).read('report.json');
  if (terminal.isJson && report !== undefined) terminal.print(report.trimEnd());
  return exitCodes.done;
}

/** Prints the report of a run that has just ended. */
export function tellReport(
  report: Report,
  { terminal, root, seconds }: { terminal: Terminal; root: string; seconds: number },
): void {
  terminal.say(`\n${renderTerminal(report)}`);
  terminal.say(`\nreport: ${path.join(root, 'report.html')} (${seconds.toFixed(0)} s)`);
  if (terminal.isJson) terminal.print(JSON.stringify(report));
}

/**
 * Workers that stop when the person interrupts, and the process with 130. Files are written whole, so there is nothing
 * to flush; a second interrupt ends at once.
 */
export function interruptible(terminal: Terminal, root: string): StoppableHosts {
  const hosts = workerHosts();
  process.once('SIGINT', () => {
    terminal.say(
      `interrupted; what was done is kept in ${root} and \`vflair run … --resume\` goes on`,
    );
    void hosts.stop().then(() => process.exit(exitCodes.interrupted));
  });
  return hosts;
}
