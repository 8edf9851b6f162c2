import type { FileAccess } from '../link/index.js';

/** Files by path: `.vflair` texts and rows as text, model folders by their `<folder>/config.json`. */
export function filesOf(files: { readonly [path: string]: string }): FileAccess {
  const isFolder = (path: string): boolean =>
    Object.keys(files).some((each) => each.startsWith(`${path}/`));
  return {
    read: (path) => files[path],
    exists: (path) =>
      files[path] === undefined ? (isFolder(path) ? 'folder' : undefined) : 'file',
    modelConfig: (ref) => {
      const text = files[`${ref}/config.json`] ?? files[`${ref}.json`];
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text);
      } catch {
        return 'unreadable';
      }
    },
    fromCurrentFolder: (path) => `../here/${path}`,
  };
}
