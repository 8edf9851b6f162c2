import { loadCatalog } from '@vflair/core/catalog';
import type { Catalog } from '@vflair/core/contract';

/** Packages that bring attacks, defenses, families, tasks, datasets and models. */
export const packages: readonly string[] = [
  '@vflair/models',
  '@vflair/plugins-attacks',
  '@vflair/plugins-defenses',
];

/** The catalog of all that is installed; no plugin code is loaded. */
export const installedCatalog = (): Catalog => loadCatalog(packages, import.meta.url);
