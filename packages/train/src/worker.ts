import { unknownOptions } from '@lemmata/shape';
import { TrainingError, type Cursor, type LoopEvent } from './loop.js';
import { encodeModel } from './checkpoint.js';

/** How training stands: an event of the loop without its state. */
export type Progress = Omit<LoopEvent<never>, 'state'>;

/** What a training in a worker ends with. */
export interface Trained {
  /** Parameters and state of the model, as a safetensors file: see `decodeModel`. */
  readonly weights: Uint8Array;
  /** Where it ended. */
  readonly cursor: Cursor;
  /** Whether `stop` ended it. */
  readonly stopped: boolean;
}

/** A training that runs in a worker. */
export interface WorkerTraining {
  /** Rejects with what made the training fail; a `TrainingError` says in its message at which step, op and parameter. */
  readonly result: Promise<Trained>;
  /** Ends it after the step that runs now; `result` has what was learnt. */
  stop(): void;
}

export interface WorkerTrainingOptions {
  /**
   * Called with every epoch, and with the latest step: a step that ends while the page has not come to the one before is passed over, so that
   * quick steps do not flood the page. Default: nobody is told.
   */
  readonly onProgress?: (progress: Progress) => void;
}

/** What both ends of a channel to a worker have: a `Worker` in the page, `self` in the worker, a `MessagePort`. */
export interface Channel {
  postMessage(message: unknown, transfer: any[]): void;
  addEventListener(type: 'message' | 'error' | 'messageerror', listener: (event: any) => void): void;
  removeEventListener(type: 'message' | 'error' | 'messageerror', listener: (event: any) => void): void;
}

type Message<M> = M & {
  /** Of the training: a page may ask for another before it has seen the end of one. */
  readonly id: number;
};
type ToWorker = Message<{ readonly kind: 'start'; readonly request: unknown } | { readonly kind: 'stop' | 'seen' }>;
type ToPage = Message<
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly trained: Trained }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string; readonly at?: Cursor | undefined }
>;

let trainings = 0;

/** A training in a worker failed there; `name` is that of the error there. */
export class WorkerTrainingError extends Error {
  override readonly name: string;
  /** Of a `TrainingError`, the epoch and the step that were refused. */
  readonly at: Cursor | undefined;

  constructor(name: string, message: string, at?: Cursor) {
    super(message);
    this.name = name;
    this.at = at;
  }
}

/**
 * Trains in a worker, in which {@link serveTraining} waits: the page's main thread computes nothing and copies nothing, it is told. The
 * weights are transferred at the end. One training at a time in a worker; when it has ended the worker can take another.
 *
 * @param request what the worker's function is given: anything that can be sent to a worker.
 * @throws OptionError for an unknown option.
 * @example
 * const worker = new Worker(new URL('./digits.worker.js', import.meta.url), { type: 'module' });
 * const training = trainInWorker(worker, { epochs: 3 }, { onProgress: ({ loss }) => show(loss) });
 * const { weights } = await training.result;
 */
export function trainInWorker(worker: Channel, request: unknown, options: WorkerTrainingOptions = {}): WorkerTraining {
  unknownOptions('trainInWorker', options, ['onProgress']);
  const { onProgress } = options;
  const id = ++trainings;
  const send = (message: ToWorker): void => worker.postMessage(message, []);
  // Before anything listens: a request that cannot be sent leaves nothing behind.
  send({ kind: 'start', id, request });
  const result = new Promise<Trained>((resolve, reject) => {
    const end = (settle: () => void): void => {
      worker.removeEventListener('message', onMessage);
      worker.removeEventListener('error', onError);
      worker.removeEventListener('messageerror', onError);
      settle();
    };
    const onMessage = ({ data }: { readonly data: ToPage }): void => {
      if (data.id !== id) return;
      if (data.kind === 'done') end(() => resolve(data.trained));
      else if (data.kind === 'failed') end(() => reject(new WorkerTrainingError(data.name, data.message, data.at)));
      else {
        send({ kind: 'seen', id });
        onProgress?.(data.progress);
      }
    };
    const onError = ({ message }: { readonly message?: string }): void =>
      end(() =>
        reject(
          new WorkerTrainingError(
            'Error',
            `the worker failed: ${message ?? 'it could not be loaded, or what it sent not be read'}`,
          ),
        ),
      );
    worker.addEventListener('message', onMessage);
    worker.addEventListener('error', onError);
    worker.addEventListener('messageerror', onError);
  });
  return { result, stop: () => send({ kind: 'stop', id }) };
}

