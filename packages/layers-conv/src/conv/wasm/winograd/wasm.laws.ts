import { type KernelCode, type Stage, type Wasm, wasmBackend, type WasmKernel } from '@lemmata/backend-wasm';
import { f32x4 } from '@lemmata/backend-wasm/assembler';
import { once } from '@lemmata/backend-wasm/code';
import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { apart } from '@lemmata/backend-wasm/planted.laws';
import { expectClose, type Law, type Laws, type Mutant, noise, smallIntegers, Violation } from '@lemmata/laws';
import { run, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { accumulate } from './accumulate.js';
import { type Case, cases, exactly, fill, operandsOf, type Slot, SLOTS } from './cases.laws.js';
import { filterCodes } from './filters.js';
import { ERROR_OF_RMS, winogradKernels } from './kernels.js';
import type { Tile } from './transforms.js';

/** The kernels of each variant, whose results the laws look at. */
type Winograd = (tile: Tile) => readonly WasmKernel[];

const subject: Winograd = (tile) => winogradKernels({ tile });

const backends = new WeakMap<Winograd, Map<Tile, Wasm>>();

/** A backend whose memory is guarded, with these kernels alone. */
function backendOf(winograd: Winograd, tile: Tile): Wasm {
  const known = backends.get(winograd) ?? new Map<Tile, Wasm>();
  backends.set(winograd, known);
  let backend = known.get(tile);
  if (backend === undefined) {
    backend = wasmBackend({ kernels: winograd(tile).map(apart), guards: true, threads: 1, maximumBytes: 2 ** 27 });
    known.set(tile, backend);
  }
  return backend;
}

/** By the kernels. Throws where they write beside their memory. */
function received(
  winograd: Winograd,
  tile: Tile,
  slot: Slot,
  c: Case,
  operands: readonly [Tensor, Tensor, Tensor],
): Float32Array {
  const wasm = backendOf(winograd, tile);
  const there = operands.map((t) => wasm.put(t)) as [Tensor, Tensor, Tensor];
  // In a scope every buffer has guard zones, outputs as well.
  const result = run(() => fill(slot, c, there));
  wasm.checkGuards();
  return result.dataSync() as Float32Array;
}

/*
 * Bugs are planted into the stages of the kernels: their arguments, or the code of one of the functions that they call.
 */

type StageBug = (stage: Stage) => Stage;

function planted(name: string, bug: StageBug): Mutant<Winograd> {
  return {
    name,
    plant: (winograd) => (tile) =>
      winograd(tile).map((kernel) => ({
        ...kernel,
        stages: (attrs, call) => kernel.stages(attrs, call).map(bug),
      })),
  };
}

/** An argument of one kind of stage changed. */
const argument = (
  name: string,
  stageName: string,
  field: string,
  change: (value: number, args: Stage['args']) => number,
): Mutant<Winograd> =>
  planted(name, (stage) =>
    stage.code.name.split(' ')[0] === `winograd.${stageName}`
      ? { ...stage, args: { ...stage.args, [field]: change(stage.args[field], stage.args) } }
      : stage,
  );

const wrongCodes = new Map<string, KernelCode>();

/** The first multiply-add in a function subtracts: an entry of its matrix has the wrong sign. */
const wrongEntry = (name: string, helperName: string): Mutant<Winograd> =>
  planted(name, (stage) => {
    const key = `${helperName} in ${stage.code.name}`;
    const code: KernelCode = wrongCodes.get(key) ?? {
      ...stage.code,
      build(f, args, begin, end, target) {
        stage.code.build(f, args, begin, end, {
          ...target,
          helper: (helper) =>
            target.helper(
              helper.name.startsWith(`winograd.${helperName} `)
                ? {
                    ...helper,
                    build(g, inner, ...params) {
                      let count = 0;
                      const madd: typeof inner.madd = (a, b, c) =>
                        count++ === 0 ? f32x4.sub(c, f32x4.mul(a, b)) : inner.madd(a, b, c);
                      return helper.build(g, { ...inner, madd }, ...params);
                    },
                  }
                : helper,
            ),
        });
      },
    };
    wrongCodes.set(key, code);
    return { ...stage, code };
  });

const shared: readonly Mutant<Winograd>[] = [
  argument('tiles begin a column too early', 'product', 'left', (left) => left + 1),
  argument('tiles begin a row too late for the gradient of w', 'inputPanels', 'top', (top) => top - 1),
  argument('the last tile of each row is left out', 'product', 'tilesAcross', (n) => Math.max(1, n - 1)),
  argument('the last strip of tiles is left out of the gradient of w', 'accumulate', 'tiles', (n, { slots }) =>
    Math.max(1, n === slots ? n - 1 : n),
  ),
  argument('planes of y are taken for a row taller', 'outputPanels', 'height', (n) => n + 1),
  argument('the last channel is left out', 'product', 'channels', (n) => n - 1),
  planted('the kernel is not turned round for the gradient of x', (stage) => {
    const turned = Object.values(filterCodes).find(({ flipped }) => stage.code === flipped);
    return turned === undefined ? stage : { ...stage, code: turned.plain as KernelCode };
  }),
  planted('products are taken once and kept', (stage) =>
    stage.code.name.startsWith('winograd.product ') ? once(stage) : stage,
  ),
  wrongEntry('an entry of G has the wrong sign', 'filterTile'),
  wrongEntry('an entry of the transpose of G has the wrong sign', 'weightTile'),
];

/** The entries of A and B are powers of 1 in F(2×2, 3×3), and take no multiplication. */
const ofWholeTiles: readonly Mutant<Winograd>[] = [
  wrongEntry('an entry of B has the wrong sign, down a column', 'strip'),
  wrongEntry('an entry of B has the wrong sign, along a row', 'patch'),
  wrongEntry('an entry of A has the wrong sign', 'gradientTile'),
  wrongEntry('an entry of the transpose of A has the wrong sign', 'outputTile'),
];

const exactOnIntegers: Law<Winograd, Case> = {
  name: 'F(2×2, 3×3) is exact on small integers',
  statement:
    'All entries of its matrices are multiples of ½, so that no sum of small integers is rounded: every slot equals the definition.',
  formula: 'Aᵀ[(G w Gᵀ) · (Bᵀ x B)]A = w ⋆ x',
  subject,
  cases,
  cost: 4,
  mutants: shared,
  holds(winograd, c) {
    const operands = operandsOf(c, smallIntegers);
    for (const slot of SLOTS) {
      const expected = exactly(slot, c, operands);
      received(winograd, 2, slot, c, operands).forEach((value, i) => {
        // A sum of nothing but 0 may have either sign.
        if (value !== expected[i])
          throw new Violation({
            what: `slot ${slot}`,
            index: [i],
            received: value,
            expected: expected[i],
            error: Math.abs(value - expected[i]),
          });
      });
    }
  },
};

const bounded = (tile: Tile, mutants: readonly Mutant<Winograd>[]): Law<Winograd, Case> => ({
  name: `errors of F(${tile}×${tile}, 3×3) stay small beside the result`,
  statement: 'On data of random signs no element is off by more than a stated part of the root mean square of all.',
  formula: `max |received − exact| ≤ 2^${Math.log2(ERROR_OF_RMS[tile])} · rms(exact)`,
  subject,
  cases,
  cost: 4,
  mutants,
  holds(winograd, c) {
    const operands = operandsOf(c, noise);
    for (const slot of SLOTS) {
      const expected = exactly(slot, c, operands);
      const rms = Math.sqrt(expected.reduce((sum, v) => sum + v * v, 0) / expected.length);
      const what = { what: `slot ${slot}`, shape: [expected.length] };
      expectClose(what, received(winograd, tile, slot, c, operands), expected, {
        relative: 0,
        absolute: ERROR_OF_RMS[tile] * rms,
      });
    }
  },
});

const finite: Law<Winograd, Case & { readonly at: number }> = {
  name: 'NaN is not lost',
  statement:
    'Where the definition gives NaN, so do the kernels; they give it for more elements, those of the same tiles.',
  formula: 'isNaN(exact) ⇒ isNaN(received)',
  subject,
  cases: fc.record({ base: cases, at: fc.constantFrom(0, 0, 1e6 - 1, 4711) }).map(({ base, at }) => ({ ...base, at })),
  cost: 4,
  mutants: [
    argument('the first channel is left out', 'product', 'x', (at, { height, width }) => at + 4 * height * width),
    planted('the first tile of every block is left out of the gradient of w', ({ args, ...stage }) => {
      if (stage.code !== accumulate) return { ...stage, args };
      const { x, y, tiles } = args;
      return { ...stage, args: { ...args, x: x + 4 * COLUMNS, y: y + 4 * ROWS, tiles: tiles - 1 } };
    }),
  ],
  holds(winograd, c) {
    const [x, w, y] = operandsOf(c, noise);
    const spoilt = [x, w, y].map((t) => {
      const values = t.dataSync();
      values[c.at % values.length] = NaN;
      return tensor(values, { shape: t.shape });
    }) as [Tensor, Tensor, Tensor];
    for (const slot of SLOTS) {
      for (const operands of [
        [spoilt[0], w, y],
        [x, spoilt[1], y],
        [x, w, spoilt[2]],
      ] as const) {
        const expected = exactly(slot, c, operands);
        const got = received(winograd, 4, slot, c, operands);
        const index = expected.findIndex((v, i) => Number.isNaN(v) && !Number.isNaN(got[i]));
        if (index >= 0)
          throw new Violation({ what: `slot ${slot}`, index: [index], received: got[index], expected: NaN });
      }
    }
  },
};

export const laws: readonly Laws[] = [
  {
    kind: 'kernel',
    subject: 'Winograd convolution',
    laws: [exactOnIntegers, bounded(2, shared), bounded(4, [...shared, ...ofWholeTiles]), finite],
  },
];
