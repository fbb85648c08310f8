import type { Sides } from './padding.js';
import { judge, type Problems } from './problems.js';
import type { ShapeReason } from './shape-error.js';
import { at } from './window.js';

/**
 * What lies around an input, if not a constant: its elements
 * - `'reflect'`: mirrored at the first and the last, which are not repeated: c b | a b c | b a;
 * - `'replicate'`: the first and the last repeated: a a | a b c | c c;
 * - `'circular'`: from the other end: b c | a b c | a b.
 */
export type Border = 'reflect' | 'replicate' | 'circular';

export const BORDERS: readonly Border[] = ['reflect', 'replicate', 'circular'];

/**
 * Refuses more elements around `size` of them than a border has to give: `'reflect'` fewer than `size` on each side,
 * `'circular'` at most as many as are left. A negative width takes elements away, but never all of them.
 *
 * @throws ShapeError with every reason found.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 */
export function checkBorder(
  op: string | Problems,
  border: Border,
  size: number,
  [before, after]: Sides,
  axis?: number,
): void {
  judge(op, (problems) => {
    if (before === 0 && after === 0) return;
    const widest = Math.max(before, after);
    const left = size + Math.min(before, 0) + Math.min(after, 0);
    const refuse = (reason: ShapeReason): void => problems.add({ ...reason, ...at(axis) });
    if (size + before + after < 1 || size < 1) {
      refuse({
        rule: `${border} padding of [${before}, ${after}] leaves nothing of ${size} elements`,
        received: size + before + after,
      });
    } else if (border === 'reflect' && widest >= size) {
      refuse({
        rule: `reflect padding must be below the ${size} elements that it mirrors`,
        received: [before, after],
        hint: "Use less padding, or 'replicate'",
      });
    } else if (border === 'circular' && widest > left) {
      refuse({
        rule: `circular padding must be at most the ${left} elements that it repeats`,
        received: [before, after],
      });
    }
  });
}
