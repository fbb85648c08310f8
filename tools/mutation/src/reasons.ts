/** Why changes cannot be noticed: by file, and what was changed into what. */
export const REASONS: readonly {
  readonly file: string;
  /** A part of what stood there. */
  readonly original?: string;
  readonly replacement?: string;
  readonly reason: string;
}[] = [
  {
    file: 'autograd/src/check.ts',
    original: 'drawn + leaf',
    replacement: 'drawn - leaf',
    reason: 'another random direction',
  },
  {
    file: 'autograd/src/check.ts',
    original: 'i < array.length',
    replacement: 'i <= array.length',
    reason: 'beyond their ends both are undefined, and agree',
  },
  {
    file: 'layers-norm/src/batch-norm/op.ts',
    original: '[null, null]',
    replacement: '[]',
    reason: 'a gradient that is undefined counts as none',
  },
  {
    file: 'layers-norm/src/group-norm/op.ts',
    original: '[null, null]',
    replacement: '[]',
    reason: 'a gradient that is undefined counts as none',
  },
  {
    file: 'autograd/src/graph.ts',
    original: '[]',
    replacement: '["Stryker was here"]',
    reason: 'no op is a text',
  },
  {
    file: 'layers-linear/src/bilinear/bilinear.ts',
    original: 'true',
    replacement: 'false',
    reason: 'here the default is only asked whether it is a boolean',
  },
  {
    file: 'layers-linear/src/linear/linear.ts',
    original: 'true',
    replacement: 'false',
    reason: 'here the default is only asked whether it is a boolean',
  },
  {
    file: 'layers-linear/src/linear/linear.ts',
    original: 'hint === undefined',
    replacement: 'false',
    reason: 'a hint that is undefined is not shown',
  },
  {
    file: 'layers-linear/src/flatten/flatten.ts',
    original: "'float32'",
    replacement: '""',
    reason: 'of what has a shape alone nothing asks for the type',
  },
  {
    file: 'losses/src/class-targets.ts',
    original: 'upstream === null',
    replacement: 'false',
    reason: 'a tape asks an op of one result for nothing where it has no upstream',
  },
  {
    file: 'losses/src/class-targets.ts',
    original: '[null, null]',
    replacement: '[]',
    reason: 'a tape asks an op of one result for nothing where it has no upstream',
  },
  {
    file: 'optim/src/moments.ts',
    original: "typeof decay === 'number'",
    reason: 'the difference of two numbers is the same as a tensor, which is no constant to a compiler',
  },
  {
    file: 'optim/src/moments.ts',
    original: "'number'",
    reason: 'the difference of two numbers is the same as a tensor, which is no constant to a compiler',
  },
  {
    file: 'optim/src/one-cycle.ts',
    original: '[peak, peak]',
    replacement: '[]',
    reason: 'where there is a reason to refuse, nothing looks at the rates',
  },
  {
    file: 'optim/src/sgd.ts',
    original: 'dampening === 0',
    replacement: 'false',
    reason: 'without dampening the gradient is multiplied by 1, and the first buffer is the gradient',
  },
  {
    file: 'optim/src/per-parameter.ts',
    original: 'weightDecay !== 0',
    replacement: 'true',
    reason: 'without decay, the parameter is multiplied by 1',
  },
  {
    file: 'optim/src/per-parameter.ts',
    original: 'weightDecay === 0',
    replacement: 'false',
    reason: 'a penalty of 0 adds nothing',
  },
  {
    file: 'random/src/bits.ts',
    original: 'done < count',
    replacement: 'done <= count',
    reason: 'one more piece, of no elements',
  },
  {
    file: 'random/src/bits.ts',
    original: 'chunk / 2',
    replacement: 'chunk * 2',
    reason: 'what is written from beyond the buffer is written once more by the next pieces, from the buffer',
  },
  {
    file: 'random/src/permutation.ts',
    original: 'count > 2 ** 31',
    replacement: 'count >= 2 ** 31',
    reason: 'tells apart one permutation alone, of 8 GB',
  },
  {
    file: 'random/src/permutation.ts',
    original: 'i < count',
    replacement: 'i <= count',
    reason: 'a typed array ignores what is written beyond its end',
  },
  {
    file: 'random/src/permutation.ts',
    original: 'last > 0',
    replacement: 'last >= 0',
    reason: 'exchanges the first number with itself',
  },
  {
    file: 'random/src/quantile.ts',
    original: 'Math.abs(q) <= 0.425',
    replacement: 'Math.abs(q) < 0.425',
    reason: 'where two approximations meet, both hold',
  },
  {
    file: 'random/src/quantile.ts',
    original: 'tail <= 5',
    replacement: 'tail < 5',
    reason: 'where two approximations meet, both hold',
  },
  {
    file: 'random/src/quantile.ts',
    original: 'q < 0',
    replacement: 'q <= 0',
    reason: '0 has returned before',
  },
  {
    file: 'random/src/uniform.ts',
    original: 'value > 0',
    replacement: 'value >= 0',
    reason: '0 is told apart before',
  },
  {
    file: 'shape/src/broadcast.ts',
    original: 'i < shape.length',
    replacement: 'i <= shape.length',
    reason: 'beyond the last axis both sizes are undefined, and agree',
  },
  {
    file: 'shape/src/broadcast.ts',
    original: 'axis < rank',
    replacement: 'axis <= rank',
    reason: 'beyond the last axis every size counts as 1',
  },
  {
    file: 'shape/src/broadcast.ts',
    original: 'axis < to.length',
    replacement: 'axis <= to.length',
    reason: 'beyond the last axis both sizes are undefined, and agree',
  },
  {
    file: 'shape/src/pool-shape.ts',
    original: 'start >= 0',
    replacement: 'false',
    reason: 'the windows after it read the element at which they start',
  },
  {
    file: 'shape/src/pool-shape.ts',
    original: 'start >= 0',
    replacement: 'start > 0',
    reason: 'that window reads the element at which it starts',
  },
  {
    file: 'shape/src/shape.ts',
    original: 'i < a.length',
    replacement: 'i <= a.length',
    reason: 'beyond the last axis both sizes are undefined, and agree',
  },
  {
    file: 'shape/src/size.ts',
    original: 'new Array<number>(shape.length)',
    replacement: 'new Array()',
    reason: 'filled from the back, it gets its length with the first entry',
  },
  {
    file: 'tree/src/map.ts',
    original: 'rest.length > 0',
    reason: 'with one tree there is nothing to compare, and what is no tree is refused when it is built',
  },
  {
    file: 'tree/src/node.ts',
    original: "typeof value !== 'object'",
    reason: 'null is told apart before, and what is no object is refused by its prototype all the same',
  },
  {
    file: 'tree/src/node.ts',
    original: 'value === null',
    replacement: 'false',
    reason: 'null is told apart before',
  },
  {
    file: 'tree/src/path.ts',
    original: 'replacement === undefined',
    replacement: 'false',
    reason: 'rebuilding a tree of which nothing is replaced finds the same in it',
  },
  {
    file: 'tree/src/path.ts',
    original: "'object'",
    replacement: '""',
    reason: 'whatever is not an array is rebuilt as an object',
  },
  {
    file: 'tree/src/partition.ts',
    original: "'combine'",
    replacement: '""',
    reason: 'asked a second time: what is no tree was refused, by this name, at the first',
  },
];
