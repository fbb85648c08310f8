import { formatSpec } from './spec.js';
import type { Tensor } from './tensor.js';

/** Along each axis at most this many entries are shown: half from the start, half from the end. */
const EDGE = 3;

/** A tensor as text: its spec, and its elements where they can be read, the middle of long axes left out. */
export function formatTensor(tensor: Tensor): string {
  const head = formatSpec(tensor.spec);
  let data: ArrayLike<number>;
  try {
    data = tensor.dataSync();
  } catch {
    return `Tensor ${head} (${tensor.interpreter.name})`;
  }
  return `Tensor ${head} ${formatAxis(tensor, data, 0, 0, data.length)}`;
}

function formatAxis(tensor: Tensor, data: ArrayLike<number>, axis: number, start: number, size: number): string {
  if (axis === tensor.rank) return formatNumber(data[start], tensor.dtype);
  const length = tensor.shape[axis];
  const stride = length === 0 ? 0 : size / length;
  const one = (i: number): string => formatAxis(tensor, data, axis + 1, start + i * stride, stride);
  const parts: string[] = [];
  for (let i = 0; i < length; i++) {
    if (length > 2 * EDGE && i === EDGE) {
      parts.push('…');
      i = length - EDGE;
    }
    parts.push(one(i));
  }
  const innermost = axis === tensor.rank - 1;
  return innermost ? `[${parts.join(', ')}]` : `[${parts.join(`,\n${' '.repeat(axis + 1)}`)}]`;
}

function formatNumber(value: number, dtype: string): string {
  if (dtype === 'bool') return value ? 'true' : 'false';
  if (Number.isInteger(value) || !Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return String(Number(value.toPrecision(dtype === 'float64' ? 8 : 5)));
}
