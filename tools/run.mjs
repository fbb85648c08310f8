#!/usr/bin/env node
// The one entry of every root script: `node tools/run.mjs VERB [arguments]`.
// It needs nothing but Node and npm: it installs when the install is missing or stale, builds what the verb needs, and
// then runs it. Set-up talks on standard error alone, so that what the verb prints can be piped.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The folder in which the user typed the command: npm starts scripts in the root and leaves the folder in INIT_CWD. */
const calledFrom =
  process.env.npm_package_json === join(root, 'package.json') && process.env.INIT_CWD
    ? process.env.INIT_CWD
    : process.cwd();

/** Signals that are passed on, with their numbers. */
const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

const env = { ...process.env, INIT_CWD: calledFrom, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

/** Arguments that name an existing file or folder, made absolute; everything else as it is. */
const absolute = (args) =>
  args.map((arg) => (!arg.startsWith('-') && existsSync(resolve(calledFrom, arg)) ? resolve(calledFrom, arg) : arg));

/**
 * Runs a program and resolves to its exit code.
 *
 * The child has a process group of its own: a Ctrl-C typed in a terminal comes here twice, from the terminal and from
 * npm, and the child is to see it once.
 *
 * With `quiet` what it prints is collected and given to `output`; without, it shares this process's streams.
 */
function run(command, args, { cwd = root, quiet = false, output = () => {} } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      env: quiet ? { ...env, CI: 'true' } : env,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      detached: !windows,
      shell: windows,
    });
    const printed = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr']) child[name]?.on('data', (chunk) => printed[name].push(chunk));

    let last = { signal: '', at: Number.NEGATIVE_INFINITY };
    const pass = (signal) => {
      const repeated = signal === last.signal && performance.now() - last.at < 500;
      if (repeated || windows || child.pid === undefined) return;
      last = { signal, at: performance.now() };
      // While setting up the child is npx or turbo, whose children are told too; a verb's own program tells its own.
      try {
        process.kill(quiet ? -child.pid : child.pid, signal);
      } catch {
        // It has ended on its own in the meantime.
      }
    };
    // The shell between npm and this process dies of a SIGTERM without telling: then the child is told from here.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      pass('SIGTERM');
    }, 1000);
    const end = (code) => {
      clearInterval(watch);
      for (const signal of Object.keys(signals)) process.off(signal, pass);
      done(code);
    };
    for (const signal of Object.keys(signals)) process.on(signal, pass);
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      end(127);
    });
    child.on('close', (code, signal) => {
      output(Buffer.concat(printed.stdout).toString(), Buffer.concat(printed.stderr).toString());
      end(code ?? 128 + (signals[signal] ?? 9));
    });
  });
}

/** A step of the set-up: one line when it starts, and all that it printed if it fails. Returns its standard output. */
async function setUp(what, command, args) {
  console.error(what);
  let out = '';
  let err = '';
  const code = await run(command, args, {
    quiet: true,
    output: (...texts) => {
      [out, err] = texts;
    },
  });
  if (code === 0) return out;
  process.stderr.write(`${out}${err}\n${what}: failed with exit code ${code}\n`);
  return process.exit(code);
}

