import { finiteExtent } from './number.js';
import { checkInteger, checkOptions } from './options.js';
import { CHARACTER, heading, label, phoneFont, rule, shorten, svgDocument, wrap } from './svg.js';
import { element } from './xml.js';

/** One layer of a stack along one axis: a convolution or a pool. */
export interface StackLayer {
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Zeros added at each end. Default 0. */
  readonly padding?: number;
  /** Default `layer 1`, `layer 2`, … */
  readonly name?: string;
}

export interface ReceptiveFieldOptions {
  /** Above the picture. Default: none. */
  readonly title?: string;
  /** From the input upwards. L equal layers: `Array.from({ length: L }, () => ({ kernel: 3 }))`. */
  readonly layers: readonly StackLayer[];
  /** Number of input cells. Default: enough for three outputs. */
  readonly input?: number;
  /** Which output to follow. Default: the middle one. */
  readonly output?: number;
}

/** Room for text is kept for a picture of full width, where it is largest. */
const PHONE = phoneFont(640);

/**
 * Input cells that output `output` of a stack reads, found by following indices down: position o reads
 * o·stride − padding + k·dilation for k in 0 … kernel − 1 (https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html).
 * `reached[0]` is the input, the last entry the output alone; positions outside 0 … `sizes[l]` − 1 are padding.
 * @throws RangeError for options out of range, and where the input is shorter than a kernel.
 */
export function followStack(
  layers: readonly StackLayer[],
  input?: number,
  output?: number,
): { sizes: number[]; reached: number[][]; output: number } {
  layers.forEach(checkLayer);
  const length = input ?? inputFor(layers, 3);
  checkInteger('receptiveFieldSvg', 'input', length, 1);
  const sizes = [length];
  layers.forEach(({ kernel, stride = 1, dilation = 1, padding = 0 }, l) => {
    const below = sizes[l];
    const room = below + 2 * padding - dilation * (kernel - 1) - 1;
    if (room < 0) {
      throw new RangeError(
        `receptiveFieldSvg: layer ${l + 1} spans ${dilation * (kernel - 1) + 1} cells, its input has ${below} + 2·${padding}; use a longer input or a smaller kernel`,
      );
    }
    sizes.push(Math.floor(room / stride) + 1);
  });
  const top = sizes.at(-1)!;
  const followed = output ?? Math.floor((top - 1) / 2);
  if (!Number.isInteger(followed) || followed < 0 || followed >= top) {
    throw new RangeError(`receptiveFieldSvg: output is ${followed}, expected an integer from 0 to ${top - 1}`);
  }
  const reached: number[][] = [[followed]];
  for (let l = layers.length - 1; l >= 0; l--) {
    const size = sizes[l + 1];
    const inside = reached[0].filter((i) => isInside(i, size));
    const cells = new Set(inside.flatMap((o) => readBy(layers[l], o)));
    reached.unshift([...cells].sort((a, b) => a - b));
  }
  return { sizes, reached, output: followed };
}

const isInside = (i: number, size: number): boolean => i >= 0 && i < size;

const readBy = ({ kernel, stride = 1, dilation = 1, padding = 0 }: StackLayer, o: number): number[] =>
  Array.from({ length: kernel }, (_, k) => o * stride - padding + k * dilation);

function checkLayer(layer: StackLayer, l: number): void {
  checkOptions(`receptiveFieldSvg, layer ${l + 1}`, layer, ['kernel', 'stride', 'dilation', 'padding', 'name']);
  checkInteger('receptiveFieldSvg', `kernel of layer ${l + 1}`, layer.kernel, 1);
  checkInteger('receptiveFieldSvg', `stride of layer ${l + 1}`, layer.stride ?? 1, 1);
  checkInteger('receptiveFieldSvg', `dilation of layer ${l + 1}`, layer.dilation ?? 1, 1);
  checkInteger('receptiveFieldSvg', `padding of layer ${l + 1}`, layer.padding ?? 0, 0);
}

/** The least input length that gives `outputs` outputs. */
function inputFor(layers: readonly StackLayer[], outputs: number): number {
  return layers.reduceRight(
    (above, { kernel, stride = 1, dilation = 1, padding = 0 }) =>
      Math.max(1, (above - 1) * stride + dilation * (kernel - 1) + 1 - 2 * padding),
    outputs,
  );
}

/**
 * A stack of 1-D layers as rows of cells, input beneath, as an SVG document: one output, the cells it reads in each layer and
 * the connections between them. Padding that is read is dashed; the number of input cells between the outermost ones read
 * is the receptive field.
 * @throws TypeError for unknown options; RangeError for options out of range, and where the input is shorter than a kernel.
 */
