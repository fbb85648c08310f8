import { parentPort } from 'node:worker_threads';
import { loop } from './roof.js';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort!.postMessage(await loop());
