import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { chromiumFlags, findChromium } from './tools/chromium.mjs';

// Tests read the sources of every package: nothing needs to be built first.
const conditions = ['@lemmata/source'];

/** Tests that take too long for every day are named `.nightly.test.ts`; `npm run test:nightly` runs them too. */
const nightly = process.env['LEMMATA_NIGHTLY'] === '1';

const benchmarks = process.env['LEMMATA_BENCH'] === '1';

/*
 * Tests are much code of which little runs often. V8 optimises a function after 66 kB of bytecode (in Node 20): at that pace its
 * compiler, on threads of its own, takes as much time as a fifth of the tests. For benchmarks the pace stays.
 */
if (!benchmarks) setFlagsFromString('--interrupt-budget=1000000');

const node: TestProjectInlineConfiguration = {
  extends: true,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'node',
    include: ['packages/*/src/**/*.test.ts', 'tools/*/src/**/*.test.ts', 'docs/recipes/**/*.test.ts'],
    exclude: ['**/*.browser.test.ts', '**/node_modules/**', ...(nightly ? [] : ['**/*.nightly.test.ts'])],
    setupFiles: ['tools/seed.mjs'],
    // Pages come afterwards: they use as many cores as there are, and some tests in them are about time. What is measured runs alone.
    maxWorkers: benchmarks ? 1 : Math.max(2, availableParallelism() - 1),
    sequence: { groupOrder: 0 },
    benchmark: { include: ['packages/*/src/**/bench.ts'] },
  },
};

const lawTests = ['packages/*/src/**/laws.test.ts', 'packages/laws/src/core/core.test.ts'];

/**
 * All laws once more, of the kernels: which one runs depends on shapes and types, so fewer cases do, and of searches fewer still,
 * for those in float32 are in the tests of `cli`. Whether a law notices planted bugs is seen in `node`: an op with a bug has no kernel.
 */
const lawsOnKernels = (runs: number, searchRuns: number): Record<string, string> => ({
  LEMMATA_LAW_RUNS: process.env['LEMMATA_LAW_RUNS'] ?? String(runs),
  LEMMATA_SEARCH_RUNS: process.env['LEMMATA_SEARCH_RUNS'] ?? String(searchRuns),
  LEMMATA_LAW_MUTANTS: process.env['LEMMATA_LAW_MUTANTS'] ?? (nightly ? '1' : '0'),
});

const wasm: TestProjectInlineConfiguration = {
  ...node,
  test: {
    ...node.test,
    name: 'wasm',
    include: lawTests,
    setupFiles: ['tools/seed.mjs', 'tools/on-wasm.mjs'],
    env: lawsOnKernels(10, 25),
  },
};

/** With these headers a page is cross-origin isolated, and may share memory between threads. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** `npm run test:browser`: nothing but pages, with all laws, on each backend, which takes minutes. */
const onlyPages = process.env['LEMMATA_BROWSER'] === '1';
const everyLaw = onlyPages || nightly;

/** Every day the laws of layers that have kernels of their own, with and without memory that threads share, and with it those of the core. */
const lawsOfKernels = (isolated: boolean): string[] => [
  ...(isolated ? ['packages/laws/src/core/core.test.ts'] : []),
  'packages/layers-{conv,pool}/src/*/laws.test.ts',
  'packages/layers-norm/src/batch-norm/laws.test.ts',
  'packages/layers-resample/src/interpolate/laws.test.ts',
  'packages/losses/src/cross-entropy/laws.test.ts',
];

/** What the environment asks of laws: of it a page sees what is handed to it alone. */
const asked = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = '']) =>
    /^LEMMATA_(LAW|SEARCH)_/.test(name) ? [[name, value]] : [],
  ),
);

const browser = (executablePath: string, isolated: boolean, onWasm: boolean): TestProjectInlineConfiguration => ({
  extends: true,
  resolve: { conditions: [...defaultClientConditions, ...conditions] },
  // Also where no test of every day needs it: a page is loaded again when it first meets a dependency, and its tests fail.
  optimizeDeps: { include: ['fast-check'] },
  ...(isolated ? { server: { headers: isolation } } : {}),
  test: {
    name: `${onWasm ? 'wasm, ' : ''}browser${isolated ? ', isolated' : ''}`,
    // Only the backend that uses threads can tell the difference.
    include: onWasm
      ? everyLaw
        ? lawTests
        : lawsOfKernels(isolated)
      : isolated
        ? ['packages/{backend-wasm,cli}/src/**/*.browser.test.ts']
        : [
            'packages/*/src/**/*.browser.test.ts',
            ...(everyLaw ? [...lawTests, 'packages/*/src/**/wasm.mutants.test.ts'] : []),
          ],
    setupFiles: [...(onWasm || everyLaw ? ['tools/environment.mjs'] : []), ...(onWasm ? ['tools/on-wasm.mjs'] : [])],
    env: onWasm && !everyLaw ? lawsOnKernels(5, 10) : asked,
    sequence: { groupOrder: 1 },
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
  const without = onlyPages ? [] : [node, wasm];
  if (path !== undefined)
    return [
      ...without,
      ...[false, true].flatMap((isolated) => [false, true].map((onWasm) => browser(path, isolated, onWasm))),
    ];
  const missing = `no Chromium found (looked at ${looked.join(', ')})`;
  if (onlyPages) throw new Error(missing);
  console.error(`browser tests skipped: ${missing}`);
  return without;
}

export default defineConfig({
  test: {
    pool: 'threads',
    isolate: false,
    passWithNoTests: true,
    // A busy machine is no failure: what must be quick is measured elsewhere.
    testTimeout: nightly ? 1_800_000 : 60_000,
    projects: projects(),
    coverage: {
      provider: 'v8',
      // The runtime packages. Laws are what measures; workers and generated WebAssembly run where no tool looks.
      include: ['packages/*/src/**/*.ts'],
      exclude: [
        'packages/{laws,cli,visualize}/**',
        '**/*laws.ts',
        '**/*.test.ts',
        'packages/backend-wasm/src/threads/worker-source.ts',
      ],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
