import { defineConfig } from 'vitest/config';

// Tests read the sources of every package: nothing needs to be built first.
const conditions = ['@lemmata/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'threads',
    isolate: false,
    projects: [
      {
        extends: true,
        test: { name: 'node', include: ['packages/*/src/**/*.test.ts', 'tools/*/src/**/*.test.ts'] },
      },
    ],
  },
});
