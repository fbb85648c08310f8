import type { Job, Recipe } from '@lemmata/cli';
import { type Tensor } from '@lemmata/tensor';
import type { Step } from '@lemmata/train';
import { table } from '@lemmata/visualize';

/** Two recipes' states, which learn side by side. */
interface Both {
  readonly first: unknown;
  readonly second: unknown;
}

/**
 * The first recipe with the second one's network beside it: it sees the same batches at the same rates, and its result stands
 * in a table with the first one's. What is saved, and all else that is shown, is the first one's.
 */
export function beside(first: Recipe, second: Recipe): Recipe {
  return {
    ...first,
    async prepare(asked): Promise<Job<Both>> {
      const [main, other] = [await first.prepare(asked), await second.prepare(asked)];
      const step: Step<Both> = (state, ...batch) => {
        const [next, sums] = main.step(state.first, ...batch);
        const [after, others] = other.step(state.second, ...batch);
        return [
          { first: next, second: after },
          { loss: sums.loss, metrics: { ...sums.metrics, ...renamed(others.metrics, second.title) } },
        ];
      };
      return {
        ...main,
        start: () => ({ first: main.start(), second: other.start() }),
        step,
        model: (state) => main.model(state.first),
        async finish(state, training) {
          const outcome = await main.finish(state.first, training);
          const { result, figures } = await other.finish(state.second, { ...training, log: () => {} });
          const row = (title: string, value: number, parameters: unknown) => [
            title,
            Number(parameters),
            value.toFixed(result.digits),
          ];
          const [learning, ...rest] = outcome.sections;
          return {
            ...outcome,
            figures: { ...outcome.figures, [second.title]: figures },
            facts: [...outcome.facts, [second.title, value(result.value)]],
            sections: [
              learning!,
              {
                title: 'Beside a plain network',
                intro: 'Both saw the same images, in the same order, at the same learning rates.',
                html: table({
                  columns: ['Network', 'Parameters', result.name],
                  rows: [
                    row(first.title, outcome.result.value, outcome.figures['parameters']),
                    row(second.title, result.value, figures['parameters']),
                  ],
                }),
              },
              ...rest,
            ],
          };
        },
      };
    },
  };
}

const value = (share: number): string => `${(share * 100).toFixed(2)}%`;

const renamed = (metrics: Readonly<Record<string, Tensor>>, title: string): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(metrics).map(([name, sum]) => [`${name}, ${title.toLowerCase()}`, sum]));