/** Installs unless the last install was of this very pnpm-lock.yaml; puts pnpm and the installed tools on the PATH. */
async function install() {
  const stamp = join(root, 'node_modules', '.lemmata-install.json');
  const lock = createHash('sha256')
    .update(packageManager)
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  const hasPnpm = (folder) => existsSync(join(folder, windows ? 'pnpm.cmd' : 'pnpm'));
  let done = { lock: '', pnpm: '' };
  if (existsSync(stamp)) done = JSON.parse(readFileSync(stamp, 'utf8'));
  if (done.lock !== lock || !hasPnpm(done.pnpm)) {
    await setUp(`installing (${packageManager})`, 'npx', ['-y', packageManager, 'install', '--frozen-lockfile']);
    // turbo calls pnpm by its name, and npx knows in which folder it has unpacked it.
    const path = await setUp('looking for pnpm', 'npx', ['-y', '-p', packageManager, '-c', 'node -p process.env.PATH']);
    done = { lock, pnpm: path.trim().split(delimiter).find(hasPnpm) ?? '' };
    writeFileSync(stamp, JSON.stringify(done));
  }
  env.PATH = [done.pnpm, join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
}

/** Builds these packages and what they depend on (all of them if none is named); turbo keeps what has not changed. */
const build = (...packages) =>
  setUp(`building ${packages.join(', ') || 'all packages'}`, 'turbo', [
    'run',
    'build',
    '--output-logs=errors-only',
    ...packages.map((name) => `--filter=${name}...`),
  ]);

/** Whether tests are asked for that all lie below `packages`: those read sources, and nothing has to be built for them. */
function readsSources(args) {
  const words = args.filter((arg, i) => !arg.startsWith('-') && args[i - 1] !== '--project');
  const packages = join(root, 'packages') + sep;
  return words.length > 0 && absolute(words).every((word) => `${word}${sep}`.startsWith(packages));
}

/** A verb that runs a built program in the folder from which the user called. */
function program(name, main, words) {
  return async (args) => {
    await build(name);
    return run(process.execPath, [join(root, main), ...words, ...args], { cwd: calledFrom });
  };
}

/** A verb that runs these verbs in turn and stops at none: whoever mends wants to see every failure. */
function all(...names) {
  return async (args) => {
    const failed = [];
    for (const name of names) {
      console.error(`\n${name}`);
      if ((await verbs[name](args)) !== 0) failed.push(name);
    }
    console.error(failed.length === 0 ? `\nall well: ${names.join(', ')}` : `\nFAILED: ${failed.join(', ')}`);
    return failed.length === 0 ? 0 : 1;
  };
}

const verbs = {
  start: program('@lemmata/recipes', 'docs/recipes/dist/main.js', ['lenet5-mnist']),
  recipe: program('@lemmata/recipes', 'docs/recipes/dist/main.js', []),
  'results:docs': program('@lemmata/recipes', 'docs/recipes/dist/results.js', []),
  predict: program('@lemmata/cli', 'packages/cli/dist/main.js', ['predict']),
  profile: program('@lemmata/recipes', 'docs/recipes/dist/profile.js', []),
  summary: program('@lemmata/cli', 'packages/cli/dist/main.js', ['summary']),
  /** With `--watch` it stays, and runs again what depends on a file that changes. */
  async test(args) {
    if (!readsSources(args)) await build();
    return run('vitest', args.includes('--watch') ? absolute(args) : ['run', ...absolute(args)]);
  },
  async coverage(args) {
    await build();
    return run('vitest', ['run', '--project', 'node', '--coverage', ...absolute(args)]);
  },
  /** More cases of every law and search than anyone waits for, and the tests that are named `.nightly.test.ts`. */
  'test:nightly'(args) {
    const nightly = { LEMMATA_NIGHTLY: '1', LEMMATA_LAW_RUNS: '300', LEMMATA_SEARCH_RUNS: '1000' };
    for (const [name, value] of Object.entries(nightly)) env[name] ??= value;
    return verbs.test(args);
  },
  /** All laws in pages, with and without memory that threads share: minutes, of which `npm test` waits for a few seconds. */
  'test:browser'(args) {
    env.LEMMATA_BROWSER = '1';
    return run('vitest', ['run', ...absolute(args)]);
  },
  async build() {
    await build();
    return 0;
  },
  async typecheck() {
    // The build is the stricter half: each package under its own settings, without the others' sources.
    await build();
    const code = await run('tsc', ['--noEmit']);
    return code === 0 ? program('@lemmata/build-docs', 'tools/docs/dist/check-examples.js', [])([]) : code;
  },
  lint: (args) => run('oxlint', absolute(args)),
  format: (args) => run('biome', ['format', ...absolute(args)]),
  'format:write': (args) => run('biome', ['format', '--write', ...absolute(args)]),
  'check-imports': program('@lemmata/check-imports', 'tools/check-imports/dist/main.js', []),
  'check-packages': program('@lemmata/check-packages', 'tools/check-packages/dist/main.js', []),
  async 'check-install'(args) {
    await build();
    return program('@lemmata/check-install', 'tools/check-install/dist/main.js', [])(args);
  },
  async api(args) {
    await build();
    return program('@lemmata/api-reports', 'tools/api-reports/dist/main.js', [])(args);
  },
  'check-api': (args) => verbs.api(['--check', ...args]),
  check: all('typecheck', 'lint', 'format', 'check-imports', 'check-packages', 'check-api'),
  conformance: program('@lemmata/conformance', 'tools/conformance/dist/main.js', []),
  'edge-cases': program('@lemmata/edge-cases', 'tools/edge-cases/dist/main.js', []),
  async docs(args) {
    await build();
    return program('@lemmata/build-docs', 'tools/docs/dist/main.js', [])(args);
  },
  async audit(args) {
    await build();
    return program('@lemmata/audit', 'tools/audit/dist/main.js', [])(args);
  },
  mutation: program('@lemmata/mutation', 'tools/mutation/dist/main.js', []),
  'new-layer': program('@lemmata/new-layer', 'tools/new-layer/dist/main.js', ['layer']),
  'new-package': program('@lemmata/new-layer', 'tools/new-layer/dist/main.js', ['package']),
  bench: program('@lemmata/bench', 'tools/bench/dist/main.js', []),
  /** The `bench.ts` of a layer: on the reference backend, and on WebAssembly. */
  async 'bench:layer'(args) {
    env.LEMMATA_BENCH = '1';
    return run('vitest', ['bench', '--run', '--project', 'node', '--project', 'wasm', ...absolute(args)]);
  },
  'bench:convergence': program('@lemmata/bench', 'tools/bench/dist/convergence-main.js', []),
  'bench:docs': program('@lemmata/bench', 'tools/bench/dist/docs-main.js', []),
};

const [verb = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(verbs, verb)) {
  console.error(`unknown verb "${verb}": expected one of ${Object.keys(verbs).join(', ')}`);
  process.exit(2);
}
await install();
process.exitCode = await verbs[verb](args);
