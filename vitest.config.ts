import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { chromiumFlags, findChromium } from './tools/chromium.mjs';

// Tests read the sources of every package: nothing needs to be built first.
const conditions = ['@lemmata/source'];

const node: TestProjectInlineConfiguration = {
  extends: true,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'node',
    include: ['packages/*/src/**/*.test.ts', 'tools/*/src/**/*.test.ts', 'docs/recipes/*/src/**/*.test.ts'],
    exclude: ['**/*.browser.test.ts'],
  },
};

const browser = (executablePath: string): TestProjectInlineConfiguration => ({
  extends: true,
  resolve: { conditions: [...defaultClientConditions, ...conditions] },
  test: {
    name: 'browser',
    include: ['packages/*/src/**/*.browser.test.ts'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: chromiumFlags } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});

function projects(): TestProjectInlineConfiguration[] {
  const { path, looked } = findChromium();
  if (path !== undefined) return [node, browser(path)];
  console.error(`browser tests skipped: no Chromium found (looked at ${looked.join(', ')})`);
  return [node];
}

export default defineConfig({
  test: {
    pool: 'threads',
    isolate: false,
    passWithNoTests: true,
    // A busy machine is no failure: what must be quick is measured elsewhere.
    testTimeout: 60_000,
    projects: projects(),
  },
});
