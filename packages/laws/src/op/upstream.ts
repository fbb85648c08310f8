import { apply, isFloat, onesLike, zerosLike, type OpDef, type Tensor } from '@lemmata/tensor';
import type { Law } from '../law.js';
import type { OpCase } from '../sample.js';
import { expectSame, Violation } from '../violation.js';
import { differentiable, pull, tensorsOf, upstreamOf } from './calls.js';
import { vjpMutant } from './mutate.js';
import { opLaw, type OpContext } from './op-law.js';

/** A null upstream is a zero one, for every subset of the outputs. */
export function nullUpstreamLaw(context: OpContext): Law<OpDef, OpCase> {
  return opLaw(context, {
    name: 'a null upstream counts as zeros',
    statement:
      'For every subset of the outputs, leaving their upstream gradients out gives the same gradients as zeros for them.',
    formula: 'vjp(…, null, …) = vjp(…, 0, …)',
    mutants: [
      vjpMutant('a null upstream counts as some other', (right) => (attrs, upstream, inputs, outputs, wants) => {
        const others = upstreamOf(outputs, 1);
        return right(
          attrs,
          upstream.map((u, k) => u ?? others[k]!),
          inputs,
          outputs,
          wants,
        );
      }),
    ],
    holds(op, example) {
      const inputs = tensorsOf(example, 'float64');
      const outputs = apply(op, example.attrs, inputs);
      const wants = differentiable(example.inputs, inputs);
      const full = upstreamOf(outputs, example.seed);
      const floats = outputs.flatMap((y, k) => (isFloat(y.dtype) ? [k] : []));
      for (const absent of subsets(floats)) {
        const withNull = pull(
          op,
          example.attrs,
          full.map((u, k) => (absent.has(k) ? null : u)),
          inputs,
          outputs,
          wants,
        );
        // Of zeros alone nothing comes.
        const withZeros =
          absent.size === floats.length
            ? inputs.map(() => null)
            : pull(
                op,
                example.attrs,
                full.map((u, k) => (absent.has(k) ? zerosLike(outputs[k]) : u)),
                inputs,
                outputs,
                wants,
              );
        compareGradients(`without upstream ${[...absent].join(', ')}, `, inputs, wants, withNull, withZeros);
      }
    },
  });
}

/** Gradients are returned for what is wanted, and do not depend on what else is. */
export function wantsLaw(context: OpContext): Law<OpDef, OpCase> {
  return opLaw(context, {
    name: 'wants is respected',
    statement:
      'For every subset of the inputs, the gradients of its members are those that asking for all gives, and the others are null.',
    formula: 'vjp(wants)ᵢ = wantsᵢ ? vjp(all)ᵢ : null',
    mutants: [
      vjpMutant(
        'wants is ignored',
        (right) => (attrs, upstream, inputs, outputs) =>
          right(
            attrs,
            upstream,
            inputs,
            outputs,
            inputs.map((x) => isFloat(x.dtype)),
          ),
      ),
      vjpMutant(
        'the upstream is forgotten where one gradient is wanted',
        (right) => (attrs, upstream, inputs, outputs, wants) =>
          right(
            attrs,
            upstream.map((u) => u && (wants.filter((w) => w).length > 1 ? u : onesLike(u))),
            inputs,
            outputs,
            wants,
          ),
      ),
    ],
    holds(op, example) {
      const inputs = tensorsOf(example, 'float64');
      const outputs = apply(op, example.attrs, inputs);
      const able = differentiable(example.inputs, inputs);
      const upstream = upstreamOf(outputs, example.seed);
      const all = pull(op, example.attrs, upstream, inputs, outputs, able);
      // The last, of all, is what the others are compared with.
      for (const wanted of subsets(able.flatMap((w, i) => (w ? [i] : []))).slice(0, -1)) {
        const wants = able.map((_, i) => wanted.has(i));
        const some = pull(op, example.attrs, upstream, inputs, outputs, wants);
        const about = `asked for ${[...wanted].join(', ')}, `;
        some.forEach((gradient, i) => {
          if (!wants[i] && gradient !== null)
            throw new Violation({ what: `${about}gradient of input ${i}`, received: 'a tensor', expected: null });
        });
        compareGradients(about, inputs, wants, some, all);
      }
    },
  });
}

/** All subsets but the empty one, the whole one last; of many members those of the first four. */
function subsets(members: readonly number[]): Set<number>[] {
  return members
    .slice(0, 4)
    .reduce<Set<number>[]>(
      (before, member) => [...before, new Set([member]), ...before.map((subset) => new Set([...subset, member]))],
      [],
    );
}

function compareGradients(
  about: string,
  inputs: readonly Tensor[],
  wants: readonly boolean[],
  received: readonly (Tensor | null)[],
  expected: readonly (Tensor | null)[],
): void {
  inputs.forEach((x, i) => {
    if (!wants[i]) return;
    const none = new Float64Array(x.size);
    expectSame(
      { what: `${about}gradient of input ${i}`, shape: x.shape },
      received[i]?.dataSync() ?? none,
      expected[i]?.dataSync() ?? none,
      'number',
    );
  });
}
