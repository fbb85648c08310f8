import { check, expectClose, type Law, type Laws, type TestFunction } from '@lemmata/laws';
import { type Shape, sizeOf } from '@lemmata/shape';
import { add, run, tensor, type Tensor, zeros } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { i32 } from './assembler/index.js';
import { type KernelCode, once, type Stage } from './code.js';
import type { WasmKernel } from './kernel.js';
import { zeros as zeroed } from './kernels/fill.js';
import type { Placed } from './placed.js';
import { telling, withSlip } from './slips.laws.js';
import { type Wasm, wasmBackend } from './wasm.js';

/** A bug in one kind of stage. */
export interface PlantedBug {
  /** `gemm.product: k one too large`. */
  readonly name: string;
  /** The kind of stage. */
  readonly kind: string;
  /** The kernels with it. */
  readonly kernels: readonly WasmKernel[];
}

/** Arguments that are addresses, or distances in bytes that vectors step over: one too large element. */
const BYTES_OF_ONE = 4;
const ADDRESSES: ReadonlySet<string> = new Set(['a', 'b', 'c', 'x', 'w', 'y', 'at', 'from', 'to', 'in', 'out']);

/** What a stage is, whatever sizes its code is made for. */
const kindOf = ({ code }: Stage): string => code.name.split(' ')[0];

/** A change to a stage of a kernel that keeps something, or of another. */
type Change = (stage: Stage, keeps: boolean) => Stage | null;

function changed(kernels: readonly WasmKernel[], change: Change): readonly WasmKernel[] {
  return kernels.map((kernel) => ({
    ...kernel,
    stages(attrs, call) {
      const keeps = (kernel.keeps?.(attrs, call.inputs).bytes ?? 0) > 0;
      return kernel.stages(attrs, call).flatMap((stage) => change(stage, keeps) ?? []);
    },
  }));
}

interface Kind {
  readonly fields: Set<string>;
  /** Names of instructions in its code. */
  readonly instructions: Set<string>;
  /** Whether it is one of a kernel that keeps something. */
  keeps: boolean;
}

/**
 * Bugs in the stages that `law` makes the kernels run, which it must notice: every argument of every kind of stage one more than
 * it should be, every range without its last unit, the first instruction of each name exchanged for its opposite, and, where something
 * is kept, what runs once and what at each call confused.
 */
function plantedBugs(
  kernels: readonly WasmKernel[],
  law: (kernels: readonly WasmKernel[]) => void,
): readonly PlantedBug[] {
  const kinds = new Map<string, Kind>();
  law(
    changed(kernels, (stage, keeps) => {
      let kind = kinds.get(kindOf(stage));
      if (kind === undefined)
        kinds.set(kindOf(stage), (kind = { fields: new Set(), instructions: new Set(), keeps: false }));
      kind.keeps ||= keeps;
      const { fields, instructions } = kind;
      for (const field of stage.code.fields) fields.add(field);
      return { ...stage, code: telling(stage.code, (name) => instructions.add(name)) };
    }),
  );
  return [...kinds].flatMap(([kind, { fields, instructions, keeps }]) => {
    const planted = (what: string, bug: Change): PlantedBug => ({
      name: `${kind}: ${what}`,
      kind,
      kernels: changed(kernels, (stage, keeping) => (kindOf(stage) === kind ? bug(stage, keeping) : stage)),
    });
    return [
      ...(keeps
        ? [planted('once and each time confused', (stage, keeping) => (keeping ? confused(stage) : stage))]
        : []),
      planted('the last unit is left out', (stage) =>
        stage.extent > 1 ? { ...stage, extent: stage.extent - 1 } : null,
      ),
      ...[...fields].map((field) =>
        planted(`${field} one too large`, (stage) => {
          const value = stage.args[field];
          if (value === undefined) return stage;
          return { ...stage, args: { ...stage.args, [field]: value + (ADDRESSES.has(field) ? BYTES_OF_ONE : 1) } };
        }),
      ),
      ...[...instructions].map((name) =>
        planted(`the first ${name} exchanged`, (stage) => ({ ...stage, code: withSlip(stage.code, name) })),
      ),
    ];
  });
}

