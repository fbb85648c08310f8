import type { Adapters } from '../adapter.js';
import { activation } from './activation.js';
import { attention } from './attention.js';
import { average } from './average.js';
import { clip } from './clip.js';
import { conv } from './conv.js';
import { embedding } from './embedding.js';
import { linear } from './linear.js';
import { loss } from './loss.js';
import { norm } from './norm.js';
import { pool } from './pool.js';
import { recurrent } from './recurrent.js';
import { resample } from './resample.js';
import { tensorElementwise } from './tensor-elementwise.js';
import { tensorLinalg } from './tensor-linalg.js';
import { tensorReduce } from './tensor-reduce.js';
import { tensorShape } from './tensor-shape.js';
import { transformer } from './transformer.js';

export { init } from './init.js';
export { optim } from './optim.js';
export { sched } from './sched.js';

/** Functions and modules, by PyTorch's names. */
export const calls: Adapters = {
  ...activation,
  ...attention,
  ...average,
  ...clip,
  ...conv,
  ...embedding,
  ...linear,
  ...loss,
  ...norm,
  ...pool,
  ...recurrent,
  ...resample,
  ...tensorElementwise,
  ...tensorLinalg,
  ...tensorReduce,
  ...tensorShape,
  ...transformer,
};
