import { lineChart, type Series } from '@lemmata/visualize';
import { Figures } from './figures.js';
import type { PeerId } from './ids.js';
import { GROWTH, growthInput } from './workloads/growth.js';
import type { Run } from './page.js';

export interface Growth {
  /** Milliseconds of a step over its pixels, both axes linear. */
  readonly svg: string;
  /** Nanoseconds a pixel, of the smallest and of the largest input: linear cost keeps them alike. */
  readonly sentences: readonly string[];
}

const NAMES = { batch: 'more images', side: 'larger images' } as const;
const PEERS: readonly PeerId[] = ['lemmata', 'torch'];

/** How the cost of a step grows with its input, of the first run that measured it on one thread; null if none did. */
export function growthPlot(runs: readonly Run[]): Growth | null {
  for (const { measurements } of runs) {
    const figures = new Figures(measurements);
    const series: Series[] = [];
    const sentences: string[] = [];
    for (const peer of PEERS) {
      for (const axis of ['batch', 'side'] as const) {
        const points = GROWTH[axis].flatMap((size) => {
          const part = `${axis}-${size}`;
          const ms = figures.value(`growth:${part}`, peer, 1);
          const [images, , height, width] = growthInput(part) as [number, number, number, number];
          return ms === undefined ? [] : [{ pixels: images * height * width, ms }];
        });
        if (points.length < 2) continue;
        const name = `${peer}, ${NAMES[axis]}`;
        series.push({ name, x: points.map(({ pixels }) => pixels / 1000), y: points.map(({ ms }) => ms) });
        const each = [points[0]!, points.at(-1)!].map(({ pixels, ms }) => Math.round((1e6 * ms) / pixels));
        sentences.push(
          `${name}: ${each[0]} ns a pixel at ${points[0]!.pixels} pixels, ${each[1]} ns at ${points.at(-1)!.pixels}`,
        );
      }
    }
    if (series.length === 0) continue;
    const svg = lineChart({
      title: 'A ResNet-20 step over its input, one thread',
      xLabel: 'thousand pixels in a batch',
      yLabel: 'ms',
      series,
    });
    return { svg, sentences };
  }
  return null;
}
