import path from 'node:path';
import { Exit, exitCodes } from '../exit.js';
import { buildReport, renderCsv, renderHtml, renderMarkdown } from '../report/index.js';
import { readRun } from '../run-folder.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';
import { writeReport } from '../write-report.js';

/** Options of `vflair report`. */
export interface ReportOptions extends GlobalFlags {
  readonly format?: string;
}

/** The report of a run again, from its records alone: into its folder, or in one format to stdout. */
export async function report(root: string, options: ReportOptions): Promise<number> {
  const terminal = openTerminal(options);
  const run = await readRun(root);
  if (!run) throw new Exit(exitCodes.usage, `\`${root}\` holds no finished run`);
  const built = buildReport(run);
  if (options.format === undefined && !terminal.isJson) {
    await writeReport(root);
    terminal.say(`report: ${path.join(root, 'report.html')}`);
  } else if (terminal.isJson || options.format === 'json') terminal.print(JSON.stringify(built));
  else if (options.format === 'html') terminal.print(await renderHtml(built, run.plan, run.lock));
  else if (options.format === 'md') terminal.print(renderMarkdown(built));
  else if (options.format === 'csv') terminal.print(renderCsv(built));
  else
    throw new Exit(exitCodes.usage, `--format is html, md, json or csv, not \`${options.format}\``);
  return built.believed ? exitCodes.done : exitCodes.notBelieved;
}
