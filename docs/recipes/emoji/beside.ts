import { type Asked, type Outcome, type Recipe, type Training } from '@lemmata/cli';
import { compiledStep, loop } from '@lemmata/train';
import { table } from '@lemmata/visualize';

/** A recipe whose report shows what a second one comes to in as many epochs: that is trained when the first one has ended. */
export function beside(first: Recipe, second: Recipe): Recipe {
  return {
    ...first,
    async prepare(asked) {
      const main = await first.prepare(asked);
      return {
        ...main,
        async finish(state, training) {
          const outcome = await main.finish(state, training);
          const other = await trained(second, asked, training);
          const row = (title: string, { result, figures }: Outcome) => [
            title,
            Number(figures['parameters']),
            result.value.toFixed(result.digits),
          ];
          const [learning, ...rest] = outcome.sections;
          return {
            ...outcome,
            figures: { ...outcome.figures, [second.title]: other.figures },
            facts: [...outcome.facts, [second.title, `${(other.result.value * 100).toFixed(2)}%`]],
            sections: [
              learning!,
              {
                title: `Beside a ${second.title.toLowerCase()}`,
                intro: 'Both saw the same images, changed in the same ways, in the same order.',
                html: table({
                  columns: ['Network', 'Parameters', other.result.name],
                  rows: [row(first.title, outcome), row(second.title, other)],
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

/** A recipe from start to end within another one's run. */
async function trained(recipe: Recipe, asked: Asked, training: Training): Promise<Outcome> {
  const { start, step, batches, columns, finish } = await recipe.prepare(asked);
  let last = training.put(start());
  const events = loop({
    step: compiledStep(step),
    state: last,
    batches,
    epochs: asked.epochs,
    ...(columns === undefined ? {} : { columns }),
  });
  for await (const { state } of events) last = state;
  // The lines of the history are the first one's.
  return finish(last, { ...training, log: () => {} });
}