function confused({ once: isOnce, ...stage }: Stage): Stage {
  return isOnce ? stage : once(stage);
}

/** A float32 tensor of a function of the flat index. */
export function filled(shape: Shape, of: (i: number) => number): Tensor {
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => of(i)),
    { shape },
  );
}

/** Integers from −7 to 7, of which sums of products are exact in float32. */
export const integers = (shape: Shape, seed: number): Tensor =>
  filled(shape, (i) => ((i * 7919 + seed * 104729) % 15) - 7);

/** What kernels are asked to compute. */
export interface KernelSample {
  readonly inputs: readonly Tensor[];
  /** Applies the op of the kernels, and may apply others beside it. */
  readonly compute: (...inputs: Tensor[]) => readonly Tensor[];
  /** How far a result may be from that of the reference. Default 0: the kernels compute the sample exactly. */
  readonly bound?: number;
}

/** The law of an op's kernels. */
export interface KernelLaws extends Laws {
  readonly kernels: readonly WasmKernel[];
  /** Those that change nothing. */
  readonly harmless: readonly PlantedBug[];
}

/**
 * That the kernels of an op compute what the reference does and write nothing beside it, which must fail with any of
 * the {@link plantedBugs}.
 *
 * @param harmless bugs that change no result, and why: `maxPool: end0 one too large`
 */
export function kernelLaws(
  kernels: readonly WasmKernel[],
  samples: readonly KernelSample[],
  harmless: Readonly<Record<string, string>> = {},
): KernelLaws {
  const subject = `${kernels[0].op.name} on its kernel`;
  const expected = samples.map(({ inputs, compute }) =>
    compute(...inputs).map((t) => ({ shape: t.shape, values: t.dataSync() })),
  );
  /** Samples by what they run; a bug in a kind of stage that one does not run is not seen in it. */
  const runBy = new Map<string, Set<number>>();
  const kindIn = new Map<readonly WasmKernel[], string>();
  let last: { readonly of: readonly WasmKernel[]; readonly backend: Wasm } | undefined;
  const holds = (of: readonly WasmKernel[], i: number): void => {
    if (runBy.get(kindIn.get(of) ?? '')?.has(i) === false) return;
    if (last?.of !== of)
      last = {
        of,
        backend: wasmBackend({ kernels: of.map(apart).map(inHalves), guards: true, threads: 1, maximumBytes: 2 ** 27 }),
      };
    const { backend } = last;
    const { inputs, compute, bound = 0 } = samples[i];
    soil(
      backend,
      [...inputs, ...expected[i]].map(({ shape }) => shape),
    );
    // In a scope every buffer has guard zones, outputs as well.
    const results = run((...there: Tensor[]) => [...compute(...there)], ...inputs.map((t) => backend.put(t)));
    backend.checkGuards();
    results.forEach((t, k) => {
      const { shape, values } = expected[i][k];
      const about = { what: `result ${k} of sample ${i}`, shape, source: 'reference' };
      expectClose(about, t.dataSync(), values, { relative: 0, absolute: bound });
    });
  };
  const bugs = plantedBugs(kernels, (told) =>
    samples.forEach((_, i) =>
      holds(
        changed(told, (stage) => {
          runBy.set(kindOf(stage), (runBy.get(kindOf(stage)) ?? new Set()).add(i));
          return stage;
        }),
        i,
      ),
    ),
  );
  for (const { kind, kernels: wrong } of bugs) kindIn.set(wrong, kind);
  const names = new Set(Object.keys(harmless));
  const law: Law<readonly WasmKernel[], number> = {
    name: 'computes what the reference does, and writes nothing beside it',
    statement:
      'On samples of every way to compute it, results are those of the reference, exact or within a bound, and memory around arrays stays as it was.',
    formula: '|kernel(x) − reference(x)| ≤ bound',
    subject: kernels,
    cases: samples.map((_, i) => fc.constant(i)),
    once: true,
    mutants: bugs
      .filter(({ name }) => !names.delete(name))
      .map(({ name, kernels: wrong }) => ({ name, plant: () => wrong })),
    holds,
  };
  if (names.size > 0) throw new Error(`${subject}: there is no ${[...names].join(', ')}, said to be harmless`);
  const caught = new Set(law.mutants.map(({ name }) => name));
  return { kind: 'kernel', subject, laws: [law], kernels, harmless: bugs.filter(({ name }) => !caught.has(name)) };
}

