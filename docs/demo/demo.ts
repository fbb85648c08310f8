import { asDrawing } from '@lemmata/cli/drawing';
import { featureMaps } from '@lemmata/cli/recipe/sections';
import { loader } from '@lemmata/data';
import { softmax } from '@lemmata/layers-activation';
import { crossEntropy } from '@lemmata/losses';
import { key } from '@lemmata/tensor';
import { accuracy, columnTensor, decodeModel, evaluate, placed } from '@lemmata/train';
import { trainInWorker, type Progress, type WorkerTraining } from '@lemmata/train/worker';
import { barChart, imageGrid, lineChart } from '@lemmata/visualize';
import { backend, digits, EPOCHS, INPUT, model, transform } from './digits.js';
import { drawingPad } from './pad.js';

const SEED = 0;
/** Milliseconds between two drawings of the curve. */
const PACE = 250;

/**
 * Makes `root` a place in which LeNet-5 learns digits, in a worker, and is then asked about drawings.
 *
 * @param folder The address of the folder with the files of digits, with a slash at its end.
 */
export function showDemo(root: HTMLElement, folder: string): void {
  const part = (name: string): HTMLElement => root.querySelector<HTMLElement>(`.${name}`)!;
  root.innerHTML = `
    <div class="row"><button class="train">Train</button> <span class="said" role="status"></span></div>
    <div class="curve"></div>
    <div class="ask">
      <div class="paper"><div class="pad"></div><button class="clear">Clear</button></div>
      <div class="answer"></div>
    </div>
    <div class="maps"></div>`;
  const button = part('train') as HTMLButtonElement;
  const say = (text: string): void => void (part('said').textContent = text);
  const { params, state } = model.init(key(SEED), INPUT);
  let learnt = placed({ params, state }, backend);

  const answer = (): void => {
    const drawing = asDrawing(pad.image(), 20);
    const [answered, maps] = drawing === null ? ['', ''] : inside(drawing, learnt);
    part('answer').innerHTML = answered;
    part('maps').innerHTML = maps;
  };
  const pad = drawingPad(part('pad'), answer);
  part('clear').addEventListener('click', () => pad.clear());

  const worker = new Worker(new URL('./digits.worker.ts', import.meta.url), { type: 'module' });
  let training: WorkerTraining | null = null;
  button.addEventListener('click', async () => {
    if (training !== null) {
      training.stop();
      return;
    }
    button.textContent = 'Stop';
    say('fetching digits …');
    const curve = learningCurve(part('curve'));
    let [began, images] = [Number.NaN, 0];
    try {
      training = trainInWorker(
        worker,
        { folder, seed: SEED },
        {
          onProgress(progress) {
            const { epoch, step, steps, loss, size } = progress;
            if (Number.isNaN(began)) began = performance.now();
            images = (epoch * steps + step) * size;
            const speed = (images / (performance.now() - began)) * 1000;
            if (progress.kind === 'step')
              say(
                `epoch ${epoch + 1} of ${EPOCHS} · step ${step} of ${steps} · loss ${loss.toFixed(3)}` +
                  (Number.isFinite(speed) ? ` · ${Math.round(speed).toLocaleString('en')} images/s` : ''),
              );
            curve.add(progress);
          },
        },
      );
      const { weights } = await training.result;
      curve.draw();
      const seconds = (performance.now() - began) / 1000;
      say('testing …');
      learnt = placed(decodeModel(weights, learnt), backend);
      answer();
      const test = loader(await digits(folder, 't10k'), { batchSize: 100, shuffle: false, transform });
      const { metrics } = await evaluate({
        model,
        ...learnt,
        loss: crossEntropy,
        batches: test,
        metrics: { accuracy },
      });
      const right = (100 * metrics['accuracy']!).toFixed(1);
      say(
        `${right}% of digits it has never seen are told right, after ${seconds.toFixed(1)} s of training. Now draw one.`,
      );
    } catch (error) {
      say(`this failed: ${(error as Error).message}`);
    }
    training = null;
    button.textContent = 'Train again';
  });
}

/** What the network makes of a drawing: probabilities, and the maps of its layers. */
function inside(drawing: Uint8Array, { params, state }: { params: any; state: any }): [answer: string, maps: string] {
  const { image } = transform({ image: { data: drawing, shape: [1, ...INPUT] } });
  const x = placed(columnTensor(image), backend);
  const [logits] = model.apply(params, state, x, { train: false });
  const values = Array.from(softmax(logits, 1).dataSync());
  const best = values.indexOf(Math.max(...values));
  const bars = barChart({
    title: `It says ${best}`,
    labels: values.map((_, digit) => String(digit)),
    values,
    format: 'percent',
    highlight: [best],
  });
  const seen = imageGrid({
    images: drawing,
    shape: [1, 1, 28, 28],
    normalise: [0, 255],
    scale: 3,
    title: 'What it reads',
  });
  const grids = featureMaps(model, params, state, x).map(({ name, map }) => {
    const [, c, h, w] = map.shape as [number, number, number, number];
    const images = map.dataSync();
    return imageGrid({
      images,
      shape: [c, 1, h, w],
      // What does not answer is black.
      normalise: [0, Math.max(...images) || 1],
      scale: Math.floor(56 / w),
      columns: 8,
      title: `${name}: ${c}×${h}×${w}`,
    });
  });
  return [bars, seen + grids.join('')];
}

/** The loss, step by step, drawn now and then. */
function learningCurve(place: HTMLElement): { add(progress: Progress): void; draw(): void } {
  const [x, y]: number[][] = [[], []];
  let drawn = 0;
  const draw = (): void => {
    drawn = performance.now();
    place.innerHTML = lineChart({
      title: 'Loss',
      xLabel: 'step',
      series: [{ name: 'loss', x: x!, y: y! }],
      logY: true,
      smooth: 0.9,
      height: 240,
    });
  };
  return {
    draw,
    add({ kind, epoch, step, steps, loss }) {
      if (kind !== 'step') return;
      x!.push(epoch * steps + step);
      y!.push(loss);
      if (performance.now() - drawn > PACE) draw();
    },
  };
}
