import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Side } from '../ids.js';
import type { Request } from '../worker.js';

/** The program of a side, and its first arguments. */
export function commandOf({ peer, threads, backend }: Side): [string, string[]] {
  const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  // Python is told to leave no compiled copies beside the source.
  if (peer === 'torch') return ['python3', ['-B', file('../../src/peers/torch_peer.py'), String(threads)]];
  return [process.execPath, [file('../worker.js'), peer, String(threads), backend]];
}

interface Answer {
  readonly error?: string;
  readonly engine?: string;
  readonly ms?: number;
  readonly bytes?: number;
  readonly check?: readonly number[];
}

/** A side in a process of its own, which answers one request at a time: a JSON object a line. */
export class Child {
  readonly engine: string;
  private readonly process: ChildProcess;
  private readonly answers: AsyncIterator<Answer>;

  private constructor(process: ChildProcess, answers: AsyncIterator<Answer>, engine: string) {
    this.process = process;
    this.answers = answers;
    this.engine = engine;
  }

  /** Starts it and waits until it has loaded. */
  static async start(side: Side): Promise<Child> {
    const [command, args] = commandOf(side);
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(child);
    child.on('close', () => running.delete(child));
    // Writing to one that has died is noticed where its answer is awaited.
    child.stdin.on('error', () => {});
    const answers = answersOf(child);
    try {
      const { engine } = await next(answers);
      return new Child(child, answers, engine ?? '');
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  async ask(request: Request): Promise<Answer> {
    this.process.stdin!.write(`${JSON.stringify(request)}\n`);
    return next(this.answers);
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const closed = new Promise((done) => this.process.once('close', done));
    this.process.stdin!.end();
    this.process.kill();
    await closed;
  }
}

/** To be ended with this process, however it ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function next(answers: AsyncIterator<Answer>): Promise<Answer> {
  const { value, done } = await answers.next();
  const answer: Answer = done ? { error: 'the process ended without an answer' } : value;
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

/** The lines that are answers; peers print other lines too. The last answer says how the process ended. */
async function* answersOf(child: ChildProcess): AsyncGenerator<Answer> {
  let said = '';
  child.stderr!.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-2000);
  });
  const ended = new Promise<string>((done) => {
    child.on('error', (error) => done(error.message));
    child.on('close', (code, signal) =>
      done(`the process ended with ${signal ?? `exit code ${code}`}: ${said.trim().split('\n').at(-1)}`),
    );
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith('{"')) yield JSON.parse(line) as Answer;
  }
  yield { error: await ended };
}
