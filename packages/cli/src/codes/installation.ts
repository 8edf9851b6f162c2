import type { CodeTable } from '@vflair/dsl';

/** VF550 to VF554: packages that bring plugins and models. */
export const installationCodes: CodeTable = {
  VF550: {
    title: 'a package that is not installed or not built',
    explanation:
      'Attacks, defenses, families and models come in packages, each with a catalog of what it brings. In a clone of vflair the catalogs are written by the build.',
    language: 'sh',
    wrong: 'git clone …/vflair && cd vflair && npx vflair list attacks',
    right: 'git clone …/vflair && cd vflair && npm ci && npm run build && npx vflair list attacks',
  },
  VF551: {
    title: 'a catalog that can’t be read',
    explanation:
      'The catalog of a package is damaged: it is written when the package is built, and never by hand.',
    language: 'sh',
    wrong: 'vi node_modules/@vflair/plugins-attacks/dist/catalog.json',
    right: 'rm -r node_modules/@vflair/plugins-attacks && npm install',
  },
  VF552: {
    title: 'one plugin brought by two packages',
    explanation:
      'Ids are unique for each kind of plugin; a text that names one could mean either. Use one of the packages.',
    language: 'sh',
    wrong: 'npm install attacks-a attacks-b',
    right: 'npm install attacks-a',
  },
  VF553: {
    title: 'a plugin or model that no package brings',
    explanation:
      'A Plan names a model that was installed where it was compiled, and is not installed here.',
    language: 'sh',
    wrong: 'vflair run plan-from-elsewhere.json',
    right: 'npm install more-models\nvflair run plan-from-elsewhere.json',
  },
  VF554: {
    title: 'a package whose catalog and code differ',
    explanation:
      'The module does not define what its catalog says: its default export is another plugin, or lacks a member. After a change of a plugin, build it again.',
    language: 'sh',
    wrong: 'npx vflair list attacks',
    right: 'npm run build && npx vflair list attacks',
  },
};

/** VF556 and VF557: devices. */
export const deviceCodes: CodeTable = {
  VF556: {
    title: 'a kind of device that this machine can’t have',
    explanation:
      'The runtime for this system knows no such device: CoreML is for macOS, DirectML for Windows. `vflair list devices` shows what there is.',
    wrong: 'party server on coreml { slice body = block 1 .. block 2 }',
    right: 'party server on auto { slice body = block 1 .. block 2 }',
  },
  VF557: {
    title: 'a device that can’t be used',
    explanation:
      'A small computation on it failed, so that the run did not begin: the driver, a library or the device itself is missing. Nothing falls back to the processor unless you write `auto`.',
    wrong: 'party server on cuda:1 { slice body = block 1 .. block 2 }',
    right: 'party server on cuda:0 { slice body = block 1 .. block 2 }',
  },
};
