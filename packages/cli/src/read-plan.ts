import { existsSync, readFileSync } from 'node:fs';
import type { AttackPlan, Catalog, PipelinePlan, Plan } from '@vflair/core/contract';
import { findEntry } from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import { grantedKeys } from '@vflair/core/threat';
import { checkPlan } from '@vflair/dsl';
import { installedCatalog } from './catalog.js';
import { planOfFile } from './compile-text.js';
import { Exit, exitCodes } from './exit.js';
import type { Terminal } from './terminal/terminal.js';
import { missingFile, parseSet } from './text-file.js';

/** The Plan that a `.vflair` text compiles to, or that a `.json` file holds. Throws an Exit with its findings. */
export function readPlan(file: string, set: readonly string[], terminal: Terminal): Plan {
  if (!file.endsWith('.json')) return planOfFile(file, parseSet(set), terminal.finding);
  if (set.length > 0)
    throw new Exit(exitCodes.usage, '--set overrides a `let` of a text, and a plan has none');
  const catalog = installedCatalog();
  const { plan, diagnostics } = checkPlan(readJson(file), catalog);
  if (!plan) throw new Exit(exitCodes.findings, '', diagnostics);
  const denied = plan.pipelines.flatMap((pipeline) => [...deniedAttacks(pipeline, catalog)]);
  if (denied.length > 0) throw new Exit(exitCodes.findings, '', denied);
  return plan;
}

function readJson(file: string): unknown {
  if (!existsSync(file)) throw new Exit(exitCodes.findings, '', [missingFile(file)]);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Exit(exitCodes.findings, '', [notJson(file, why)]);
  }
}

/** VF507: a plan that can't be read. */
const notJson = (file: string, why: string): Diagnostic => ({
  code: 'VF507',
  severity: 'error',
  message: `\`${file}\` is not a plan: ${why}`,
  hint: 'make one with `vflair compile FILE -o plan.json`',
});

/** VF302: an attack of a plan asks for what its adversary was not granted. */
const attackNotAllowed = (attack: AttackPlan, id: string, missing: readonly string[]) =>
  ({
    code: 'VF302',
    severity: 'error',
    message: `attack \`${id}\` of the plan needs ${missing.map((key) => `\`${key}\``).join(', ')}, which adversary \`${attack.adversary}\` was not granted`,
    hint: 'grant it in `knows` or `sees`, or leave the attack out',
  }) as const satisfies Diagnostic;

function* deniedAttacks(pipeline: PipelinePlan, catalog: Catalog): Iterable<Diagnostic> {
  for (const attack of pipeline.attacks) {
    const adversary = pipeline.adversaries.find(({ name }) => name === attack.adversary);
    const granted: ReadonlySet<string> = adversary ? grantedKeys(pipeline, adversary) : new Set();
    for (const { id } of attack.chain) {
      const needs = findEntry(catalog, 'attack', id)?.needs ?? [];
      const missing = needs.filter((need) => !granted.has(need));
      if (missing.length > 0) yield attackNotAllowed(attack, id, missing);
    }
  }
}
