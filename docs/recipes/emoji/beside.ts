import { sideBySide, type Job, type Recipe } from '@lemmata/cli';
import { table } from '@lemmata/visualize';

/** The states of two jobs. */
interface Both {
  readonly network: unknown;
  readonly plain: unknown;
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
      return {
        ...main,
        ...sideBySide({ network: main, plain: other }),
        model: (state) => main.model(state.network),
        async finish(state, training) {
          const outcome = await main.finish(state.network, training);
          // The history's test is the first one's.
          const { result, figures } = await other.finish(state.plain, { ...training, log: () => {} });
          const [learning, ...rest] = outcome.sections;
          const row = (title: string, value: number, parameters: unknown) => [
            title,
            Number(parameters),
            value.toFixed(result.digits),
          ];
          return {
            ...outcome,
            figures: { ...outcome.figures, [second.title]: figures },
            facts: [...outcome.facts, [second.title, `${(result.value * 100).toFixed(2)}%`]],
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
