import { expect, expectTypeOf, test } from 'vitest';
import * as fc from 'fast-check';
import {
  type Branded,
  combine,
  filter,
  flatten,
  fromRecord,
  get,
  isLeaf,
  type Leaf,
  type LeafOf,
  leaves,
  map,
  mapWithPath,
  partition,
  paths,
  sameStructure,
  set,
  tensorBrand,
  toRecord,
  type Tree,
  TreeError,
  unflatten,
} from './index.js';

class FakeTensor implements Branded {
  readonly [tensorBrand] = 1;
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

class Net {
  readonly depth = 1;
}

const names = fc.constantFrom('weight', 'bias', 'conv1', 'a', '0', 'toString', 'length');
const { tree: trees } = fc.letrec<{ tree: Tree<number> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.double(), fc.constantFrom(null, undefined)),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(names, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

const params = () => ({
  conv1: { weight: 1, bias: 2 },
  layers: [{ weight: 3 }, null, { weight: 4, bias: undefined }],
});

/** The same tree with the names of every object in reverse order. */
function reversed(tree: Tree<number>): Tree<number> {
  if (Array.isArray(tree)) return tree.map(reversed);
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree)
      .reverse()
      .map(([name, child]) => [name, reversed(child)]),
  );
}

test('leaves are tensors by brand, and primitives', () => {
  for (const leaf of [0, NaN, true, 'x', 1n, new FakeTensor(1), { [Symbol.for('lemmata.tensor')]: 1 }]) {
    expect(isLeaf(leaf)).toBe(true);
  }
  for (const other of [null, undefined, [], {}, () => 0, Symbol('s'), new Float32Array(1)]) {
    expect(isLeaf(other)).toBe(false);
  }
});

test('paths are those of a PyTorch state_dict, in insertion order', () => {
  const flat = flatten(params());
  expect(flat.paths).toEqual(['conv1.weight', 'conv1.bias', 'layers.0.weight', 'layers.2.weight']);
  expect(flat.leaves).toEqual([1, 2, 3, 4]);
  expect(paths(7)).toEqual(['']);
  expect(paths({ b: 1, a: 2 })).toEqual(['b', 'a']);
  expect(leaves([[], {}, null])).toEqual([]);
});

test('flatten and unflatten are inverse, empty places included', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const { leaves, def } = flatten(tree);
      const back = unflatten(def, leaves);
      expect(back).toStrictEqual(tree);
      expect(JSON.stringify(flatten(back).paths)).toBe(JSON.stringify(def.paths));
    }),
  );
  expect(() => unflatten(flatten(params()).def, [1, 2])).toThrow(
    'unflatten: the structure has 4 leaves, but 2 were given',
  );
});

test('map keeps structure and composes', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const f = (x: number) => x + 1;
      const g = (x: number) => x * 2;
      expect(map(f as never, tree)).toStrictEqual(unflatten(flatten(tree).def, (leaves(tree) as number[]).map(f)));
      expect(map(g as never, map(f as never, tree))).toStrictEqual(map(((x: number) => g(f(x))) as never, tree));
    }),
  );
});

test('map makes new containers and leaves tensors as they are', () => {
  const t = new FakeTensor(1);
  const tree = { a: [t] };
  const mapped = map((x) => x, tree);
  expect(mapped.a[0]).toBe(t);
  expect(mapped).not.toBe(tree);
  expect(mapped.a).not.toBe(tree.a);
});

test('several trees are matched by name, in the order of the first', () => {
  const seen: string[] = [];
  const sum = mapWithPath(
    (path, p, g) => {
      seen.push(path);
      return p - 0.1 * g;
    },
    { w: 1, b: 2 },
    { b: 20, w: 10 },
  );
  expect(sum).toEqual({ w: 0, b: 0 });
  expect(Object.keys(sum)).toEqual(['w', 'b']);
  expect(seen).toEqual(['w', 'b']);
  fc.assert(
    fc.property(trees, (tree) => {
      expect(sameStructure(tree, reversed(tree))).toBe(true);
      expect(map((...pair) => Object.is(pair[0], pair[1]), tree, reversed(tree))).toStrictEqual(map(() => true, tree));
    }),
  );
});

