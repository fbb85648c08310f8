import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WasmKernel } from '@lemmata/backend-wasm';
import type { Laws } from '@lemmata/laws';

/** A module that gives laws, and what it gives them for. */
export interface Source {
  /** `layers-pool/max-pool`: the package, and the layer's folder where there is one. */
  readonly item: string;
  /** Address of the built module. */
  readonly url: string;
}

/** Something that is exported and must have laws. */
export interface Exported {
  readonly item: string;
  readonly kind: 'op' | 'layer' | 'loss' | 'kernel' | 'optimiser' | 'architecture';
  readonly name: string;
}

const isTest = (file: string): boolean => file.endsWith('.test.js');
const isLaws = (file: string): boolean => /(^|[./])laws\.js$/.test(file);

/** The built modules of a package, with paths as in addresses. */
function modules(root: string, name: string): string[] {
  const dist = join(root, 'packages', name, 'dist');
  if (!existsSync(dist)) return [];
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter(
      (file) => file.endsWith('.js') && existsSync(join(root, 'packages', name, 'src', file.replace(/js$/, 'ts'))),
    )
    .toSorted((a, b) => depth(b) - depth(a) || (a < b ? -1 : 1));
}

/** Deeper modules come first: what a folder exports again is at home further down. */
const depth = (file: string): number => file.split('/').length;

const address = (root: string, name: string, file: string): string =>
  pathToFileURL(join(root, 'packages', name, 'dist', file)).href;

const itemOf = (name: string, file: string): string => [name, ...file.split('/').slice(0, -1)].join('/');

/** Packages with something to audit: all but programs and pictures. */
export function auditedPackages(root: string): string[] {
  return readdirSync(join(root, 'packages')).filter((name) => !['cli', 'visualize', 'laws'].includes(name));
}

/** Every `laws.ts` and `wasm.laws.ts` of the packages; those of the core ops stand in the law kit, on which the core may not stand. */
export function lawSources(root: string): Source[] {
  const layers = auditedPackages(root).flatMap((name) =>
    modules(root, name)
      .filter((file) => /(^|\/)(wasm\.)?laws\.js$/.test(file))
      .map((file) => ({ item: itemOf(name, file), url: address(root, name, file) })),
  );
  return [{ item: 'tensor', url: address(root, 'laws', 'core/core-laws.js') }, ...layers];
}

/** The laws that a source gives. */
export async function lawsOf({ item, url }: Source): Promise<readonly Laws[]> {
  const module = await import(url);
  const laws = module.laws ?? module.coreLaws?.();
  if (laws === undefined) throw new Error(`${item}: its laws.ts exports no laws`);
  return Array.isArray(laws) ? laws : [laws];
}

/** Everything exported that must have laws. */
export async function exportedThings(root: string): Promise<Exported[]> {
  const found = new Map<unknown, Exported>();
  for (const name of auditedPackages(root)) {
    for (const file of modules(root, name).filter((each) => !isTest(each) && !isLaws(each) && !isProgram(each))) {
      const item = itemOf(name, file);
      for (const [key, value] of Object.entries(await import(address(root, name, file)))) {
        if (found.has(value)) continue;
        if (isOp(value)) found.set(value, { item, kind: 'op', name: value.name });
        // Lists of kernels hold what is also exported by itself.
        else if (kernelsIn(value).length > 0) {
          for (const kernel of kernelsIn(value).filter((each) => !found.has(each)))
            found.set(kernel, { item, kind: 'kernel', name: kernel.op.name });
        } else if (typeof value === 'function' && file.endsWith('/index.js')) {
          if (name.startsWith('layers-') && /^[a-z].*Layer$/.test(key))
            found.set(value, { item, kind: 'layer', name: key });
          else if (name === 'losses' && /^[a-z]/.test(key)) found.set(value, { item, kind: 'loss', name: key });
          else if (name === 'architectures' && /^[a-z]/.test(key))
            found.set(value, { item, kind: 'architecture', name: key });
        }
      }
    }
  }
  return [...found.values(), ...optimisers(root)];
}

/** What returns an optimiser, by its declared type. */
function optimisers(root: string): Exported[] {
  return modules(root, 'optim').flatMap((file) => {
    const text = readFileSync(join(root, 'packages/optim/dist', file.replace(/\.js$/, '.d.ts')), 'utf8');
    return [...text.matchAll(/^export declare function (\w+)\(.*\): Optimizer<OptimizerState>;$/gm)].map(
      ([, name]): Exported => ({ item: 'optim', kind: 'optimiser', name: name! }),
    );
  });
}

/** The kernels that an export is, or holds. */
function kernelsIn(value: unknown): readonly WasmKernel[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return list.filter(isKernel);
}

function isKernel(value: unknown): value is WasmKernel {
  if (typeof value !== 'object' || value === null) return false;
  const { op, stages } = value as Record<string, unknown>;
  return isOp(op) && typeof stages === 'function';
}

/** The kernels that layers bring along. */
export async function layerKernels(root: string): Promise<WasmKernel[]> {
  const found = new Set<WasmKernel>();
  for (const name of auditedPackages(root).filter((each) => each !== 'backend-wasm')) {
    for (const file of modules(root, name).filter((each) => /(^|\/)wasm\.js$/.test(each)))
      for (const value of Object.values(await import(address(root, name, file))))
        for (const kernel of kernelsIn(value)) found.add(kernel);
  }
  return [...found];
}

/** The names of the ops that have a kernel. */
export async function kernelOps(root: string): Promise<ReadonlySet<string>> {
  const { coreKernels } = await import('@lemmata/backend-wasm/kernels/index');
  return new Set([...coreKernels, ...(await layerKernels(root))].map(({ op }) => op.name));
}

/** Modules that do something when they are imported. */
const isProgram = (file: string): boolean => /(^|\/)(main|worker|thread)\.js$/.test(file);

function isOp(value: unknown): value is { readonly name: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Record<string, unknown>)['infer'] === 'function' &&
    typeof (value as Record<string, unknown>)['name'] === 'string'
  );
}
