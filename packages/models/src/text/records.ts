import { Bug } from '@vflair/core/text';

/** Property `name` of an unknown record as text (numbers are printed); throws VF904 where it is anything else. */
export function textField(record: unknown, name: string): string {
  const value: unknown =
    typeof record === 'object' && record !== null ? Reflect.get(record, name) : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new Bug('VF904', `a record of an installed dataset has no text \`${name}\``);
}
