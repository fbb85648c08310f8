import type { Asked, Outcome } from '@lemmata/cli';
import { table } from '@lemmata/visualize';
import { judgeSamples, spreadOf, trainJudge } from './judge.js';

/** What samples are found to be worth, and how it is shown. */
type Worth = Required<Pick<Outcome, 'result' | 'goals' | 'figures' | 'facts' | 'sections'>>;

/** Of samples and real images of ten classes with labels, by a judge that learns them first. */
export async function asDigits(
  samples: readonly number[],
  real: readonly number[],
  asked: Asked,
  put: <T>(tree: T) => T,
): Promise<Worth> {
  const judge = await trainJudge(asked, put);
  const { least, confidence, spread, digits } = judgeSamples(judge, samples, real, put);
  return {
    result: { name: 'mean top probability of samples', value: confidence, digits: 4 },
    goals: [
      { name: 'share of the rarest digit among samples', value: least, atLeast: 0.03 },
      { name: 'mean top probability of samples', value: confidence, atLeast: 0.9 },
      { name: 'distance between samples of a digit, of that between real ones', value: spread, atLeast: 0.5 },
    ],
    figures: { least, confidence, spread, shares: digits.map(({ share }) => share), judge: judge.accuracy },
    facts: [
      ['Mean top probability', confidence.toFixed(3)],
      ['Rarest digit', `${(least * 100).toFixed(1)}%`],
      ['Spread within a digit', spread.toFixed(2)],
      ['Judge’s own test accuracy', `${(judge.accuracy * 100).toFixed(2)}%`],
    ],
    sections: [
      {
        title: 'Digits among the samples',
        intro: 'What the judge takes them for, and how sure it is of those; and the distances between them.',
        html: table({
          columns: ['Digit', 'Share', 'Mean top probability', 'Mean distance', 'of real ones'],
          rows: digits.map(({ share, confidence, distance, real }, digit) => [
            String(digit),
            `${(share * 100).toFixed(1)}%`,
            confidence?.toFixed(3) ?? '–',
            distance?.toFixed(2) ?? '–',
            real?.toFixed(2) ?? '–',
          ]),
        }),
      },
    ],
  };
}

/** Of samples and real images of which nothing is known: whether they differ as much. What they show, only an eye can tell. */
export function asImages(samples: readonly number[], real: readonly number[]): Worth {
  const spread = spreadOf(samples, real);
  return {
    result: { name: 'distance between samples, of that between real images', value: spread, digits: 3 },
    goals: [],
    figures: { spread },
    facts: [['Spread of the samples', spread.toFixed(2)]],
    sections: [],
  };
}
