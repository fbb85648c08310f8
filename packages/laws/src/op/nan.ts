import { ValueError } from '@lemmata/shape';
import { apply, isFloat, type OpDef } from '@lemmata/tensor';
import type { Law, Mutant } from '../law.js';
import type { OpCase } from '../sample.js';
import { indexOf, Violation } from '../violation.js';
import { like, tensorsOf } from './calls.js';
import { results, withReference } from './mutate.js';
import { opLaw, type OpContext } from './op-law.js';

/** By how much an element is moved to see what reads it: far over kinks, and not far, for what has a small domain. */
const STEPS = [1000, -1000, 2 ** -5, -(2 ** -5)];
/** Input elements tried in a case. */
const PLACES = 3;

/** Another number in place of NaN. It bites where that number gives one, and is not outside of the domain. */
function readAs(value: number): Mutant<OpDef> {
  return {
    name: `NaN is read as ${value}`,
    conditional: true,
    plant: (op, bites) =>
      withReference(op, (attrs, inputs, outputs) => {
        const clean = inputs.map((view) => ({ ...view, data: view.data.map((v) => (Number.isNaN(v) ? value : v)) }));
        const right = results(op, attrs, inputs);
        results(op, attrs, clean).forEach((data, k) => {
          if (data.some((v, i) => !Number.isNaN(v) && Number.isNaN(right[k][i]))) bites();
          outputs[k].data.set(data);
        });
      }),
  };
}

export function nanLaw(context: OpContext): Law<OpDef, OpCase> {
  return opLaw(context, {
    name: 'NaN in, NaN out',
    cost: 3,
    statement: 'An output that changes when an input element does is NaN when that element is NaN.',
    formula: '∂y/∂x ≠ 0 ⇒ y(x = NaN) = NaN',
    mutants: [readAs(0), readAs(1.5)],
    holds(op, example) {
      const inputs = tensorsOf(example, 'float64');
      const before = apply(op, example.attrs, inputs).map((y) => y.dataSync());
      inputs.forEach((x, i) => {
        if (!isFloat(x.dtype)) return;
        const data = x.dataSync();
        const moveTo = (at: number, value: number) => {
          const moved = data.slice();
          moved[at] = value;
          return apply(
            op,
            example.attrs,
            inputs.map((t, k) => (k === i ? like(x, moved) : t)),
          );
        };
        for (let c = 0; c < Math.min(PLACES, x.size); c++) {
          const at = (example.seed + c * 7) % x.size;
          const changed = STEPS.flatMap((step) => {
            try {
              return [moveTo(at, data[at] + step).map((y) => y.dataSync())];
            } catch (error) {
              // A value outside of the domain, which says nothing of those inside.
              if (error instanceof ValueError) return [];
              throw error;
            }
          });
          moveTo(at, NaN).forEach((y, k) => {
            if (!isFloat(y.dtype)) return;
            y.dataSync().forEach((v, n) => {
              const reads = changed.some((outputs) => !Object.is(outputs[k][n], before[k][n]));
              if (reads && !Number.isNaN(v)) {
                throw new Violation({
                  what: `output ${k} with NaN at [${indexOf(at, x.shape).join(', ')}] of input ${i}`,
                  index: indexOf(n, y.shape),
                  received: v,
                  expected: NaN,
                });
              }
            });
          });
        }
      });
    },
  });
}
