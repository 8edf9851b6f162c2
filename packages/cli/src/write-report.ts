import { RunFolder } from '@vflair/core/run';
import { Exit, exitCodes } from './exit.js';
import { buildReport, type Report, renderHtml, renderMarkdown } from './report/index.js';
import { readRun } from './run-folder.js';

/** Builds the report of a run's folder and writes `report.html`, `report.md` and `report.json` into it. */
export async function writeReport(root: string): Promise<Report> {
  const run = await readRun(root);
  if (!run)
    throw new Exit(
      exitCodes.usage,
      `\`${root}\` holds no finished run: there is no plan.json or no records.jsonl`,
    );
  const folder = new RunFolder(root);
  const report = buildReport(run);
  await folder.write(await renderHtml(report, run.plan, run.lock), 'report.html');
  await folder.write(renderMarkdown(report), 'report.md');
  await folder.write(`${JSON.stringify(report)}\n`, 'report.json');
  return report;
}
