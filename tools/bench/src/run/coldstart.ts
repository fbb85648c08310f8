import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Side } from '../ids.js';
import type { Task } from '../task.js';
import { commandOf } from './child.js';

/** One start to the first convolution, less one start of the bare runtime right before it; milliseconds. */
export async function coldstart(side: Side, task: Task): Promise<number> {
  const torch = side.peer === 'torch';
  const bare: [string, string[]] = torch
    ? ['python3', ['-c', 'print("done")']]
    : [process.execPath, ['-e', 'process.stdout.write("done\\n")']];
  const [command, args] = commandOf(side);
  const full = torch
    ? [...args, JSON.stringify(task)]
    : [
        fileURLToPath(new URL('../first-convolution.js', import.meta.url)),
        side.peer,
        String(side.threads),
        side.backend,
        JSON.stringify(task),
      ];
  const nothing = await untilDone(...bare);
  return (await untilDone(command, full)) - nothing;
}

/** Milliseconds from the start of a process until it says that it is done. */
function untilDone(command: string, args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let wrong = '';
  let at = 0;
  child.stderr.on('data', (chunk) => {
    wrong = (wrong + String(chunk)).slice(-2000);
  });
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
    if (at === 0 && /^done$/m.test(said)) at = performance.now() - start;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => {
      const error = /^error (.*)$/m.exec(said)?.[1] ?? wrong.trim().split('\n').at(-1);
      if (at > 0) done(at);
      else fail(new Error(error || `the process ended with exit code ${code}`));
    });
  });
}
