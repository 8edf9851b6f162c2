import { loadCatalog } from '@vflair/core/catalog';
import type { CatalogEntry, PluginKind } from '@vflair/core/contract';
import { packages } from '../catalog.js';
import { Exit, exitCodes } from '../exit.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';

const kinds: { readonly [word: string]: PluginKind } = {
  models: 'model',
  datasets: 'dataset',
  tasks: 'task',
  attacks: 'attack',
  defenses: 'defense',
  families: 'family',
};

const metrics: readonly string[] = [
  'accuracy',
  'perplexity',
  'bits-per-byte',
  'positional-accuracy',
  'bag-precision',
  'bag-recall',
  'bag-f1',
  'exact-match',
  'reference-precision',
  'reference-recall',
  'label-accuracy',
  'label-auc',
  'leak-auc',
  'dcs',
  'adjusted-dcs',
];

/** What is installed or recognised. */
export async function list(what: string, options: GlobalFlags): Promise<number> {
  const terminal = openTerminal(options);
  const rows = await rowsOf(what);
  if (terminal.isJson) terminal.print(JSON.stringify(rows));
  else for (const row of rows) terminal.print(`${row.id.padEnd(22)} ${row.title}`);
  return exitCodes.done;
}

async function rowsOf(
  what: string,
): Promise<readonly { readonly id: string; readonly title: string }[]> {
  if (what === 'metrics') return metrics.map((id) => ({ id, title: '' }));
  if (what === 'devices') return devices();
  const kind = kinds[what];
  if (!kind)
    throw new Exit(
      exitCodes.usage,
      `list one of ${[...Object.keys(kinds), 'metrics', 'devices'].join(', ')}, not \`${what}\``,
    );
  return loadCatalog(packages, import.meta.url).entries.filter((entry) => entry.kind === kind);
}

async function devices(): Promise<{ id: string; title: string }[]> {
  const { createProber } = await import('@vflair/core/session');
  const prober = createProber();
  const found = [];
  for (const id of new Set(['cpu', ...prober.kinds()])) {
    const failure = id === 'cpu' ? undefined : await prober.failure(id, 0);
    found.push({
      id,
      title: failure === undefined ? 'ready' : `not here: ${failure.split('\n')[0]}`,
    });
  }
  return found;
}

/** One thing's parameters, needs and source. */
export function show(kindWord: string, id: string, options: GlobalFlags): number {
  const terminal = openTerminal(options);
  const kind =
    kinds[kindWord] ?? kinds[`${kindWord}s`] ?? (kindWord === 'family' ? 'family' : undefined);
  const entry = loadCatalog(packages, import.meta.url).entries.find(
    (candidate) => candidate.kind === kind && candidate.id === id,
  );
  if (!entry)
    throw new Exit(
      exitCodes.usage,
      `there is no ${kindWord} \`${id}\`; \`vflair list ${kindWord.replace(/s?$/, 's')}\` shows what there is`,
    );
  if (terminal.isJson) terminal.print(JSON.stringify(entry));
  else terminal.print(describe(entry));
  return exitCodes.done;
}

function describe(entry: CatalogEntry): string {
  const line = (name: string, values: readonly string[]): string[] =>
    values.length > 0 ? [`${name}: ${values.join(', ')}`] : [];
  const fields = Object.entries(entry.params).map(([name, field]) => {
    const rest =
      field.default === undefined
        ? field.optional
          ? 'optional'
          : 'required'
        : `default ${JSON.stringify(field.default)}`;
    return `  ${name} (${field.type}, ${rest}): ${field.description}`;
  });
  return [
    `${entry.id} — ${entry.title} (${entry.kind}, version ${entry.version})`,
    ...line('source', entry.source ? [entry.source] : []),
    ...line('needs', entry.needs),
    ...line('uses if granted', entry.wants),
    ...line('guesses', entry.guesses ? [entry.guesses] : []),
    ...line('hook points', entry.at),
    ...line('topologies', entry.topologies),
    ...line('architectures', entry.architectures),
    ...Object.entries(entry.facts).map(
      ([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`,
    ),
    ...(fields.length > 0 ? ['parameters', ...fields] : []),
  ].join('\n');
}
