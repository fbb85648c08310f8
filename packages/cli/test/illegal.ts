import * as fc from 'fast-check';

/** What an option is, by its name: what it refuses follows. */
export type Kind =
  | 'count'
  | 'optional count'
  | 'per axis'
  | 'padding'
  | 'per axis or null'
  | 'sizes'
  | 'factors'
  | 'probability'
  | 'switch'
  | 'number'
  | 'number or null'
  | 'any number'
  | 'positive'
  | 'momentum'
  | 'axis'
  | 'exponent'
  | 'keyed dropout'
  | 'shape'
  | 'norm'
  | 'function'
  | 'name'
  | 'row'
  | 'axes'
  | 'int32';

const KINDS: Partial<Record<Kind, RegExp>> = {
  count:
    /^(outChannels|inChannels|groups|multiplier|outFeatures|in\d?Features|hiddenSize|inputSize|numLayers|numHeads|numEmbeddings|embeddingDim|pieces|numParameters|upscaleFactor|downscaleFactor|maxLength|kdim|vdim|embedDim)$/,
  'optional count': /^(projSize)$/,
  'per axis': /^(kernelSize|stride|dilation|outputPadding)$/,
  padding: /^padding$/,
  'per axis or null': /^(outputSize|size|scaleFactor)$/,
  probability: /^(p|dropout|labelSmoothing)$/,
  switch:
    /^(bias|affine|trackRunningStats|bidirectional|returnSequences|ceilMode|countIncludePad|keepdims|alignCorners|antialias|recomputeScaleFactor|addBiasKv|addZeroAttn|scaleGradByFreq|batchFirst|averageWeights|enableGqa|train|full|logTarget|resetAfter)$/,
  number: /^(alpha|beta|k|threshold|min|max|margin|scale|negativeSlope|forgetBias|eps|divisorOverride|smooth)$/,
  // NaN around an image shows what reads it.
  'any number': /^value$/,
  positive: /^(delta|base)$/,
  momentum: /^momentum$/,
  axis: /^(axis|startAxis|endAxis)$/,
  shape: /^normalizedShape$/,
  norm: /^(normType)$/,
  function: /^(init|biasInit)$/,
  name: /^(mode|paddingMode|approximate|nonlinearity|reduction|gradientAtZero|causal|dtype)$/,
  row: /^paddingIdx$/,
  axes: /^spatialAxes$/,
  int32: /^ignoreIndex$/,
};

/** Options that are something else in these functions. */
const OTHERS: Readonly<Record<string, Kind>> = {
  'normalize.p': 'exponent',
  'multiHeadAttention.dropout': 'keyed dropout',
  'multiHeadAttentionWithWeights.dropout': 'keyed dropout',
  'scaledDotProductAttention.dropout': 'keyed dropout',
  'scaledDotProductAttentionWithWeights.dropout': 'keyed dropout',
  'rnn.dropout': 'keyed dropout',
  'gru.dropout': 'keyed dropout',
  'lstm.dropout': 'keyed dropout',
  'interpolateLayer.size': 'sizes',
  'interpolateLayer.scaleFactor': 'factors',
  'preluLayer.init': 'number',
  // null asks for the machine's.
  'rmsNormLayer.eps': 'number or null',
  'rmsNorm.eps': 'number or null',
};

/** The kind of an option of a function; undefined if nobody said. */
export function kindOf(name: string, option: string): Kind | undefined {
  if (Object.hasOwn(OTHERS, `${name}.${option}`)) return OTHERS[`${name}.${option}`];
  return (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind]!.test(option));
}

/** Values of no type that an option has: words, objects, functions, lists of lists of words. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ minLength: 1, maxLength: 5 }).map((text) => `${text}?`),
  fc.constantFrom('', '2', '0.5', 'true', 'null'),
  fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(3), { maxKeys: 2 }),
  fc.constant([['nonsense']]),
  fc.bigInt(-3n, 3n),
  fc.constant(Symbol.iterator),
);
const fractions = fc.double({ min: -9, max: 9, noNaN: true }).filter((x) => !Number.isInteger(x));
const notFinite = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const notCounts: fc.Arbitrary<unknown> = fc.oneof(
  fractions,
  notFinite,
  fc.integer({ min: -9, max: 0 }),
  fc.constant(2 ** 53),
);
const notWhole: fc.Arbitrary<unknown> = fc.oneof(fractions, notFinite);

/** Lists of another length than there are axes, and lists with one entry that is wrong. */
const wrongLists = (axes: number, good: fc.Arbitrary<unknown>, bad: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.array(good, { maxLength: 5 }).filter((list) => list.length !== axes),
    fc
      .tuple(fc.array(good, { minLength: axes, maxLength: axes }), fc.nat(axes - 1), bad)
      .map(([list, at, wrong]) => list.map((entry, i) => (i === at ? wrong : entry))),
  );

