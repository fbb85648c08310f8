import { type Field, type FieldItem, receptiveField, type Shape } from '@lemmata/shape';
import type { Layer } from './layer.js';

/** Of a layer: for each spatial axis what slides along it; null where positions are lost. */
export type Windows = readonly (readonly FieldItem[])[] | null;

/** Nothing has slid yet: an input [C, ...spatial]. */
export function noWindows(inputShape: Shape): Windows {
  return inputShape.slice(1).map(() => []);
}

/** Of a layer without layers inside. */
export function windowsOf(layer: Layer, inputShape: Shape, outputShape: Shape): Windows {
  if (inputShape.length < 2) return null;
  if (layer.window !== undefined) {
    const windows = layer.window(inputShape);
    return windows && windows.map((window) => [window]);
  }
  const stays =
    outputShape.length === inputShape.length && outputShape.every((n, axis) => axis === 0 || n === inputShape[axis]);
  return stays ? inputShape.slice(1).map(() => []) : null;
}

/** One behind the other. */
export function behind(first: Windows, second: Windows): Windows {
  return first && second && first.map((items, axis) => [...items, ...second[axis]!]);
}

/** Side by side. Branches that step differently have no common place in the input. */
export function beside(branches: readonly Windows[], rank: number): Windows {
  if (branches.includes(null)) return null;
  const joined = Array.from({ length: rank }, (_, axis) => branches.map((windows) => windows![axis]!));
  const steps = joined.map((axis) => new Set(axis.map((items) => receptiveField(items).jump)).size);
  return steps.some((n) => n > 1) ? null : joined.map((axis) => [{ branches: axis }]);
}

export function fieldsOf(windows: Windows): readonly Field[] | null {
  return (
    windows &&
    windows.map((items) => {
      const { size, jump, start } = receptiveField(items);
      return { size, jump, start };
    })
  );
}
