/** A parsed config.json, or what a GGUF file's header says in the same words. */
export type ModelConfig = { readonly [key: string]: unknown };

/**
 * All the language may ask of the world. Paths are absolute or relative to the folder of the file being compiled;
 * nothing is read but `.vflair` texts and model configurations: never rows or weights.
 */
export interface FileAccess {
  /** The text of a `.vflair` file; undefined where it can't be read. */
  read(path: string): string | undefined;
  exists(path: string): 'file' | 'folder' | undefined;
  /** The configuration of a model folder, a GGUF file or (from a local cache) a hub name `hf:…`. */
  modelConfig(ref: string): ModelConfig | undefined | 'unreadable';
  /** A path that is relative to the current folder (a value of `--set`), relative to the compiled file's folder. */
  fromCurrentFolder(path: string): string;
}

/** No files at all: for texts that stand alone. */
export const noFiles: FileAccess = {
  read: () => undefined,
  exists: () => undefined,
  modelConfig: () => undefined,
  fromCurrentFolder: (path) => path,
};
