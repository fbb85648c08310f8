import type { Workload } from '../workload.js';
import { bn } from './bn.js';
import { bundle } from './bundle.js';
import { coldstart } from './coldstart.js';
import { compileTime, replay } from './compiled.js';
import { conv1x28, conv64x16, conv64x56, depthwise } from './conv.js';
import { eagerOp } from './eager-op.js';
import { add4m, relu4m, softmaxRows } from './elementwise.js';
import { gemm1024, gemm512 } from './gemm.js';
import { growth } from './growth.js';
import { maxpool } from './maxpool.js';
import { memory } from './memory.js';
import { lenetStep, lstmStep, resnet18Inference, resnet20Step, unetStep, vitStep } from './networks.js';

/** In the order in which they run and are shown. */
export const workloads: readonly Workload[] = [
  gemm512,
  gemm1024,
  conv64x16,
  conv64x56,
  conv1x28,
  depthwise,
  bn,
  maxpool,
  relu4m,
  add4m,
  softmaxRows,
  lenetStep,
  resnet20Step,
  lstmStep,
  vitStep,
  unetStep,
  resnet18Inference,
  coldstart,
  bundle,
  memory,
  replay,
  eagerOp,
  compileTime,
  growth,
];

/** The workloads with their parts, as `--only` names them. */
export const allParts: readonly { readonly workload: Workload; readonly part: string; readonly name: string }[] =
  workloads.flatMap((workload) =>
    (workload.parts ?? ['']).map((part) => ({
      workload,
      part,
      name: part === '' ? workload.id : `${workload.id}:${part}`,
    })),
  );
