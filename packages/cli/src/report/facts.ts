/** A JSON object whose keys are not known. */
export type Facts = { readonly [key: string]: unknown };

/** Whether a value is a JSON object (not an array, not null). */
export const isFacts = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value as an object; anything else is empty. */
export const factsOf = (value: unknown): Facts => (isFacts(value) ? value : {});

/** A finite number under that key, if there is one. */
export function numberIn(facts: Facts, key: string): number | undefined {
  const value = facts[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A string under that key, if there is one. */
export function textIn(facts: Facts, key: string): string | undefined {
  const value = facts[key];
  return typeof value === 'string' ? value : undefined;
}

/** A truth value under that key, if there is one. */
export function flagIn(facts: Facts, key: string): boolean | undefined {
  const value = facts[key];
  return typeof value === 'boolean' ? value : undefined;
}

/** The strings of a list under that key; other members are left out. */
export function textsIn(facts: Facts, key: string): readonly string[] {
  const value = facts[key];
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : [];
}

/** The finite numbers of a list under that key. */
export function numbersIn(facts: Facts, key: string): readonly number[] {
  const value = facts[key];
  return Array.isArray(value)
    ? value.filter((item): item is number => typeof item === 'number' && Number.isFinite(item))
    : [];
}

/** `{ [key]: value }`, or nothing where the value is undefined: an optional key of a literal. */
export function given<K extends string, V>(
  key: K,
  value: V | undefined,
): { readonly [P in K]?: V } {
  // A computed key has type string for the compiler; it is K by construction.
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