test('trees that differ are refused before the first call, with every place', () => {
  let calls = 0;
  const other = { conv1: { weight: 1, gain: 2 }, layers: [5, null] };
  expect(() => map(() => calls++, params(), other)).toThrow(
    [
      'map: 2 problems',
      "  - tree 2 lacks 'conv1.bias' and has 'conv1.gain' too many",
      "  - 'layers' has 3 elements in the first tree, but 2 in tree 2",
    ].join('\n'),
  );
  expect(calls).toBe(0);
  expect(() => map(() => 0, { a: 1 }, { a: 1 }, { a: [1] })).toThrow(
    "map: 'a' is a leaf in the first tree, but an array in tree 3",
  );
  expect(() => map(() => 0, { a: 1 }, { a: null })).toThrow("'a' is a leaf in the first tree, but empty in tree 2");
  expect(() => map(() => 0, 1, {})).toThrow('the root is a leaf in the first tree, but an object in tree 2');
});

test('structures: names in any order, null like undefined, arrays unlike objects', () => {
  expect(sameStructure({ a: 1, b: [2] }, { b: [3], a: 4 })).toBe(true);
  expect(sameStructure({ a: null }, { a: undefined })).toBe(true);
  expect(sameStructure({ a: undefined }, {})).toBe(false);
  expect(sameStructure({ a: 1 }, { b: 1 })).toBe(false);
  expect(sameStructure([1], { 0: 1 })).toBe(false);
  expect(sameStructure([1], [1, 2])).toBe(false);
  expect(sameStructure({}, { toString: 1 })).toBe(false);
});

test('what is no tree is refused with its path', () => {
  const text = (value: unknown) => {
    try {
      flatten({ layer: [0, value] });
    } catch (error) {
      if (error instanceof TreeError) return error.message;
      throw error;
    }
    return 'accepted';
  };
  const rest = '; a tree holds tensors, numbers, booleans and strings in arrays and plain objects';
  expect(text(new Float32Array(2))).toBe(`flatten: 'layer.1' is an instance of Float32Array${rest}`);
  expect(text(new Map())).toBe(`flatten: 'layer.1' is an instance of Map${rest}`);
  expect(text(new Net())).toBe(`flatten: 'layer.1' is an instance of Net${rest}`);
  expect(text(Object.create({ inherited: 1 }))).toBe(`flatten: 'layer.1' is an object with a prototype${rest}`);
  expect(text(() => 0)).toBe(`flatten: 'layer.1' is a function${rest}`);
  expect(text(Symbol('s'))).toBe(`flatten: 'layer.1' is a symbol${rest}`);
  expect(text({ [Symbol('s')]: 1 })).toBe("flatten: 'layer.1' has a symbol as a key; names must be strings");
  expect(text({ '': 1 })).toBe("flatten: 'layer.1' has an empty name");
  expect(text(Object.assign(Object.create(null), { a: 1 }))).toBe('accepted');
});

