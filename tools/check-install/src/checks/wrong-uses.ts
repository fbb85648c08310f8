import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Packed } from '../pack.js';

/** A line that must not compile, and what the compiler must say of it. */
export interface WrongUse {
  readonly line: string;
  readonly says: string;
}

const IMPORTS = `
import { lenet5 } from '@lemmata/architectures';
import { arrayDataset, loader } from '@lemmata/data';
import { gelu, reluLayer } from '@lemmata/layers-activation';
import { multiHeadAttentionLayer, scaledDotProductAttention } from '@lemmata/layers-attention';
import { conv2d, conv2dLayer, convTranspose2d } from '@lemmata/layers-conv';
import { dropoutLayer, stochasticDepthLayer } from '@lemmata/layers-dropout';
import { embeddingLayer } from '@lemmata/layers-embedding';
import { linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer, groupNormLayer } from '@lemmata/layers-norm';
import { maxPool2dLayer } from '@lemmata/layers-pool';
import { lstmLayer, rnnLayer } from '@lemmata/layers-recurrent';
import { interpolate } from '@lemmata/layers-resample';
import { crossEntropy, kl, mse } from '@lemmata/losses';
import { adam, cyclic, sgd } from '@lemmata/optim';
import { tensor, type Tensor } from '@lemmata/tensor';
declare const x: Tensor;
`;

/** Options that are misspelt, missing, of the wrong type, or choices that there are not. */
const WRITTEN: readonly (readonly [line: string, says: string])[] = [
  [
    'conv2dLayer({ outChannels: 2, kernelsize: 3 });',
    `'kernelsize' does not exist in type 'ConvLayerOptions'. Did you mean to write 'kernelSize'?`,
  ],
  [
    'conv2dLayer({ outChannels: 2 });',
    `Property 'kernelSize' is missing in type '{ outChannels: number; }' but required in type 'ConvLayerOptions'`,
  ],
  [
    `conv2dLayer({ outChannels: 2, kernelSize: 3, padding: 'sane' });`,
    `Type '"sane"' is not assignable to type 'Padding | undefined'`,
  ],
  [
    `conv2d(x, x, null, { paddingMode: 'mirror' });`,
    `Type '"mirror"' is not assignable to type 'PaddingFill | undefined'`,
  ],
  [`conv2d(x, x, { stride: 2 });`, `'stride' does not exist in type 'Tensor'`],
  [`convTranspose2d(x, x, null, { paddingMode: 'reflect' });`, `Type '"reflect"' is not assignable to type '"zeros"'`],
  [`linearLayer({ outFeatures: 'three' });`, `Type 'string' is not assignable to type 'number'`],
  [`gelu(x, { approximate: 'erf' });`, `Type '"erf"' is not assignable to type '"none" | "tanh" | undefined'`],
  [`reluLayer({ inplace: true });`, `'inplace' does not exist in type 'NoOptions'`],
  [`dropoutLayer({ rate: 0.5 });`, `'rate' does not exist in type 'DropoutLayerOptions'`],
  [`stochasticDepthLayer({ p: 0.5, mode: 'column' });`, `Type '"column"' is not assignable to type '"batch" | "row"'`],
  [`embeddingLayer({ embeddings: 10 });`, `Did you mean to write 'numEmbeddings'?`],
  [`batchNormLayer({ epsilon: 1e-5 });`, `'epsilon' does not exist in type 'BatchNormLayerOptions'`],
  [`groupNormLayer({});`, `Property 'groups' is missing`],
  [`maxPool2dLayer({ kernelSize: '2' });`, `Type 'string' is not assignable to type 'PerAxis'`],
  [
    `rnnLayer({ hiddenSize: 3, nonlinearity: 'sigmoid' });`,
    `Type '"sigmoid"' is not assignable to type '"relu" | "tanh" | undefined'`,
  ],
  [`lstmLayer({ hiddenSize: 3, nonlinearity: 'tanh' });`, `'nonlinearity' does not exist in type 'LstmLayerOptions'`],
  [`multiHeadAttentionLayer({ heads: 2 });`, `'heads' does not exist in type 'MultiHeadAttentionLayerOptions'`],
  [
    `scaledDotProductAttention(x, x, x, { causal: 'yes' });`,
    `Type '"yes"' is not assignable to type 'boolean | CausalAlignment | undefined'`,
  ],
  [`interpolate(x, { size: 4, mode: 'bilinaer' });`, `Did you mean '"bilinear"'?`],
  [
    `crossEntropy(x, x, { reduction: 'average' });`,
    `Type '"average"' is not assignable to type 'Reduction | undefined'`,
  ],
  [`mse(x, x, { reduction: 'batchmean' });`, `Type '"batchmean"' is not assignable to type 'Reduction | undefined'`],
  [`kl(x, x, { logTarget: 1 });`, `Type 'number' is not assignable to type 'boolean | undefined'`],
  [`adam({ lr: 1e-3 });`, `'lr' does not exist in type 'AdamOptions'`],
  [`sgd({});`, `Property 'learningRate' is missing`],
  [
    `cyclic({ low: 0, high: 1, mode: 'sine' });`,
    `Type '"sine"' is not assignable to type '"expRange" | "triangular" | "triangular2"`,
  ],
  [`lenet5({ clases: 10 });`, `Did you mean to write 'classes'?`],
  [
    `loader(arrayDataset({ x: { shape: [1], data: new Float32Array(4) } }), { batch: 4 });`,
    `'batch' does not exist in type 'LoaderOptions<`,
  ],
  [`tensor([1], { dtype: 'float16' });`, `Did you mean '"float64"'?`],
];

