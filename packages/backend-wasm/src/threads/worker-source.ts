/**
 * What a worker runs, in Node and in browsers: loads the modules that the first thread publishes, and serves lists of
 * commands. It is text so that no bundler has to be told of a second file, and needs no module of this package.
 */
export const WORKER_SOURCE: string = `'use strict';
const serve = ({ memory, control, offsets, thread, scratch, replay, native, foreign }) => {
  const word = (name) => (control + offsets[name]) >> 2;
  let words = new Int32Array(memory.buffer);
  const fail = (error) => {
    Atomics.store(words, word('dead'), 1);
    Atomics.notify(words, word('passed'));
    throw error;
  };
  try {
    const table = new WebAssembly.Table({ initial: 0, element: 'anyfunc' });
    const env = { memory, table, scratch: new WebAssembly.Global({ value: 'i32' }, scratch) };
    for (const name of native) env[name] = Math[name];
    for (const name of foreign) env[name] = () => { throw new Error(name + ' is not known to workers'); };
    const load = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports;
    const threads = load(replay);
    let loaded = 0;
    let next = (control + offsets.first) >> 2;
    Atomics.add(words, word('ready'), 1);
    for (;;) {
      threads.serve(control, thread, loaded);
      if (Atomics.load(words, word('dead')) !== 0) return;
      // The memory may have grown; growing it by nothing renews the buffer.
      memory.grow(0);
      words = new Int32Array(memory.buffer);
      for (const published = Atomics.load(words, word('modules')); loaded < published; loaded++) {
        const at = words[next] >>> 2;
        const [, length, count] = words.subarray(at, at + 3);
        const exports = load(new Uint8Array(memory.buffer, 4 * (at + 3), length).slice());
        const first = table.grow(count);
        for (let i = 0; i < count; i++) table.set(first + i, exports[i]);
        next = at;
      }
    }
  } catch (error) {
    fail(error);
  }
};
if (typeof require === 'function') {
  const { workerData } = require('node:worker_threads');
  if (workerData.flags !== '') require('node:v8').setFlagsFromString(workerData.flags);
  serve(workerData);
} else onmessage = ({ data }) => serve(data);
`;