test('the name __proto__ is refused wherever it comes in', () => {
  const evil = JSON.parse('{ "__proto__": { "polluted": 1 } }') as Record<string, never>;
  expect(() => flatten(evil)).toThrow("the root has the name '__proto__'");
  expect(() => map(() => 0, { a: evil })).toThrow("'a' has the name '__proto__'");
  expect(() => set({ a: 1 }, 'a', evil)).toThrow(TreeError);
  expect(() => fromRecord({ a: 1 }, JSON.parse('{ "a": 1, "__proto__": 2 }'))).toThrow("has the name '__proto__'");
  expect(() => get({}, '__proto__')).toThrow("no '__proto__': the root has nothing below it");
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test('a tree that contains itself is refused', () => {
  const loop: Record<string, unknown> = {};
  loop['a'] = loop;
  const text = "the tree is deeper than 256 levels below 'a.a.a.a.a.a.a.a…': does it contain itself?";
  expect(() => flatten(loop)).toThrow(`flatten: ${text}`);
  expect(() => map(() => 0, loop)).toThrow(`map: ${text}`);
  expect(() => map(() => 0, loop, loop)).toThrow(`map: ${text}`);
  expect(() => sameStructure(loop, loop)).toThrow(text);
  expect(() => combine(loop, loop)).toThrow(text);
});

test('toRecord and fromRecord are inverse', () => {
  expect(toRecord(params())).toEqual({
    'conv1.weight': 1,
    'conv1.bias': 2,
    'layers.0.weight': 3,
    'layers.2.weight': 4,
  });
  expect(fromRecord(params(), toRecord(params()))).toStrictEqual(params());
  expect(fromRecord(5, { '': 6 })).toBe(6);
  fc.assert(
    fc.property(trees, (tree) => {
      expect(fromRecord(tree, toRecord(tree))).toStrictEqual(tree);
      expect(Object.keys(toRecord(tree)).sort()).toEqual([...paths(tree)].sort());
    }),
  );
});

test('fromRecord lists what is missing, unexpected and refused at once', () => {
  const record = { 'conv1.weight': 1, 'conv1.bias': -2, 'layers.0.weight': 3, 'layers.1.weight': 4, toString: 5 };
  const refuse = (_: string, leaf: number, other: number) => (other < 0 ? `${other} for ${leaf}` : undefined);
  expect(() => fromRecord(params(), record, refuse)).toThrow(
    [
      'fromRecord: 4 problems',
      "  - missing 'layers.2.weight'",
      "  - unexpected 'layers.1.weight'",
      "  - unexpected 'toString'",
      "  - 'conv1.bias': -2 for 2",
    ].join('\n'),
  );
});

test('names with dots are kept, but two leaves may not share a path', () => {
  const record = { 'conv1.weight': 1, 'conv1.bias': 2 };
  expect(toRecord(record)).toEqual(record);
  expect(get(record, 'conv1.bias')).toBe(2);
  expect(() => toRecord({ 'a.b': 1, a: { b: 2 } })).toThrow("toRecord: two leaves have the path 'a.b'");
  expect(() => fromRecord({ 'a.b': 1, a: { b: 2 } }, { 'a.b': 3 })).toThrow('two leaves have the same path');
});

test('get finds leaves and subtrees, set replaces them and shares the rest', () => {
  const tree = params();
  expect(get(tree, 'layers.0.weight')).toBe(3);
  expect(get(tree, 'conv1')).toBe(tree.conv1);
  expect(get(tree, '')).toBe(tree);
  expect(get(tree, 'layers.1')).toBe(null);
  expect(get({ conv1: { weight: 1 }, conv10: { weight: 2 } }, 'conv10.weight')).toBe(2);
  const changed = set(tree, 'layers.0.weight', 9) as typeof tree;
  expect(changed.layers[0]).toEqual({ weight: 9 });
  expect(Array.isArray(changed.layers)).toBe(true);
  expect(changed.conv1).toBe(tree.conv1);
  expect(tree).toStrictEqual(params());
  expect(set(tree, '', 1)).toBe(1);
  fc.assert(
    fc.property(trees, (any) => {
      for (const [path, leaf] of Object.entries(toRecord(any))) expect(get(any, path)).toBe(leaf);
    }),
  );
});

test('a path that leaves the tree is refused with the names that are there', () => {
  expect(() => get(params(), 'conv1.wieght')).toThrow("get: no 'conv1.wieght': 'conv1' has 'weight', 'bias'");
  expect(() => get(params(), 'toString')).toThrow("get: no 'toString': the root has 'conv1', 'layers'");
  expect(() => get(params(), 'layers.9')).toThrow("get: no 'layers.9': 'layers' has '0', '1', '2'");
  expect(() => set(params(), 'conv1.weight.x', 1)).toThrow(
    "set: no 'conv1.weight.x': 'conv1.weight' has nothing below it",
  );
});

test('partition divides the leaves, combine joins them again', () => {
  const [frozen, rest] = partition(params(), (path) => path.startsWith('conv1.'));
  expect(frozen).toEqual({
    conv1: { weight: 1, bias: 2 },
    layers: [{ weight: null }, null, { weight: null, bias: undefined }],
  });
  expect(leaves(rest)).toEqual([3, 4]);
  expect(combine(frozen, rest)).toStrictEqual(params());
  expect(filter(params(), (_, leaf) => leaf > 2)).toStrictEqual(rest);
  fc.assert(
    fc.property(trees, fc.func(fc.boolean()), (tree, take) => {
      const [a, b] = partition(tree, take);
      expect(leaves(a).length + leaves(b).length).toBe(leaves(tree).length);
      expect(combine(a, b)).toStrictEqual(tree);
      expect(combine(b, a)).toStrictEqual(tree);
    }),
  );
});

test('combine refuses two leaves in one place and outlines that differ, all at once', () => {
  expect(() => combine({ a: 1, b: 2, c: { d: null } }, { a: null, b: 3, c: { e: 1 } })).toThrow(
    "combine: 2 problems\n  - 'b' is a leaf in 2 trees\n  - 'c' does not have the same names in all trees",
  );
  expect(() => combine([1], { 0: 1 })).toThrow('the root is not of the same kind in all trees');
});

test('types: leaves are found, map keeps the outline, recursive trees end', () => {
  interface Layer {
    readonly weight: FakeTensor;
    readonly bias: FakeTensor | null;
    readonly sizes: readonly [number, number];
  }
  expectTypeOf<LeafOf<Layer>>().toEqualTypeOf<FakeTensor | number>();
  expectTypeOf<LeafOf<Tree<FakeTensor>>>().toEqualTypeOf<FakeTensor>();
  expectTypeOf<LeafOf<Tree<Leaf>>>().toEqualTypeOf<Leaf>();
  const layer: Layer = { weight: new FakeTensor(1), bias: null, sizes: [1, 2] };
  const mapped = map((leaf) => `${typeof leaf}`, layer);
  expectTypeOf(mapped.weight).toEqualTypeOf<string>();
  expectTypeOf(mapped.bias).toEqualTypeOf<string | null>();
  expectTypeOf(mapped.sizes).toEqualTypeOf<readonly [string, string]>();
  const any: Tree<FakeTensor> = { a: [new FakeTensor(2)] };
  expect(leaves(map((t) => t.value, any))).toEqual([2]);
  expectTypeOf(unflatten(flatten(layer).def, [1, 2, 3]).weight).toEqualTypeOf<number>();
});

/** The message of what `body` throws, which must be a TreeError. */
function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    expect(error).toBeInstanceOf(TreeError);
    expect((error as TreeError).name).toBe('TreeError');
    return (error as TreeError).message;
  }
  throw new Error('nothing was refused');
}

