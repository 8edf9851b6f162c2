import type { Diagnostic } from '@vflair/core/text';
import type { SourceSpan } from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { isNoBlock } from '../meaning/facts.js';
import type { Meaning, SliceMeaning } from '../meaning/meaning.js';

const textOf = ({ source, start, end }: SourceSpan): string => source.text.slice(start, end);
const placeName = (position: number): string =>
  position === 0 ? 'embed' : Number.isFinite(position) ? `block ${position - 1}` : 'output';

/** VF303: a part of the model that no slice has. */
const gap = (at: SourceSpan, what: string, hint: string, before?: SliceMeaning): Diagnostic =>
  error('VF303', at, `${what} in no slice`, {
    hint,
    related: before ? [related(before.to.span, `slice \`${before.name.text}\` ends here`)] : [],
  });

/** VF304: a part of the model that two slices have. */
const overlap = (later: SliceMeaning, earlier: SliceMeaning): Diagnostic =>
  error(
    'VF304',
    later.from.span,
    `slice \`${later.name.text}\` begins inside slice \`${earlier.name.text}\``,
    {
      hint: `begin it after \`${textOf(earlier.to.span)}\`, where \`${earlier.name.text}\` ends`,
      related: [related(earlier.to.span, `slice \`${earlier.name.text}\` ends here`)],
    },
  );

function between(before: SliceMeaning, next: SliceMeaning): Diagnostic {
  const first = placeName(before.end + 1);
  const last = placeName(next.start - 1);
  const isOne = first === last;
  const what = isOne ? `\`${first}\` is` : `\`${first}\` to \`${last}\` are`;
  return gap(next.from.span, what, `begin slice \`${next.name.text}\` at \`${first}\``, before);
}

/** The slices, one after the other, are the whole model. Nothing is said where a slice could not be read. */
export function* checkCoverage(meaning: Meaning): Iterable<Diagnostic> {
  const { slices, hasAllSlices } = meaning;
  const [first] = slices;
  const last = slices.at(-1);
  if (!hasAllSlices || first === undefined || last === undefined) return;
  const isOff = ({ from, to, start, end }: SliceMeaning): boolean =>
    start > end || isNoBlock(from, meaning) || isNoBlock(to, meaning);
  if (slices.some(isOff)) return;
  if (first.start > 0) {
    yield gap(first.from.span, '`embed` is', `begin slice \`${first.name.text}\` with \`embed\``);
  }
  for (const [i, next] of slices.entries()) {
    const before = slices[i - 1];
    if (before === undefined) continue;
    if (next.start <= before.end) yield overlap(next, before);
    else if (next.start > before.end + 1 && Number.isFinite(next.start))
      yield between(before, next);
  }
  if (last.to.kind === 'output' || slices.some(({ to }) => to.kind === 'output')) return;
  yield gap(last.to.span, '`output` is', `end slice \`${last.name.text}\` with \`output\``);
}