/**
 * In a worker: waits for requests of {@link trainInWorker}, and answers each with the training that `train` makes of it. What `train` gives is
 * the iterator of `train` or `loop`, whose state has `params` and `state`.
 *
 * @param channel default: the worker's own.
 * @example
 * // digits.worker.ts
 * serveTraining(async ({ epochs }: { epochs: number }) =>
 *   train({ model, loss: crossEntropy, optimizer, batches: await digits(), epochs, seed: 1 }));
 */
export function serveTraining<R>(
  train: (request: R) => Training | Promise<Training>,
  channel: Channel = globalThis as unknown as Channel,
): void {
  let running: Outbox | null = null;
  channel.addEventListener('message', ({ data }: { readonly data: ToWorker }) => {
    const { id } = data;
    if (data.kind === 'start') {
      const outbox = new Outbox(channel, id);
      if (running !== null) {
        outbox.fail(
          new Error('a training runs in this worker already; stop it and wait for its result, or make another worker'),
        );
        return;
      }
      running = outbox;
      void answer(() => train(data.request as R), outbox).finally(() => (running = null));
    } else if (running?.id === id) {
      if (data.kind === 'stop') running.stopped = true;
      else running.seen();
    }
  });
}

/** Events of a training whose state holds a model. */
export type Training = AsyncIterable<LoopEvent<{ readonly params: unknown; readonly state: unknown }>>;

async function answer(train: () => Training | Promise<Training>, outbox: Outbox): Promise<void> {
  try {
    let last: Parameters<typeof encodeModel>[0] | undefined;
    let cursor: Cursor | undefined;
    for await (const { state, ...progress } of await train()) {
      [last, cursor] = [state, progress.cursor];
      outbox.report(progress);
      if (outbox.stopped) break;
    }
    if (last === undefined) throw new Error('the training ended before its first step, and there is no model');
    outbox.done(encodeModel(last), cursor!);
  } catch (error) {
    outbox.fail(error);
  }
}

/** What goes from the worker to the page: at most one message of progress that the page has not seen. */
class Outbox {
  readonly id: number;
  stopped = false;
  private readonly channel: Channel;
  /** Epochs, and behind them at most one step. */
  private waiting: Progress[] = [];
  private unseen = false;

  constructor(channel: Channel, id: number) {
    this.channel = channel;
    this.id = id;
  }

  report(progress: Progress): void {
    if (this.waiting.at(-1)?.kind === 'step') this.waiting.pop();
    this.waiting.push(progress);
    if (!this.unseen) this.seen();
  }

  seen(): void {
    const progress = this.waiting.shift();
    this.unseen = progress !== undefined;
    if (progress !== undefined) this.send({ kind: 'progress', id: this.id, progress });
  }

  done(weights: Uint8Array, cursor: Cursor): void {
    for (const progress of this.waiting) this.send({ kind: 'progress', id: this.id, progress });
    this.send({ kind: 'done', id: this.id, trained: { weights, cursor, stopped: this.stopped } }, [weights.buffer]);
  }

  fail(error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const at = error instanceof TrainingError ? { epoch: error.epoch, step: error.step } : undefined;
    this.send({ kind: 'failed', id: this.id, name, message, at });
  }

  private send(message: ToPage, transfer: readonly ArrayBufferLike[] = []): void {
    this.channel.postMessage(message, [...transfer]);
  }
}