test('what a tree lacks and what it has too many is told, and nothing more', () => {
  const with2 = (second: object): string =>
    refusal(() => map((a: unknown) => a, { a: 1, b: { c: 2 } }, second as never));
  expect(with2({ a: 1 })).toBe("map: tree 2 lacks 'b'");
  expect(with2({ a: 1, b: { c: 2 }, d: 3, e: 4 })).toBe("map: tree 2 has 'd', 'e' too many");
  expect(with2({ a: 1, b: { d: 2 } })).toBe("map: tree 2 lacks 'b.c' and has 'b.d' too many");
  try {
    with2({});
  } catch (error) {
    expect((error as TreeError).reasons).toHaveLength(1);
  }
});

test('every reason is kept as one of a list', () => {
  expect(new TreeError('op', ['one', 'two']).reasons).toEqual(['one', 'two']);
});

test('errors name the function that met what is no tree', () => {
  const no = { a: new Date(0) };
  expect(refusal(() => combine(no, { a: 1 }))).toMatch(/^combine: 'a' /);
  expect(refusal(() => combine({ a: null }, no))).toMatch(/^combine: 'a' /);
  expect(refusal(() => sameStructure({ a: 1 }, no))).toMatch(/^sameStructure: 'a' /);
  expect(refusal(() => sameStructure(no, { a: 1 }))).toMatch(/^sameStructure: 'a' /);
  const record = JSON.parse('{ "a": 1, "__proto__": 2 }');
  expect(refusal(() => fromRecord({ a: 1 }, record))).toBe("fromRecord: the root has the name '__proto__'");
});