export function receptiveFieldSvg(options: ReceptiveFieldOptions): string {
  checkOptions('receptiveFieldSvg', options, ['title', 'layers', 'input', 'output']);
  const { title = '', layers } = options;
  const { sizes, reached, output } = followStack(layers, options.input, options.output);
  const padded = reached.map((cells, l) => cells.filter((i) => !isInside(i, sizes[l])));
  const rows = sizes.map((size, l) => [...padded[l], ...Array.from({ length: size }, (_, i) => i)]);
  // In units of input cells: a cell of a higher row stands over the middle of what it reads.
  const unit = (l: number, i: number): number =>
    layers
      .slice(0, l)
      .reduceRight(
        (x, { kernel, stride = 1, dilation = 1, padding = 0 }) => x * stride - padding + (dilation * (kernel - 1)) / 2,
        i,
      );
  const places = rows.flatMap((row, l) => row.map((i) => unit(l, i)));
  const [first, last] = finiteExtent(places).extent!;
  const across = last - first + 1;
  const cell = Math.max(6, Math.min(30, Math.floor(470 / across)));
  const names = ['input', ...layers.map(({ name }, l) => shorten(name ?? `layer ${l + 1}`, 16))];
  const left = 20 + Math.max(...names.map((t) => [...t].length)) * PHONE * CHARACTER;
  const rowGap = 74;
  const titleLines = wrap(title, 46);
  const top = 16 + titleLines.length * 26;
  const rowY = (l: number): number => top + (sizes.length - 1 - l) * rowGap;
  const centreOf = (l: number, i: number): number => left + (unit(l, i) - first + 0.5) * cell;
  const body = heading(titleLines);
  layers.forEach((layer, l) => {
    for (const o of reached[l + 1].filter((i) => isInside(i, sizes[l + 1]))) {
      for (const i of readBy(layer, o)) {
        body.push(rule(centreOf(l + 1, o), rowY(l + 1) + cell, centreOf(l, i), rowY(l), 'var(--lm-0)', 1));
      }
    }
  });
  sizes.forEach((size, l) => {
    const hit = new Set(reached[l]);
    body.push(
      label(left - 12, rowY(l) + cell / 2, names[l], {
        'text-anchor': 'end',
        dy: '0.35em',
        class: 'lm-muted',
      }),
    );
    for (const i of rows[l]) {
      const paint = !isInside(i, size)
        ? 'fill:none;stroke:var(--lm-0);stroke-width:1;stroke-dasharray:3 2'
        : hit.has(i)
          ? 'fill:var(--lm-0)'
          : 'fill:var(--lm-soft);stroke:var(--lm-line);stroke-width:1';
      const inset = cell > 12 ? 2 : 0.5;
      body.push(
        element('rect', {
          x: centreOf(l, i) - cell / 2 + inset,
          y: rowY(l),
          width: cell - 2 * inset,
          height: cell,
          rx: cell > 12 ? 3 : 1,
          style: paint,
        }),
      );
    }
  });
  const cells = reached[0];
  const words = describeField(cells);
  const y = rowY(0) + cell + 12;
  const right = left + across * cell;
  let middle = (left + right) / 2;
  if (cells.length > 0) {
    const [x1, x2] = [centreOf(0, cells[0]) - cell / 2 + 2, centreOf(0, cells.at(-1)!) + cell / 2 - 2];
    const bracket = `M${x1.toFixed(1)},${y - 5}v5H${x2.toFixed(1)}v-5`;
    body.push(element('path', { d: bracket, style: 'fill:none;stroke:var(--lm-ink);stroke-width:1.5' }));
    middle = (x1 + x2) / 2;
  }
  const room = words.length * PHONE * CHARACTER + 28;
  const whole = Math.max(right + 16, room);
  const anchor = Math.min(Math.max(middle, room / 2), whole - room / 2);
  body.push(label(anchor, y + 26, words, { 'text-anchor': 'middle' }));
  return svgDocument(
    { width: whole, height: y + 40, label: `${title || 'Receptive field'}: output ${output}, ${words}` },
    ...body,
  );
}

function describeField(cells: readonly number[]): string {
  if (cells.length === 0) return 'reads padding only';
  const field = cells.at(-1)! - cells[0] + 1;
  const holes = field - cells.length;
  return `receptive field ${field}${holes > 0 ? ` (${cells.length} cells read, ${holes} skipped)` : ''}`;
}
