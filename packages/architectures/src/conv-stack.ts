import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { batchNormLayer } from '@lemmata/layers-norm';
import { kaimingNormal, type Layer, sequential, zeros } from '@lemmata/nn';

/** 3×3 convolutions that keep the size, each with ReLU and maybe batch norm in between: `conv1`, `bn1`, `relu1`, `conv2` …. */
export function convStack(channels: readonly number[], batchNorm: boolean): Layer {
  return sequential(
    Object.fromEntries(
      channels.flatMap((outChannels, i): [string, Layer][] => [
        [
          `conv${i + 1}`,
          conv2dLayer({
            outChannels,
            kernelSize: 3,
            padding: 1,
            init: kaimingNormal(),
            ...(batchNorm ? { bias: false } : { biasInit: zeros }),
          }),
        ],
        ...(batchNorm ? [[`bn${i + 1}`, batchNormLayer()] as [string, Layer]] : []),
        [`relu${i + 1}`, reluLayer()],
      ]),
    ),
  );
}
