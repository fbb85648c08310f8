import { sizeOf } from '@lemmata/shape';
import {
  apply,
  attrsKey,
  createArray,
  packedLayout,
  packedView,
  type Layout,
  type OpDef,
  type TypedArray,
  type View,
} from '@lemmata/tensor';
import type { Law, Mutant } from '../law.js';
import type { OpCase } from '../sample.js';
import { expectSame, Violation } from '../violation.js';
import { canDifferentiate, differentiable, pull, specOf, tensorsOf, upstreamOf } from './calls.js';
import { gather, lay, LAYOUTS } from './layouts.js';
import { results, withReference } from './mutate.js';
import { opLaw, type OpContext } from './op-law.js';

/** Reads its inputs from the wrong place in memory. */
function misreading(name: string, where: (view: View) => Layout): Mutant<OpDef> {
  return {
    name,
    conditional: true,
    plant: (op, bites) =>
      withReference(
        op,
        (attrs, inputs, outputs) => {
          const read = (layouts: readonly Layout[]): TypedArray[] =>
            results(
              op,
              attrs,
              inputs.map((view, i) => {
                const data = createArray(view.dtype, sizeOf(view.shape));
                data.set(gather(view.data, layouts[i]));
                return packedView({ shape: view.shape, dtype: view.dtype }, data);
              }),
            );
          const wrong = read(inputs.map(where));
          if (read(inputs).some((data, k) => data.some((v, i) => !Object.is(v, wrong[k][i])))) bites();
          wrong.forEach((data, k) => outputs[k].data.set(data));
        },
        { strided: true },
      ),
  };
}

export function viewsLaw(context: OpContext): Law<OpDef, OpCase> {
  return opLaw(context, {
    name: 'views give what packed copies give',
    cost: 3,
    statement:
      'Inputs that lie in memory with an offset, with gaps, transposed, flipped or broadcast give the bits that packed copies of them give.',
    formula: 'f(view) = f(copy(view))',
    mutants: [
      misreading('strides are ignored', (view) => ({ ...packedLayout(view.shape), offset: view.offset })),
      misreading('the offset is ignored', (view) => ({ ...view, offset: 0 })),
    ],
    holds(op, example) {
      LAYOUTS.forEach((_, k) => {
        const laid = example.inputs.map((input, i) =>
          lay(LAYOUTS[(k + i) % LAYOUTS.length], specOf(input, 'float64'), input.values, example.seed + i),
        );
        const packed = tensorsOf(
          { ...example, inputs: example.inputs.map((input, i) => ({ ...input, values: laid[i].values })) },
          'float64',
        );
        const names = laid.map((_, i) => LAYOUTS[(k + i) % LAYOUTS.length]).join(', ');
        const received = apply(
          op,
          example.attrs,
          laid.map(({ tensor }) => tensor),
        );
        apply(op, example.attrs, packed).forEach((y, n) => {
          expectSame(
            { what: `output ${n} of inputs that are ${names}`, shape: y.shape, source: 'packed' },
            received[n].dataSync(),
            y.dataSync(),
          );
        });
      });
    },
  });
}

/** The op works on memory of its own. */
export function untouchedLaw(context: OpContext): Law<OpDef, OpCase> {
  return opLaw(context, {
    name: 'inputs are left as they were',
    statement:
      'Computing the op and its gradient changes no bit of the memory of its inputs, and nothing in its attributes.',
    formula: 'memory(x) after = memory(x) before',
    mutants: [
      {
        name: 'the first input is written to',
        conditional: true,
        plant: (op, bites) =>
          withReference(op, (attrs, inputs, outputs) => {
            results(op, attrs, inputs).forEach((data, k) => outputs[k].data.set(data));
            const data = inputs[0]?.data;
            if (data === undefined || data.length === 0) return;
            bites();
            data[0] = data[0] === 0 ? 1 : 0;
          }),
      },
    ],
    holds(op, example) {
      const tensors = tensorsOf(example, 'float64');
      const memories = tensors.map((t) => (t.payload as { storage: { data: TypedArray } }).storage.data);
      const before = memories.map((data) => data.slice());
      const attrs = attrsKey(example.attrs);
      const outputs = apply(op, example.attrs, tensors);
      if (canDifferentiate(op))
        pull(
          op,
          example.attrs,
          upstreamOf(outputs, example.seed),
          tensors,
          outputs,
          differentiable(example.inputs, tensors),
        );
      memories.forEach((data, i) =>
        expectSame({ what: `memory of input ${i}`, shape: [data.length], source: 'before the call' }, data, before[i]),
      );
      if (attrsKey(example.attrs) !== attrs)
        throw new Violation({ what: 'attributes', received: attrsKey(example.attrs), expected: attrs });
    },
  });
}

