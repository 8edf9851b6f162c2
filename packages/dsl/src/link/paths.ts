/** True for a path that does not depend on where it is written. */
export const isAbsolute = (text: string): boolean => /^(?:\/|[A-Za-z]:[\\/])/.test(text);

/** True for what the language takes for a path: `./…`, `../…` or absolute. */
export const isPath = (text: string): boolean => /^\.{1,2}\//.test(text) || isAbsolute(text);

/** The folder of a path, "" for a bare file name. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/**
 * `path`, written in a file of `folder`, as seen from the folder that `folder` is relative to.
 * Stays as written where both are the same.
 */
export function joinPath(folder: string, path: string): string {
  if (folder === '' || folder === '.' || isAbsolute(path)) return path;
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '.') continue;
    const last = parts.at(-1);
    if (part === '..' && last !== undefined && last !== '' && last !== '..') parts.pop();
    else parts.push(part);
  }
  const joined = parts.join('/');
  return isPath(joined) ? joined : `./${joined}`;
}
