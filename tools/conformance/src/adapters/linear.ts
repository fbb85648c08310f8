import { linear as linearMap, linearLayer } from '@lemmata/layers-linear';
import type { Adapters } from '../adapter.js';
import { given } from '../args.js';
import { applyLayer } from './layer.js';

export const linear: Adapters = {
  linear: ({ args }) => linearMap(args.tensor('input'), args.tensor('weight'), args.tensorOrNull('bias')),
  'nn.Linear': (call) => {
    const layer = linearLayer(given({ outFeatures: call.init.number('out_features')!, bias: call.init.flag('bias') }));
    const between = call.args.tensor('input').shape.slice(1, -1);
    return applyLayer(call, layer, [...between, call.init.number('in_features')!]);
  },
};