export function deterministicLaw(context: OpContext): Law<OpDef, OpCase> {
  return opLaw(context, {
    name: 'the same call gives the same bits',
    cost: 3,
    statement: 'Called again with the same inputs, the op and its gradient give the same bits.',
    formula: 'f(x) = f(x)',
    mutants: [
      {
        name: 'results drift from call to call',
        plant(op) {
          let calls = 0;
          return withReference(op, (attrs, inputs, outputs) => {
            calls++;
            results(op, attrs, inputs).forEach((data, k) => outputs[k].data.set(data.map((v) => v + calls)));
          });
        },
      },
    ],
    holds(op, example) {
      const inputs = tensorsOf(example, 'float64');
      const wants = differentiable(example.inputs, inputs);
      const call = (): TypedArray[] => {
        const outputs = apply(op, example.attrs, inputs);
        const gradients = canDifferentiate(op)
          ? pull(op, example.attrs, upstreamOf(outputs, example.seed), inputs, outputs, wants)
          : [];
        return [...outputs, ...gradients].flatMap((t) => (t === null ? [] : [t.dataSync()]));
      };
      const first = call();
      call().forEach((data, k) =>
        expectSame(
          { what: `result ${k} of the second call`, shape: [data.length], source: 'the first call' },
          data,
          first[k],
        ),
      );
    },
  });
}

/** A layout rule says what a copy would. */
export function aliasLaw(context: OpContext): Law<OpDef, OpCase> {
  const realias = (
    name: string,
    change: (moved: Layout, input: Layout, op: OpDef, attrs: unknown) => Layout | null,
  ): Mutant<OpDef> => ({
    name,
    conditional: true,
    plant: (op, bites) => ({
      ...op,
      alias(attrs, input) {
        const moved = op.alias!(attrs, input);
        if (moved === null) return null;
        const wrong = change(moved, input, op, attrs);
        if (sizeOf(moved.shape) > 0 && JSON.stringify(wrong) !== JSON.stringify(moved)) bites();
        return wrong;
      },
    }),
  });
  return opLaw(context, {
    name: 'a view says what a copy would',
    statement: 'Whatever the layout of the input, the layout that the op gives it has the elements of a copy.',
    formula: 'elements(alias(layout)) = f(elements(layout))',
    mutants: [
      realias('the input is taken for packed', (_moved, input, op, attrs) =>
        op.alias!(attrs, packedLayout(input.shape)),
      ),
      realias('the offset is forgotten', (moved) => ({ ...moved, offset: 0 })),
    ],
    holds(op, example) {
      const [input] = example.inputs;
      const spec = specOf(input, 'float64');
      const [outSpec] = op.infer(example.attrs, spec);
      for (const name of LAYOUTS) {
        const laid = lay(name, spec, input.values, example.seed);
        const moved = op.alias!(example.attrs, laid.layout);
        if (moved === null) continue;
        const source = createArray(spec.dtype, laid.values.length);
        source.set(laid.values);
        let expected: ArrayLike<number>;
        if (op.reference !== undefined) {
          const out = createArray(outSpec.dtype, sizeOf(outSpec.shape));
          op.reference(example.attrs, [packedView(spec, source)], [packedView(outSpec, out)]);
          expected = out;
        } else {
          const packed = op.alias!(example.attrs, packedLayout(spec.shape));
          if (packed === null)
            throw new Violation({
              what: 'layout of a packed input, for an op that cannot copy',
              received: null,
              expected: 'a layout',
            });
          expected = gather(source, packed);
        }
        expectSame(
          { what: `view of an input that is ${name}`, shape: moved.shape, source: 'copy' },
          gather(laid.memory, moved),
          expected,
        );
      }
    },
  });
}
