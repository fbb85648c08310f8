import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Laws } from '@lemmata/laws';

/** A public function of a layer package or of the losses. */
export type PublicFunction = (...args: any[]) => unknown;

const packages = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const sources = (): string[] =>
  readdirSync(packages)
    .filter((name) => name.startsWith('layers-') || name === 'losses')
    .map((name) => join(packages, name, 'src'))
    .filter((folder) => existsSync(join(folder, 'index.ts')));

/**
 * What the layer packages and the losses export: found, not listed. Functions whose names end in `Layer` make layers from
 * options; of the others, options come last.
 */
export async function publicFunctions(): Promise<{
  factories: [string, PublicFunction][];
  functions: [string, PublicFunction][];
}> {
  const all: [string, PublicFunction][] = [];
  for (const folder of sources()) {
    const exported = (await import(pathToFileURL(join(folder, 'index.ts')).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported))
      if (/^[a-z]/.test(name) && typeof value === 'function') all.push([name, value as PublicFunction]);
  }
  const isFactory = ([name]: [string, unknown]): boolean => name.endsWith('Layer');
  return { factories: all.filter(isFactory), functions: all.filter((each) => !isFactory(each)) };
}

/** The laws of every layer and loss: what each folder exports from its `laws.ts`. */
export async function lawsOfLayers(): Promise<Laws[]> {
  const files = sources()
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, 'laws.ts')))
    .filter((file) => existsSync(file));
  const laws: Laws[] = [];
  for (const file of files) laws.push(...((await import(pathToFileURL(file).href)) as { laws: readonly Laws[] }).laws);
  return laws;
}

/** Functions that are told all by their place, and ops, whose attributes come from functions that check them. */
export const WITHOUT_OPTIONS: RegExp =
  /^(flatten|linear|bilinear|softmax|logSoftmax|prelu|relu6?|selu|sigmoid|silu|tanh|mish|softsign|hardsigmoid|hardswish|pixel(Uns|S)huffle|convolution|inputGradient|weightGradient|averagePool|averagePoolGradient|pick|unpool|(rnn|gru|lstm)Cell|cellOf|(un)?foldWindows|compose|symmetricEigen|adaptiveAveragePool|adaptiveAveragePoolGradient|decorrelatedBatchNormInference|resample|causalMask)$/;
