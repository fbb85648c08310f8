import { bilinear, initBilinear, linear as linearMap, linearLayer } from '@lemmata/layers-linear';
import { key } from '@lemmata/tensor';
import type { Adapters } from '../adapter.js';
import { given } from '../args.js';
import { applyLayer, filled } from './layer.js';

export const linear: Adapters = {
  linear: ({ args }) => linearMap(args.tensor('input'), args.tensor('weight'), args.tensorOrNull('bias')),
  'nn.Linear': (call) => {
    const layer = linearLayer(given({ outFeatures: call.init.number('out_features')!, bias: call.init.flag('bias') }));
    const between = call.args.tensor('input').shape.slice(1, -1);
    return applyLayer(call, layer, [...between, call.init.number('in_features')!]);
  },
  bilinear: ({ args }) =>
    bilinear(args.tensor('input1'), args.tensor('input2'), args.tensor('weight'), args.tensorOrNull('bias')),
  'nn.Bilinear': ({ init, args, params }) => {
    const drawn = initBilinear(key(0), {
      outFeatures: init.number('out_features')!,
      in1Features: init.number('in1_features')!,
      in2Features: init.number('in2_features')!,
      bias: init.flag('bias'),
    });
    const [x1, x2] = [args.tensor('input1'), args.tensor('input2')];
    const { weight, bias } = filled('parameter', { ...drawn }, params, x1);
    return bilinear(x1, x2, weight!, bias);
  },
};
