import { add, apply, sum } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { failing } from './threads/doomed.laws.js';
import { wasmBackend } from './wasm.js';

const isolated = globalThis.crossOriginIsolated === true;

interface Answer {
  readonly runsOn: string;
  readonly workers: number;
  readonly sum: number;
  readonly warnings: readonly string[];
}

/** What the backend says and computes in a page under a content-security policy. */
async function under(policy: string): Promise<Answer> {
  const frame = document.createElement('iframe');
  const [module, tensor] = ['./wasm.ts', '../../tensor/src/index.ts'].map(
    (file) => new URL(file, import.meta.url).pathname,
  );
  frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="${policy}; default-src 'self'">
    <script type="module" nonce="here">
      import { wasmBackend } from '${module}';
      import { add, sum } from '${tensor}';
      const warnings = [];
      const backend = wasmBackend({ threads: 2, maximumBytes: 2 ** 26, onWarning: (message) => warnings.push(message) });
      const x = backend.tensor(new Float32Array(400_000).fill(1));
      let total = 0;
      for (let i = 0; i < 20; i++) {
        total = sum(add(x, 0)).item();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      parent.postMessage({ runsOn: String(backend), workers: backend.workers, sum: total, warnings });
    </script>`;
  try {
    return await new Promise((resolve) => {
      addEventListener('message', ({ source, data }) => source === frame.contentWindow && resolve(data as Answer));
      document.body.append(frame);
    });
  } finally {
    frame.remove();
  }
}

test('where a policy forbids WebAssembly, all runs in JavaScript, and it says so once', async () => {
  const answer = await under("script-src 'self' 'nonce-here'");
  expect(answer.warnings.length).toBe(1);
  expect(answer.warnings[0]).toMatch(
    /^wasmBackend: WebAssembly may not be compiled here \(.+\); everything runs in plain/,
  );
  expect([answer.runsOn, answer.sum]).toEqual(['reference, plain JavaScript', 400_000]);
});

test('where threads cannot work, as a policy forbids workers or memory is not shared, one does, and it says so once', async () => {
  const answer = await under("script-src 'self' 'nonce-here' 'wasm-unsafe-eval'; worker-src 'none'");
  expect(answer.warnings.length).toBe(1);
  expect(answer.warnings[0]).toMatch(
    isolated
      ? /^wasmBackend: no worker could be started \(it was not loaded, which a policy of the page may forbid\); everything runs on one thread$/
      : /^wasmBackend: memory cannot be shared here, for this page is not cross-origin isolated; everything runs on one thread$/,
  );
  expect([answer.workers, answer.sum]).toEqual([0, 400_000]);
});

test('a worker that dies in a page: an error says so, and the backend goes on with one thread', async ({ skip }) => {
  if (!isolated) skip('without shared memory no worker is started');
  const backend = wasmBackend({ threads: 2, kernels: [failing], maximumBytes: 2 ** 26 });
  const x = backend.tensor(new Float32Array(400_000).fill(1));
  while (backend.workers === 0) {
    add(x, x);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(() => apply(failing.op, {}, [backend.tensor([1])])).toThrow('a worker thread has died');
  expect(backend.workers).toBe(0);
  expect(sum(x).item()).toBe(400_000);
});
