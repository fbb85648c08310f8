import { readProfile } from '@lemmata/laws';
import { ones } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { publicFunctions, type PublicFunction, WITHOUT_OPTIONS } from '../test/factories.js';
import { illegal, kindOf } from '../test/illegal.js';

type Options = Readonly<Record<string, unknown>>;

const { factories, functions } = await publicFunctions();

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

function thrown(make: () => unknown): Error | null {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  return null;
}

/** The names of the options, as the refusal of an unknown one lists them. */
function optionsOf(make: PublicFunction): string[] {
  const list = /\(it takes (.*?)\)/.exec(thrown(() => make({ noSuchOption: 1 }))?.message ?? '')?.[1];
  return list === undefined || list === 'no options' ? [] : list.split(', ');
}

/** The least that the layer can be made from. */
function least(make: PublicFunction): Options | null {
  const names = optionsOf(make).filter((name) => name in REQUIRED);
  // As few as possible: of some two options just one may be given.
  for (let bits = 0; bits < 2 ** names.length; bits++) {
    const options = Object.fromEntries(names.filter((_, i) => (bits >> i) & 1).map((name) => [name, REQUIRED[name]]));
    if (thrown(() => make(options)) === null) return options;
  }
  return null;
}

/** What is wrong with a refusal: of another class, or without the function, the option, what was received or is expected. */
function faults(error: Error | null, op: string, option: string, value: unknown): string[] {
  if (error === null) return ['accepted'];
  const { name, message } = error;
  const plain = typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : '';
  return [
    ...(['OptionError', 'ShapeError'].includes(name) ? [] : [`a ${name}`]),
    ...(message.startsWith(op) || message.startsWith(op.replace(/\dd$/, '')) ? [] : [`does not begin with ${op}`]),
    ...(message.includes(option) ? [] : ['does not name the option']),
    ...(/received/.test(message) && message.includes(plain) ? [] : ['does not say what was received']),
    ...(/must|expected|one of|is |lies|has|needs|divide|at least|give/.test(message)
      ? []
      : ['does not say what is expected']),
  ];
}

test('factories are found', () => {
  expect(factories.length).toBeGreaterThan(70);
});