/** Levels of a tree that does not contain itself. */
const maxDepth = 256;

test('trees may be as deep as the limit and no deeper', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
  expect(leaves(nested(maxDepth))).toEqual([1]);
  expect(refusal(() => leaves(nested(maxDepth + 1)))).toContain(`deeper than ${maxDepth} levels`);
  const ring: { self?: unknown } = {};
  ring.self = ring;
  const path = Array(2 * maxDepth)
    .fill('self')
    .join('.');
  expect(refusal(() => get(ring, path))).toBe(
    `get: the tree is deeper than ${maxDepth} levels below '${Array(8).fill('self').join('.')}…': does it contain itself?`,
  );
  for (const op of [combine, sameStructure])
    expect(refusal(() => op(ring, ring))).toMatch(new RegExp(`^${op.name}: the tree is deeper`));
});

test('an object is plain if its prototype is that of objects, of whatever realm, or none', () => {
  const described = (value: unknown): string => refusal(() => leaves({ a: value }));
  expect(leaves(Object.assign(Object.create(null) as object, { a: 1 }))).toEqual([1]);
  expect(described(Object.create(Object.create(null) as object))).toContain('an object with a prototype');
  expect(described(Object.create({ isPrototypeOf: () => true }) as object)).toContain('an object with a prototype');
  expect(described(new (class {})())).toContain('an object with a prototype');
  const Odd = class {};
  Object.defineProperty(Odd, 'name', { value: 5 });
  expect(described(new Odd())).toContain('an object with a prototype');
  expect(described(new Date(0))).toContain('an instance of Date');
});

test('nobody looks into a leaf', () => {
  class Bare implements Branded {
    readonly [tensorBrand] = 1;
  }
  expect(sameStructure({ a: new FakeTensor(1) }, { a: new Bare() })).toBe(true);
  expect(map((_, b) => b, { a: new FakeTensor(1) } as { a: Branded }, { a: new Bare() })).toEqual({ a: new Bare() });
  expect(refusal(() => get({ a: new FakeTensor(1) }, 'a.value'))).toBe("get: no 'a.value': 'a' has nothing below it");
});

test('combine finds fewer names as well as more', () => {
  for (const trees of [
    [{ a: { b: 1, c: null } }, { a: { b: null } }],
    [{ a: { b: null } }, { a: { b: 1, c: null } }],
  ])
    expect(refusal(() => combine(...(trees as [unknown, unknown])))).toBe(
      "combine: 'a' does not have the same names in all trees",
    );
});

test('a tree that is one leaf stands in a record under the empty path', () => {
  expect(fromRecord(1, { '': 2 })).toBe(2);
});

test('what is missing from a record is not put to the judge of its values', () => {
  const asked: string[] = [];
  const judge = (path: string): undefined => void asked.push(path);
  expect(refusal(() => fromRecord({ a: 1, b: 2 }, { a: 1 }, judge))).toBe("fromRecord: missing 'b'");
  expect(asked).toEqual(['a']);
});
