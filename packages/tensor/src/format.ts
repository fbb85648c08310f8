import { formatSpec } from './spec.js';
import type { Tensor } from './tensor.js';

/** Of a long axis this many entries are shown from the start, and as many from the end. */
const EDGE = 3;

/**
 * A tensor as text: its spec, and its elements where they can be read, the middle of long axes left out. Inside a gradient
 * or a trace, and for memory that is free, the spec and why there is no more.
 */
export function formatTensor(tensor: Tensor): string {
  const head = `Tensor ${formatSpec(tensor.spec)}`;
  let data: ArrayLike<number>;
  try {
    data = tensor.dataSync();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    return `${head} (${tensor.interpreter.name}: ${reason})`;
  }
  return `${head}${tensor.rank > 1 ? '\n' : ' '}${formatAxis(tensor, data, 0, 0, data.length)}`;
}

function formatAxis(tensor: Tensor, data: ArrayLike<number>, axis: number, start: number, size: number): string {
  if (axis === tensor.rank) return formatNumber(data[start], tensor.dtype);
  const length = tensor.shape[axis];
  const stride = length === 0 ? 0 : size / length;
  const elided = length > 2 * EDGE + 1;
  const parts: string[] = [];
  for (let i = 0; i < length; i++) {
    if (elided && i === EDGE) {
      parts.push('…');
      i = length - EDGE;
    }
    parts.push(formatAxis(tensor, data, axis + 1, start + i * stride, stride));
  }
  const innermost = axis === tensor.rank - 1;
  return `[${parts.join(innermost ? ', ' : `,\n${' '.repeat(axis + 1)}`)}]`;
}

function formatNumber(value: number, dtype: string): string {
  if (dtype === 'bool') return value ? 'true' : 'false';
  if (Number.isInteger(value) || !Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return String(Number(value.toPrecision(dtype === 'float64' ? 8 : 5)));
}