describe.each(factories)('%s', (name, make) => {
  test('an unknown option throws, naming it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,8}$/), fc.anything(), (unknown, value) => {
        fc.pre(!optionsOf(make).includes(unknown));
        const error = thrown(() => make({ [unknown]: value }));
        expect(error?.name).toBe('OptionError');
        expect(error?.message).toContain(`unknown option '${unknown}'`);
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  test.each([null, 5, 'text', [1]])('options that are no object throw: %j', (value) => {
    const error = thrown(() => make(value as never));
    expect(error?.name).toBe('OptionError');
    expect(error?.message).toMatch(/options are an object.*received/);
  });

  test.each(optionsOf(make))('%s refuses what it cannot be when the layer is made', (option) => {
    const options = least(make);
    if (options === null) throw new Error(`${name}: give a value for what it requires in REQUIRED`);
    const kind = kindOf(name, option);
    if (kind === undefined) throw new Error(`${name}: say of what kind ${option} is`);
    const axes = Number(/(\d)dLayer$/.exec(name)?.[1] ?? 1);
    const values = illegal(kind, axes);
    fc.assert(
      fc.property(values, (value) => {
        const error = thrown(() => make({ ...options, [option]: value }));
        expect({ faults: faults(error, name.replace(/Layer$/, ''), option, value), said: error?.message }).toEqual({
          faults: [],
          said: error?.message,
        });
      }),
      { seed: readProfile().seed, numRuns: readProfile().searchRuns },
    );
  });
});

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Options that are legal one by one and not together, by the end of the factories' names. */
const CONFLICTS: readonly (readonly [factories: RegExp, options: fc.Arbitrary<Options>, says: RegExp])[] = [
  [
    /^interpolateLayer$/,
    fc.record({ size: whole(1, 9), scaleFactor: fc.double({ min: 0.1, max: 9, noNaN: true }) }),
    /either size or scaleFactor, received both/,
  ],
  [/^interpolateLayer$/, fc.constant({}), /either size or scaleFactor, received neither/],
  [
    /^interpolateLayer$/,
    fc.record({
      size: whole(1, 9),
      mode: fc.constantFrom('nearest', 'nearest-exact', 'area'),
      alignCorners: fc.boolean(),
    }),
    /alignCorners is for modes that interpolate/,
  ],
  [
    /^interpolateLayer$/,
    fc.record({ size: whole(1, 9), recomputeScaleFactor: fc.constant(true) }),
    /recomputeScaleFactor belongs to scaleFactor/,
  ],
  [
    /^convTranspose\dd/,
    fc.record({
      outChannels: whole(1, 4),
      kernelSize: whole(1, 4),
      outputSize: whole(1, 9),
      outputPadding: whole(0, 3),
    }),
    /outputSize and outputPadding both/,
  ],
  [
    /^(conv|separableConv)\ddLayer$/,
    fc.record({ outChannels: whole(1, 4), kernelSize: whole(1, 4), padding: fc.constant('same'), stride: whole(2, 5) }),
    /padding 'same' needs stride 1/,
  ],
  [
    /^conv(Transpose)?\ddLayer$/,
    fc
      .record({ outChannels: whole(1, 9), kernelSize: whole(1, 4), groups: whole(2, 9) })
      .filter(({ outChannels, groups }) => outChannels % groups !== 0),
    /groups \d must divide outChannels/,
  ],
  [
    /^(pad)\ddLayer$/,
    fc.record({ padding: whole(0, 3), mode: fc.constantFrom('reflect', 'replicate', 'circular'), value: fc.double() }),
    /a value goes with mode 'constant'/,
  ],
  [
    /^(rnn|gru|lstm)Layer$/,
    fc.record({
      hiddenSize: whole(1, 4),
      numLayers: fc.constant(1),
      dropout: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
    /dropout acts between layers, and there is one/,
  ],
  [
    /^lstmLayer$/,
    whole(1, 9).chain((hiddenSize) => whole(hiddenSize, 20).map((projSize) => ({ hiddenSize, projSize }))),
    /projSize must be a positive integer below hiddenSize/,
  ],
  [
    /^lstmLayer$/,
    fc.record({
      hiddenSize: whole(1, 4),
      bias: fc.constant(false),
      forgetBias: fc.double({ noNaN: true, noDefaultInfinity: true }),
    }),
    /forgetBias needs biases/,
  ],
  [
    /^multiHeadAttentionLayer$/,
    fc
      .record({ embedDim: whole(1, 20), numHeads: whole(2, 20) })
      .filter(({ embedDim, numHeads }) => embedDim % numHeads !== 0),
    /numHeads must be a positive integer that divides/,
  ],
  [
    /^embeddingLayer$/,
    whole(1, 9).chain((numEmbeddings) =>
      fc
        .oneof(whole(numEmbeddings, 99), whole(-99, -numEmbeddings - 1))
        .map((paddingIdx) => ({ numEmbeddings, embeddingDim: 2, paddingIdx })),
    ),
    /paddingIdx must name one of the \d rows/,
  ],
  [
    /^hardtanhLayer$/,
    fc.integer().chain((max) => whole(1, 9).map((above) => ({ min: max + above, max }))),
    /min must not be above max/,
  ],
  [
    /^depthwiseConv\ddLayer$/,
    fc.record({ kernelSize: whole(1, 4), groups: whole(1, 4) }),
    /as many groups as channels/,
  ],
];

test.each(CONFLICTS.map(([names, options, says]) => [String(says), names, options] as const))(
  'options that contradict each other are refused: %s',
  (says, names, options) => {
    const concerned = factories.filter(([name]) => names.test(name));
    expect(concerned.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.constantFrom(...concerned), options, ([name, make], given) => {
        const error = thrown(() => make(given));
        expect({ name, class: error?.name, said: error?.message }).toMatchObject({
          class: expect.stringMatching(/^(OptionError|ShapeError)$/),
          said: expect.stringMatching(new RegExp(says.slice(1, -1))),
        });
      }),
      { seed: readProfile().seed, numRuns: readProfile().searchRuns },
    );
  },
);

describe.each(functions.filter(([name]) => !WITHOUT_OPTIONS.test(name)))('%s', (_name, call) => {
  test('an unknown option throws, naming it, whatever the tensors', () => {
    const x = ones([1, 2, 4]);
    // The options come last: behind as many tensors as there are.
    const messages = [0, 1, 2, 3, 4, 5].map(
      (count) => thrown(() => call(...Array.from({ length: count }, () => x), { noSuchOption: 1 }))?.message ?? '',
    );
    expect(messages.join('\n')).toMatch(/unknown option 'noSuchOption'/);
  });
});
