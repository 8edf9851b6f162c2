import type { Diagnostic } from '@vflair/core/text';
import type * as ast from '../ast/ast.js';
import type { Meaning } from '../meaning/meaning.js';

/** Finds one kind of mistake in a pipeline. Says nothing about what a mistake in the text left out. */
export type Check = (meaning: Meaning) => Iterable<Diagnostic>;

/** True if a name that none of `declared` has may yet be one of them: one may have lost its name to a mistake. */
export const isDoubtful = (
  { pipeline, scope }: Meaning,
  name: ast.Name,
  declared: readonly (ast.Name | undefined)[],
): boolean => !pipeline.hasBase || declared.includes(undefined) || scope.isDoubtful(name);
