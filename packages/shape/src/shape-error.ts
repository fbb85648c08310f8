import { formatShape, type Shape } from './shape.js';

/** One broken rule. */
export interface ShapeReason {
  /** The rule, with the numbers put in. */
  readonly rule: string;
  readonly received?: unknown;
  /** A value, or a phrase that describes the values accepted. */
  readonly expected?: unknown;
  /** What to change. */
  readonly hint?: string;
  /** The axis concerned, counted from 0 in the shape that the op was given. */
  readonly axis?: number;
}

/** Shapes or sizes that an op refuses. The message lists every reason, then the full shapes. */
export class ShapeError extends Error {
  override readonly name: string = 'ShapeError';
  readonly op: string;
  readonly reasons: readonly ShapeReason[];
  readonly shapes: Readonly<Record<string, Shape>> | undefined;

  constructor(op: string, reasons: readonly ShapeReason[], shapes?: Readonly<Record<string, Shape>>) {
    super(formatMessage(op, reasons, shapes));
    this.op = op;
    this.reasons = [...reasons];
    this.shapes = shapes;
  }
}

function formatMessage(op: string, reasons: readonly ShapeReason[], shapes?: Readonly<Record<string, Shape>>): string {
  const lines =
    reasons.length === 1
      ? [`${op}: ${formatReason(reasons[0]!)}`]
      : [`${op}: ${reasons.length} problems`, ...reasons.map((reason, i) => `  ${i + 1}. ${formatReason(reason)}`)];
  const named = Object.entries(shapes ?? {}).map(([name, shape]) => `${name} ${formatShape(shape)}`);
  if (named.length > 0) lines.push(`  shapes: ${named.join(', ')}`);
  return lines.join('\n');
}

function formatReason({ rule, received, expected, hint, axis }: ShapeReason): string {
  const facts: string[] = [];
  if (axis !== undefined) facts.push(`axis ${axis}`);
  if (received !== undefined) facts.push(`received ${formatValue(received)}`);
  if (expected !== undefined) facts.push(`expected ${typeof expected === 'string' ? expected : formatValue(expected)}`);
  return `${rule}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}.${hint === undefined ? '' : ` ${hint}.`}`;
}

/** Any value, as short readable text. */
export function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return Object.is(value, -0) ? '-0' : String(value);
}
