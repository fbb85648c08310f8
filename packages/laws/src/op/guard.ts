import type { View } from '@lemmata/tensor';
import { Violation } from '../violation.js';

/** The view with memory that throws where it is read or written out of range; typed arrays alone stay silent. */
export function guarded(view: View, op: string, role: string): View {
  const target = view.data;
  const check = (key: string | symbol, verb: string): void => {
    if (typeof key !== 'string' || !/^-?\d+$|^NaN$|\d\.\d/.test(key)) return;
    const index = Number(key);
    if (!(index >= 0 && index < target.length && Number.isInteger(index))) {
      throw new Violation({
        what: `${op}: element that is ${verb} in an ${role}`,
        received: key,
        expected: `0 to ${target.length - 1}`,
      });
    }
  };
  const data = new Proxy(target, {
    get(array, key) {
      check(key, 'read');
      const value: unknown = Reflect.get(array, key, array);
      return typeof value === 'function' ? value.bind(array) : value;
    },
    set(array, key, value) {
      check(key, 'written');
      return Reflect.set(array, key, value, array);
    },
  });
  return { ...view, data };
}
