import { defineConfig } from 'vitest/config';

// Tests run on the TypeScript sources (condition "@vflair/source"), not on dist/.
const conditions = ['@vflair/source', 'module', 'node', 'development|production'];
const full = process.env.VFLAIR_FULL === '1';

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Legacy decorators for inversify, set here so that it does not hang on tsconfig discovery.
  oxc: { decorator: { legacy: true } },
  test: {
    // Native sessions are not safe to share between worker threads, and two processes fill the smallest machine we test on.
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['packages/*/src/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/src/**/*.test.ts'],
          testTimeout: full ? 1_200_000 : 180_000,
          hookTimeout: full ? 1_200_000 : 180_000,
        },
      },
    ],
    // Vitest 5 keeps transforms in node_modules/.vitest-cache and does not see tsconfig edits.
    fsModuleCache: false,
  },
});
