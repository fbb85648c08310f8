import { type ChildProcess, execFile, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sourceOf } from '@lemmata/check-imports/entries';
import { build, type Plugin } from 'esbuild';
import { foldersWithin } from './facts.js';

/** One runnable example: a block of Markdown fenced with ```` ```ts run ````. */
export interface Example {
  /** The file that it stands in, from the root of the repository. */
  readonly path: string;
  /** Which of the file's runnable blocks it is, from 1. */
  readonly block: number;
  /** The line of its fence, from 1. */
  readonly line: number;
  readonly code: string;
}

/** Every runnable block of a Markdown text. */
export function examplesIn(path: string, text: string): Example[] {
  const lines = text.split('\n');
  const examples: Example[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^(`{3,}|~{3,})\s*(.*)$/.exec(lines[at]!);
    if (fence === null) continue;
    const close = lines.findIndex((line, index) => index > at && line.trimEnd() === fence[1]);
    const end = close === -1 ? lines.length : close;
    if (/^(ts|typescript)\s+run\b/.test(fence[2]!)) {
      examples.push({ path, block: examples.length + 1, line: at + 1, code: lines.slice(at + 1, end).join('\n') });
    }
    at = end;
  }
  return examples;
}

/** What an example says that it prints: the texts after `// →`, in order. */
export function expectedOutput(code: string): string[] {
  return [...code.matchAll(/\/\/ *→ ?(.*)$/gm)].map((match) => match[1]!.trimEnd());
}

/** The Markdown files whose examples are run: READMEs, docs pages and layer pages. */
export function findPages(root: string): string[] {
  const under = (folder: string): string[] =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [];
  const packages = [...under('packages'), ...under('docs/recipes')];
  return [
    'README.md',
    ...under('docs').filter((path) => path.endsWith('.md')),
    ...packages.map((folder) => `${folder}/README.md`),
    ...packages.flatMap((folder) =>
      foldersWithin(join(root, folder, 'src')).map((name) => `${folder}/src/${name}/docs.md`),
    ),
  ].filter((path) => existsSync(join(root, path)));
}

/** Every runnable example of the repository. */
export function findExamples(root: string): Example[] {
  return findPages(root).flatMap((path) => examplesIn(path, readFileSync(join(root, path), 'utf8')));
}

/**
 * The source file of what is imported from this repository's packages, whether the importer declares them or not.
 *
 * @param path `@lemmata/name`, or an entry of it.
 * @throws Error if there is none.
 */
export function sourceFile(root: string, path: string): string {
  const [, name = '', ...rest] = path.split('/');
  const manifest = join(root, 'packages', name, 'package.json');
  if (!existsSync(manifest)) throw new Error(`there is no package @lemmata/${name}`);
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8'));
  const source = sourceOf(exports, ['.', ...rest].join('/'));
  if (source === undefined) throw new Error(`@lemmata/${name} does not export ${path}`);
  return join(root, 'packages', name, source);
}

/** Leads imports of this repository's packages to their sources. */
function sources(root: string): Plugin {
  return {
    name: 'sources',
    setup({ onResolve }) {
      onResolve({ filter: /^@lemmata\// }, ({ path }) => ({ path: sourceFile(root, path) }));
    },
  };
}

/** Examples as the compiler gives them: this one of that. */
const OF_EXAMPLES = 'example';

/** The code of each example, whose line numbers are those of its Markdown file. */
function codes(root: string, examples: readonly Example[]): Plugin {
  return {
    name: 'examples',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^example:/ }, ({ path }) => {
        const index = Number(path.slice(OF_EXAMPLES.length + 1));
        // The number sets blocks of one page apart.
        return { path: `${index}/${examples[index]!.path}`, namespace: OF_EXAMPLES, pluginData: index };
      });
      onLoad({ filter: /.*/, namespace: OF_EXAMPLES }, ({ pluginData }) => {
        const { path, line, code } = examples[pluginData as number]!;
        return { contents: '\n'.repeat(line) + code, resolveDir: dirname(join(root, path)), loader: 'ts' };
      });
    },
  };
}

/** Compiles examples, with the sources of the packages, into a folder: all at once, for most of the work is common to them. */
async function compile(root: string, examples: readonly Example[], folder: string): Promise<string[]> {
  await build({
    entryPoints: examples.map((_, index) => ({ in: `${OF_EXAMPLES}:${index}`, out: `example-${index}` })),
    bundle: true,
    splitting: true,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@lemmata/source'],
    plugins: [codes(root, examples), sources(root)],
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  return examples.map((_, index) => join(folder, `example-${index}.mjs`));
}

const ENVIRONMENT = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

/** Runs a compiled example, in a process of its own. Returns the lines that it printed. */
async function run(file: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--enable-source-maps', file], { env: ENVIRONMENT });
  return linesOf(stdout);
}

function linesOf(printed: string): string[] {
  if (printed === '') return [];
  return printed
    .trimEnd()
    .split('\n')
    .map((text) => text.trimEnd());
}

/** Imports the modules that it is told of, one after another, and tells what each printed until it was evaluated; null if it threw. */
const RUNNER = `
import { pathToFileURL } from 'node:url';
const write = process.stdout.write.bind(process.stdout);
let last = Promise.resolve();
process.on('message', (file) => {
  last = last.then(async () => {
    let printed = '';
    process.stdout.write = (text) => ((printed += text), true);
    await import(pathToFileURL(file)).catch(() => (printed = null));
    process.stdout.write = write;
    process.send({ file, printed });
  });
});
`;

/** One process in which examples are run one after another: most of what a process costs is to start it. */
class Together {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, (printed: string | null) => void>();

  constructor(folder: string) {
    const runner = join(folder, 'runner.mjs');
    writeFileSync(runner, RUNNER);
    this.#child = fork(runner, { env: ENVIRONMENT, stdio: 'ignore' });
    this.#child.on('message', (message) => {
      const { file, printed } = message as { file: string; printed: string | null };
      this.#waiting.get(file)?.(printed);
      this.#waiting.delete(file);
    });
    this.#child.on('exit', () => {
      for (const tell of this.#waiting.values()) tell(null);
      this.#waiting.clear();
    });
  }

  /** What the module printed; null if it, or one before it, brought the process to an end. */
  run(file: string): Promise<string | null> {
    if (!this.#child.connected) return Promise.resolve(null);
    return new Promise((tell) => {
      this.#waiting.set(file, tell);
      this.#child.send(file);
    });
  }

  stop(): void {
    this.#child.kill();
  }
}

/**
 * Runs an example against the sources of the packages.
 *
 * @returns The lines that it printed.
 * @throws Error with what it wrote on standard error, in which stacks name the file and line of the Markdown.
 */
export async function runExample(root: string, example: Example): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lemmata-example-'));
  try {
    const [file] = await compile(root, [example], folder);
    return await run(file!);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Many examples, compiled together, and run in one process. */
export class Examples {
  readonly #root: string;
  readonly #folder: string;
  /** Null where some example cannot be compiled: then each is compiled by itself, so that the one that cannot says so. */
  readonly #files: Promise<string[] | null>;
  readonly #all: readonly Example[];
  #together: Together | null = null;

  constructor(root: string, all: readonly Example[]) {
    this.#root = root;
    this.#all = all;
    this.#folder = mkdtempSync(join(tmpdir(), 'lemmata-examples-'));
    this.#files = compile(root, all, this.#folder).catch(() => null);
  }

  /** As {@link runExample}, for one of them. One that does not print what it says is run again by itself, and that counts. */
  async run(example: Example): Promise<string[]> {
    const files = await this.#files;
    if (files === null) return runExample(this.#root, example);
    const file = files[this.#all.indexOf(example)]!;
    this.#together ??= new Together(this.#folder);
    const printed = await this.#together.run(file);
    const lines = printed === null ? null : linesOf(printed);
    const says = lines?.join('\n') === expectedOutput(example.code).join('\n');
    return says ? lines! : run(file);
  }

  remove(): void {
    this.#together?.stop();
    rmSync(this.#folder, { recursive: true });
  }
}
