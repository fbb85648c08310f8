import type { Stage } from './code.js';
import type { WasmKernel } from './kernel.js';

/** A bug in the arguments of one kind of stage. */
export interface PlantedBug {
  /** `gemm.product: k one too large`. */
  readonly name: string;
  /** The kernels with it. */
  readonly kernels: readonly WasmKernel[];
}

/** Arguments that are addresses, or distances in bytes that vectors step over: one too large element. */
const BYTES_OF_ONE = 4;
const ADDRESSES: ReadonlySet<string> = new Set(['a', 'b', 'c', 'x', 'w', 'y', 'at', 'from', 'to', 'in', 'out']);

/** What a stage is, whatever sizes its code is made for. */
const kindOf = ({ code }: Stage): string => code.name.split(' ')[0];

function changed(kernels: readonly WasmKernel[], change: (stage: Stage) => Stage | null): readonly WasmKernel[] {
  return kernels.map((kernel) => ({
    ...kernel,
    stages: (attrs, call) => kernel.stages(attrs, call).flatMap((stage) => change(stage) ?? []),
  }));
}

/**
 * Every argument of every kind of stage that `law` makes the kernels run, one more than it should be, and every range without
 * its last unit: bugs that the law must notice.
 */
export function wrongByOne(
  kernels: readonly WasmKernel[],
  law: (kernels: readonly WasmKernel[]) => void,
): readonly PlantedBug[] {
  const kinds = new Map<string, ReadonlySet<string>>();
  law(
    changed(kernels, (stage) => {
      const fields = kinds.get(kindOf(stage)) ?? [];
      kinds.set(kindOf(stage), new Set([...fields, ...stage.code.fields]));
      return stage;
    }),
  );
  return [...kinds].flatMap(([kind, fields]) => {
    const planted = (what: string, bug: (stage: Stage) => Stage | null): PlantedBug => ({
      name: `${kind}: ${what}`,
      kernels: changed(kernels, (stage) => (kindOf(stage) === kind ? bug(stage) : stage)),
    });
    return [
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
    ];
  });
}
