import { divide, type Figures } from './figures.js';
import type { PeerId } from './ids.js';

/** What the library sets itself, on a quiet machine. */
export interface Target {
  readonly work: string;
  readonly unit: '%' | '×' | 'ms' | 'µs' | 'KiB';
  /** Whether the figure is to be at most or at least the numbers below. */
  readonly atMost: boolean;
  readonly must?: number;
  readonly aim?: number;
  /** Undefined where this run did not measure it. */
  value(figures: Figures): number | undefined;
}

const JAVASCRIPT: readonly PeerId[] = ['tfjs-wasm', 'jax', 'ort-web'];

type Limits = Pick<Target, 'must' | 'aim'>;

const percent = (share: number | undefined): number | undefined => (share === undefined ? undefined : 100 * share);

const ofRoof = (name: string, limits: Limits): Target => ({
  work: `${name}, one thread, of the roof`,
  unit: '%',
  atMost: false,
  ...limits,
  value: (f) => percent(f.roofShare(name, 1)),
});
const speedUp = (name: string): Target => ({
  work: `${name}, two threads over one`,
  unit: '×',
  atMost: false,
  must: 1.7,
  aim: 1.9,
  value: (f) => divide(f.value(name, 'lemmata', 1), f.value(name, 'lemmata', 2)),
});
const ofTorch = (name: string, threads: number, limits: Limits): Target => ({
  work: `${name}, ${threads === 1 ? 'one thread' : 'two threads'}, ÷ PyTorch`,
  unit: '×',
  atMost: true,
  ...limits,
  value: (f) => f.ratio(name, 'torch', threads),
});
const ofTfjs = (name: string, limits: Limits): Target => ({
  work: `${name}, one thread, ÷ tfjs-wasm`,
  unit: '×',
  atMost: true,
  ...limits,
  value: (f) => f.ratio(name, 'tfjs-wasm', 1),
});
/** Of those that complete it as they are shipped. */
const ofJavaScript = (name: string, limits: Limits): Target => ({
  work: `${name}, one thread, ÷ fastest in JavaScript`,
  unit: '×',
  atMost: true,
  ...limits,
  value(f) {
    const theirs = JAVASCRIPT.flatMap((peer) => f.value(name, peer, 1) ?? []);
    return theirs.length === 0 ? undefined : divide(f.value(name, 'lemmata', 1), Math.min(...theirs));
  },
});
const own = (name: string, work: string, unit: Target['unit'], scale: number, limits: Limits): Target => ({
  work,
  unit,
  atMost: true,
  ...limits,
  value(f) {
    const value = f.value(name, 'lemmata', 1);
    return value === undefined ? undefined : value * scale;
  },
});

const convolutions = ['conv64x16', 'conv64x56'];

export const targets: readonly Target[] = [
  ...['gemm512', 'gemm1024'].map((name) => ofRoof(name, { must: 80, aim: 92 })),
  ...['gemm512', 'gemm1024', 'resnet20'].map(speedUp),
  ...convolutions.flatMap((name) => [
    ofRoof(`${name}:forward`, { must: 70 }),
    ofRoof(`${name}:input`, { must: 65 }),
    ofRoof(`${name}:weight`, { must: 60 }),
  ]),
  ...convolutions.flatMap((name) =>
    ['forward', 'input', 'weight'].flatMap((part) => [
      ofRoof(`${name}:${part}-winograd`, { must: 150 }),
      ofTorch(`${name}:${part}-winograd`, 1, { aim: 1 }),
    ]),
  ),
  ...['bn', 'maxpool'].map((name) => ofTorch(name, 1, { must: 1, aim: 0.5 })),
  ...['relu4m', 'add4m', 'softmax'].map((name) => ofTorch(name, 1, { must: 1.15, aim: 1 })),
  ...[1, 2].map((threads) => ofTorch('lenet', threads, { must: 0.7, aim: 0.4 })),
  ...[1, 2].map((threads) => ofTorch('resnet20', threads, { must: 1.6, aim: 1 })),
  ...['lstm', 'vit', 'unet'].map((name) => ofTorch(name, 1, { must: 2.2, aim: 1 })),
  ofTfjs('resnet18-infer', { must: 0.8 }),
  ofTorch('resnet18-infer', 1, { aim: 1 }),
  ...['lenet', 'resnet20'].map((name) => ofJavaScript(name, { must: 0.1 })),
  // None of them completes the step of the vision transformer.
  ...['lstm', 'unet'].map((name) => ofJavaScript(name, { must: 0.2 })),
  own('coldstart', 'start to first convolution, over bare Node', 'ms', 1, { must: 200, aim: 80 }),
  own('bundle', 'bundle for matrix product, convolution, gradient', 'KiB', 1 / 1024, { must: 70, aim: 40 }),
  ofTorch('memory:resnet20', 1, { must: 1, aim: 0.5 }),
  own('replay:resnet20', 'a line of a compiled ResNet-20 step, empty kernels', 'µs', 1000, {
    must: 0.2,
    aim: 0.1,
  }),
  own('eager-op', 'an eager operation on a small tensor', 'µs', 1000, { must: 1 }),
  own('compile-time:resnet20', 'compiling a ResNet-20 step', 'ms', 1, { must: 300 }),
];

export type Verdict = 'aim' | 'must' | 'missed' | 'not measured';

export function judge(target: Target, value: number | undefined): Verdict {
  if (value === undefined) return 'not measured';
  const holds = (limit: number | undefined): boolean =>
    limit !== undefined && (target.atMost ? value <= limit : value >= limit);
  if (holds(target.aim)) return 'aim';
  // One without a floor is only ever aimed at.
  return holds(target.must) || target.must === undefined ? 'must' : 'missed';
}