/** An option of every type of options that a package exports which it has not. */
function unknownOptions(packages: readonly Packed[]): { readonly imports: string; readonly uses: WrongUse[] } {
  const imports: string[] = [];
  const uses: WrongUse[] = [];
  packages.forEach(({ name, folder }, i) => {
    const types = optionTypes(join(folder, 'dist'));
    if (types.length > 0) imports.push(`import type * as m${i} from '${name}';`);
    for (const type of types)
      uses.push({
        line: `({ nonsense: 1 }) satisfies m${i}.${type};`,
        // A type that is another by name is called by that one's.
        says: "'nonsense' does not exist in type '",
      });
  });
  return { imports: imports.join('\n'), uses };
}

/** Names of the types of options without parameters that a package's files export. */
function optionTypes(dist: string): string[] {
  const declared = new Set<string>();
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts') || file.endsWith('.laws.d.ts')) continue;
    const text = readFileSync(join(dist, file), 'utf8');
    for (const [, type] of text.matchAll(/^export (?:interface|type) (\w+Options)\b(?!<)/gm)) declared.add(type!);
  }
  return [...declared].toSorted();
}

/** A program of wrong uses, one a line, and what is wrong with what the compiler says of it. */
export function wrongUses(packages: readonly Packed[]): {
  readonly program: string;
  judge(file: string, output: string): { readonly found: string[]; readonly refused: number };
} {
  const { imports, uses: unknown } = unknownOptions(packages);
  const head = `${IMPORTS.trim()}\n${imports}\n`;
  const uses = [...WRITTEN.map(([line, says]): WrongUse => ({ line, says })), ...unknown];
  const first = head.split('\n').length;
  return {
    program: `${head}${uses.map(({ line }) => line).join('\n')}\nexport {};\n`,
    judge(file, output) {
      const said = new Map<number, string>();
      for (const [, line, text] of output.matchAll(/^.*?\((\d+),\d+\): error (.+)$/gm))
        said.set(Number(line), `${said.get(Number(line)) ?? ''}${text}\n`);
      const found = [...said]
        .filter(([line]) => line < first || line >= first + uses.length)
        .map(([line, text]) => `${file}:${line}: ${text}`);
      let refused = 0;
      uses.forEach(({ line, says }, i) => {
        const text = said.get(first + i);
        // Types that only an entry below the index exports, or that packages share among their files.
        if (text !== undefined && /has no exported member/.test(text)) return;
        if (text?.includes(says)) refused++;
        else found.push(`${line} should not compile, saying ${says}; ${text?.trim() ?? 'it compiles'}`);
      });
      return { found, refused };
    },
  };
}
