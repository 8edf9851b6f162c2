import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One promise of a kit: `run` throws an error that says what was broken. Give it to a test runner under its name. */
export interface KitCheck {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Throws `complaint` unless `holds`. */
export function demand(holds: boolean, complaint: string): void {
  if (!holds) throw new Error(complaint);
}

/** A digest of everything inside a value: elements of tensors, keys and plain values; functions by name. */
export function digestOf(value: unknown): string {
  const hash = createHash('sha256');
  const visit = (inner: unknown): void => {
    if (ArrayBuffer.isView(inner)) {
      hash.update(new Uint8Array(inner.buffer, inner.byteOffset, inner.byteLength));
    } else if (typeof inner === 'object' && inner !== null) {
      for (const [key, item] of Object.entries(inner)) {
        hash.update(`${key}:`);
        visit(item);
      }
    } else hash.update(typeof inner === 'function' ? inner.name : `${typeof inner} ${inner}`);
    hash.update(';');
  };
  visit(value);
  return hash.digest('hex');
}

/** Id = name of the test's file = name of the page in `docs/<folder>/` of the repository the file is in. */
export function nameChecks(id: string, test: string, folder: string): KitCheck[] {
  const file = fileURLToPath(test);
  const name = basename(file).replace(/\..*$/, '');
  return [
    {
      name: 'its id is the name of its file',
      run: async () => demand(id === name, `id \`${id}\`, but the file is called \`${name}\``),
    },
    {
      name: `it has a page in docs/${folder}`,
      run: async () => {
        const page = join('docs', folder, `${id}.md`);
        demand(
          ancestors(file).some((place) => existsSync(join(place, page))),
          `there is no ${page} in any folder above ${basename(file)}`,
        );
      },
    },
  ];
}

function ancestors(file: string): string[] {
  const above = dirname(file);
  return above === file ? [] : [above, ...ancestors(above)];
}