/**
 * The kernel, where it keeps something, with the stages of two calls: those that run once, which find zeros in the place of everything
 * but the inputs that something is kept of, and the others, which find zeros there.
 */
export function apart(kernel: WasmKernel): WasmKernel {
  const { keeps } = kernel;
  if (keeps === undefined) return kernel;
  const own = (attrs: unknown, inputs: readonly Placed[]): number =>
    64 * Math.ceil((kernel.scratch?.(attrs, inputs) ?? 0) / 64);
  /** Enough for everything else. */
  const elsewhere = (attrs: unknown, inputs: readonly Placed[]): number => {
    const sizes = [...inputs, ...kernel.op.infer(attrs, ...inputs)].map(({ shape }) => 4 * sizeOf(shape));
    return Math.max(own(attrs, inputs), ...sizes);
  };
  return {
    ...kernel,
    scratch: (attrs, inputs) => own(attrs, inputs) + elsewhere(attrs, inputs),
    stages(attrs, call) {
      const { inputs, outputs } = call;
      const { of, bytes } = keeps(attrs, inputs);
      if (bytes === 0) return kernel.stages(attrs, call);
      const at = call.scratch + own(attrs, inputs);
      const blank = zeroed({ shape: [elsewhere(attrs, inputs) / 4], strides: [1], dtype: 'float32', at });
      const hidden = (views: readonly Placed[], hide: (i: number) => boolean): Placed[] =>
        views.map((view, i) => (hide(i) ? { ...view, at } : view));
      const first = {
        ...call,
        inputs: hidden(inputs, (i) => !of.includes(i)),
        outputs: hidden(outputs, () => true),
        scratch: at,
      };
      const then = { ...call, inputs: hidden(inputs, (i) => of.includes(i)) };
      return [
        blank,
        ...kernel.stages(attrs, first).filter((stage) => stage.once),
        blank,
        ...kernel.stages(attrs, then).filter((stage) => !stage.once),
      ];
    },
  };
}

const halved = new WeakMap<KernelCode, KernelCode>();

/** The kernel with every range in two, the second first: as threads may run it. */
function inHalves(kernel: WasmKernel): WasmKernel {
  return changed([kernel], (stage) => {
    const { code } = stage;
    let twice = halved.get(code);
    if (twice === undefined) {
      twice = {
        ...code,
        name: `${code.name} in halves`,
        build(f, args, begin, end, target) {
          const middle = f.let(i32.shr_u(i32.add(i32.add(begin, end), 1), 1));
          code.build(f, args, f.let(middle), f.let(end), target);
          code.build(f, args, f.let(begin), f.let(middle), target);
        },
      };
      halved.set(code, twice);
    }
    return { ...stage, code: twice };
  })[0];
}

/** Leaves NaN in memory that arrays of these shapes will be given. */
function soil(backend: Wasm, shapes: readonly Shape[]): void {
  run(() => void shapes.forEach((shape) => add(backend.put(zeros(shape)), NaN)));
}

/**
 * A test of each law, of each bug that is said to change nothing, and of each kernel that a module exports having a law.
 *
 * @param entry the module, whose lists of kernels are looked through
 */
export function checkKernels(entry: object, all: readonly KernelLaws[], test: TestFunction): void {
  check(all, test);
  for (const { subject, laws, harmless } of all) {
    const [{ cases, holds }] = laws;
    for (const { name, kernels } of harmless)
      test(`${subject}: ${name} changes nothing`, () =>
        (cases as readonly unknown[]).forEach((_, i) => holds(kernels, i)));
  }
  test('no kernel is without planted bugs', () => {
    const covered = new Set(all.flatMap(({ kernels }) => kernels));
    const exported = Object.values(entry).filter(Array.isArray).flat() as readonly WasmKernel[];
    const without = exported.filter((kernel) => !covered.has(kernel)).map(({ op }) => op.name);
    if (exported.length === 0 || without.length > 0)
      throw new Error(`without planted bugs: ${without.join(', ') || 'the module, which exports no kernels'}`);
  });
}
