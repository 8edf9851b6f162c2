import type { Diagnostic } from '@vflair/core/text';
import type { Name } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';
import { splits } from '../meaning/read.js';
import {
  deviceKinds,
  finetuneFields,
  measureFields,
  metricNames,
} from '../meaning/statement-fields.js';
import { suggest } from '../words.js';

const unknown = (code: string, what: string, name: Name, known: readonly string[]): Diagnostic =>
  error(code, name.span, `unknown ${what} \`${name.text}\``, {
    hint: suggest(name.text, known, ''),
  });

/** VF215: rows to attack that are not there. */
const unknownSplit = (name: Name): Diagnostic => unknown('VF215', 'split', name, splits);

/** VF216: something that can't be measured. */
const unknownMeasure = (name: Name): Diagnostic =>
  unknown('VF216', 'measure', name, [...Object.keys(measureFields), ...metricNames]);

/** VF217: a way of training that is not there. */
const unknownMethod = (name: Name): Diagnostic =>
  unknown('VF217', 'way of training', name, Object.keys(finetuneFields));

/** VF218: a kind of device that is not there. */
const unknownDevice = (name: Name): Diagnostic => unknown('VF218', 'device', name, deviceKinds);

/** Words from fixed lists: devices, splits, ways of training, measures. */
export function* checkWords({ parties, attacks, work, measures }: Meaning): Iterable<Diagnostic> {
  for (const { node } of parties) {
    const kind = node.device?.kind;
    if (kind !== undefined && !deviceKinds.includes(kind.text)) yield unknownDevice(kind);
  }
  for (const { node, split } of attacks) {
    if (node.on !== undefined && split === undefined) yield unknownSplit(node.on.name);
  }
  const method = work?.node.kind === 'infer' ? undefined : work?.node.name;
  if (method !== undefined && work?.method === undefined) yield unknownMethod(method);
  for (const { name } of measures) {
    const isKnown = Object.hasOwn(measureFields, name.text) || metricNames.includes(name.text);
    if (!isKnown) yield unknownMeasure(name);
  }
}
