import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ones } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';

type Options = Readonly<Record<string, unknown>>;
type Factory = (options?: Options) => unknown;

/** Every function of the layer packages whose name ends in `Layer`: found, not listed. */
const packages = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const factories: [name: string, make: Factory][] = [];
const functions = new Map<string, (...args: unknown[]) => unknown>();
for (const name of readdirSync(packages).filter((each) => each.startsWith('layers-') || each === 'losses')) {
  const index = join(packages, name, 'src', 'index.ts');
  if (!existsSync(index)) continue;
  const all = (await import(pathToFileURL(index).href)) as Record<string, unknown>;
  for (const [key, value] of Object.entries(all)) {
    if (!/^[a-z]/.test(key) || typeof value !== 'function') continue;
    if (key.endsWith('Layer')) factories.push([key, value as Factory]);
    else functions.set(key, value as (...args: unknown[]) => unknown);
  }
}

/** Values of options that some layers cannot be made without. */
const REQUIRED: Options = {
  outChannels: 2,
  kernelSize: 2,
  outFeatures: 2,
  in1Features: 1,
  hiddenSize: 2,
  numHeads: 1,
  numEmbeddings: 3,
  embeddingDim: 2,
  groups: 1,
  size: 2,
  scaleFactor: 2,
  pieces: 2,
  p: 0.5,
  padding: 1,
  outputSize: 4,
  normType: 2,
  upscaleFactor: 2,
  downscaleFactor: 2,
};

/** What the options of these names refuse, besides what all do. */
const INTEGERS =
  /^(outChannels|inChannels|kernelSize|stride|dilation|groups|multiplier|outFeatures|in\d?Features|hiddenSize|inputSize|projSize|numLayers|numHeads|numEmbeddings|embeddingDim|pieces|numParameters|upscaleFactor|downscaleFactor|maxLength|kdim|vdim|embedDim)$/;
const PROBABILITIES = /^(p|dropout)$/;
const SWITCHES =
  /^(bias|affine|trackRunningStats|bidirectional|returnSequences|ceilMode|countIncludePad|keepdims|alignCorners|antialias|recomputeScaleFactor|addBiasKv|addZeroAttn|scaleGradByFreq)$/;
const WRONG_FOR_ALL: readonly unknown[] = ['nonsense', Number.NaN, {}];

function wrongFor(option: string): readonly unknown[] {
  // NaN around an image shows what reads it.
  if (option === 'value') return WRONG_FOR_ALL.filter((wrong) => !Number.isNaN(wrong));
  if (INTEGERS.test(option)) return [...WRONG_FOR_ALL, 1.5, -1, '2', Number.POSITIVE_INFINITY];
  if (PROBABILITIES.test(option)) return [...WRONG_FOR_ALL, -0.1, 1.1, '0.5'];
  if (SWITCHES.test(option)) return [...WRONG_FOR_ALL, 0, 1, 'true'];
  return WRONG_FOR_ALL;
}

function thrown(make: () => unknown): Error | null {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  return null;
}

/** The names of the options, as the refusal of an unknown one lists them. */
function optionsOf(make: Factory): string[] {
  const list = /\(it takes (.*?)\)/.exec(thrown(() => make({ noSuchOption: 1 }))?.message ?? '')?.[1];
  return list === undefined || list === 'no options' ? [] : list.split(', ');
}

/** The least that the layer can be made from. */
function least(make: Factory): Options | null {
  const names = optionsOf(make).filter((name) => name in REQUIRED);
  // As few as possible: of some two options just one may be given.
  for (let bits = 0; bits < 2 ** names.length; bits++) {
    const options = Object.fromEntries(names.filter((_, i) => (bits >> i) & 1).map((name) => [name, REQUIRED[name]]));
    if (thrown(() => make(options)) === null) return options;
  }
  return null;
}

test('factories are found', () => {
  expect(factories.length).toBeGreaterThan(70);
});

describe.each(factories)('%s', (name, make) => {
  test('an unknown option throws, naming it', () => {
    const error = thrown(() => make({ noSuchOption: 1 }));
    expect(error?.name).toBe('OptionError');
    expect(error?.message).toMatch(/unknown option 'noSuchOption'/);
  });

  test('an option that is no such thing throws when the layer is made, naming it', () => {
    const options = least(make);
    if (options === null) throw new Error(`${name}: give a value for what it requires in REQUIRED`);
    const accepted = optionsOf(make).flatMap((option) =>
      wrongFor(option).flatMap((wrong) => {
        const error = thrown(() => make({ ...options, [option]: wrong }));
        const refused =
          error !== null && ['OptionError', 'ShapeError'].includes(error.name) && error.message.includes(option);
        return refused
          ? []
          : [`${option}: ${String(wrong)} → ${error === null ? 'accepted' : `${error.name}: ${error.message}`}`];
      }),
    );
    expect(accepted).toEqual([]);
  });
});

/** Functions that are told all by their place, and ops, whose attributes come from functions that check them. */
const WITHOUT_OPTIONS =
  /^(flatten|linear|bilinear|softmax|logSoftmax|prelu|relu6?|selu|sigmoid|silu|tanh|mish|softsign|hardsigmoid|hardswish|pixel(Uns|S)huffle|convolution|inputGradient|weightGradient|averagePool|averagePoolGradient|pick|unpool|(rnn|gru|lstm)Cell|cellOf|(un)?foldWindows|compose|symmetricEigen|adaptiveAveragePool|adaptiveAveragePoolGradient|decorrelatedBatchNormInference|resample|causalMask)$/;

describe.each([...functions].filter(([name]) => !WITHOUT_OPTIONS.test(name)))('%s', (_name, call) => {
  test('an unknown option throws, naming it, whatever the tensors', () => {
    const x = ones([1, 2, 4]);
    // The options come last: behind as many tensors as there are.
    const messages = [0, 1, 2, 3, 4, 5].map(
      (count) => thrown(() => call(...Array.from({ length: count }, () => x), { noSuchOption: 1 }))?.message ?? '',
    );
    expect(messages.join('\n')).toMatch(/unknown option 'noSuchOption'/);
  });
});