/** A list of one to three entries, one of which is wrong. */
const wrongEntry = (good: fc.Arbitrary<unknown>, bad: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.array(good, { maxLength: 2 }).chain((list) => bad.map((wrong) => [...list, wrong]));

/** Values that an option of this kind refuses, of a function with so many spatial axes. */
export function illegal(kind: Kind, axes: number): fc.Arbitrary<unknown> {
  const one = fc.constant(1);
  switch (kind) {
    case 'count':
      return fc.oneof(junk, notCounts, fc.constantFrom(null, true, [1]));
    case 'optional count':
      return fc.oneof(junk, notCounts, fc.constantFrom(true, [1]));
    case 'per axis':
      return fc.oneof(
        junk,
        notWhole,
        fc.integer({ min: -9, max: -1 }),
        wrongLists(axes, one, fc.oneof(junk, notWhole)),
      );
    case 'padding': {
      const pairs = fc.constantFrom<unknown>([1], [1, 1, 1], [0.5, 0], [Number.NaN, 0], ['1', 0]);
      return fc.oneof(
        junk,
        notWhole,
        wrongLists(axes, one, fc.oneof(junk, notWhole, pairs)),
        fc.constantFrom(null, true),
      );
    }
    case 'per axis or null':
      return fc.oneof(
        junk,
        notFinite,
        fc.integer({ min: -9, max: 0 }),
        wrongLists(axes, one, fc.oneof(junk, notFinite)),
      );
    case 'keyed dropout':
      return fc.oneof(
        fc.constantFrom<unknown>('0.5', 0.5, true, {}),
        fc.oneof(junk, notFinite, fc.constantFrom(-0.1, 1.1)).map((p) => ({ p, key: null })),
      );
    case 'exponent':
      return fc.oneof(junk, fc.constantFrom(Number.NaN, null, true, [2]), fc.double({ min: -9, max: -0.01 }));
    case 'sizes':
      return fc.oneof(
        junk,
        notWhole,
        wrongEntry(one, fc.oneof(junk, notWhole)),
        fc.constantFrom(null, [], [1, 1, 1, 1]),
      );
    case 'factors':
      return fc.oneof(
        junk,
        notFinite,
        wrongEntry(one, fc.oneof(junk, notFinite)),
        fc.constantFrom(null, 0, -1, [], [1, -1]),
      );
    case 'probability':
      return fc.oneof(
        junk,
        notFinite,
        fc.double({ min: 1.001, max: 9 }),
        fc.double({ min: -9, max: -0.001 }),
        fc.constant(true),
      );
    case 'switch':
      return fc.oneof(junk, fc.constantFrom(0, 1, null, Number.NaN, []));
    case 'number':
      return fc.oneof(junk, fc.constantFrom(Number.NaN, null, true, [1]));
    case 'number or null':
      return fc.oneof(junk, fc.constantFrom(Number.NaN, true, [1]));
    case 'any number':
      return fc.oneof(junk, fc.constantFrom(null, true, [1]));
    case 'positive':
      return fc.oneof(junk, notFinite, fc.double({ min: -9, max: 0, noNaN: true }), fc.constantFrom(true, [1], null));
    case 'momentum':
      return fc.oneof(junk, notFinite, fc.constantFrom(true, [1]));
    case 'axis':
      return fc.oneof(junk, notWhole, fc.constantFrom(null, true));
    case 'shape':
      return fc.oneof(
        junk,
        notWhole,
        fc.integer({ min: -9, max: -1 }),
        wrongLists(9, one, fc.oneof(fractions, junk)).filter((list) => (list as unknown[]).some((n) => n !== 1)),
        fc.constantFrom(null, []),
      );
    case 'norm':
      return fc.oneof(junk, fc.constantFrom(Number.NaN, 0, null, true, [2]), fc.double({ min: -9, max: -0.01 }));
    case 'function':
      return fc.oneof(junk, fc.constantFrom(0, true, null, Number.NaN));
    case 'name':
      return fc.oneof(junk, fc.constantFrom(0, 1, Number.NaN, null, []));
    case 'row':
      return fc.oneof(junk, notWhole, fc.integer({ min: 1000 }), fc.integer({ max: -1000 }), fc.constant(true));
    case 'axes':
      return fc.oneof(junk, notWhole, fc.integer({ min: -9, max: -1 }), fc.constantFrom(null, true, [], [0.5], ['2']));
    case 'int32':
      return fc.oneof(junk, notWhole, fc.constantFrom(2 ** 31, null, true));
  }
}

/** What no option takes, of whatever kind. */
export const nothing: fc.Arbitrary<unknown> = fc.oneof(junk, fc.constant(Number.NaN));
