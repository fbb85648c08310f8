import { OptionError } from '@lemmata/shape';
import {
  add,
  cast,
  formatSpec,
  isFloat,
  isTensor,
  mul,
  neg,
  sameSpec,
  sub,
  tensor,
  type Tensor,
} from '@lemmata/tensor';
import { flatten, leaves, map, toRecord, unflatten, type TreeDef } from '@lemmata/tree';
import { bySlot, byParameter, type Memory } from './memory.js';
import { flag, settle, type Option, type Options, type Scheduled, type Settled } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import type { Schedule } from './schedule.js';

/** What every optimiser of this package can be told. */
export interface CommonOptions {
  /** η: a number, or a function of the step. Each optimiser says its default. */
  readonly learningRate?: number | Schedule;
  /** λ ≥ 0. Added to the gradient as λθ (an L2 penalty), unless the optimiser says otherwise. Default 0, of AdamW 0.01. */
  readonly weightDecay?: number;
  /** Climb instead of descend. Default false. */
  readonly maximize?: boolean;
}

/** Other options for the parameters whose path (such as `conv1.bias`) is matched. The first group that matches holds. */
export type Group<O> = { readonly match: (path: string) => boolean } & Partial<Omit<O, 'groups'>>;

/** Where training stands: float64 scalars, the same for all parameters of a group. */
export interface Clock {
  readonly rate: Tensor;
  /** Number of this step, from 1. */
  readonly t: Tensor;
  /** An option as it stands in this step: a schedule's value is a float64 scalar. */
  now(option: Scheduled): number | Tensor;
}

export type UpdateOne = (gradient: Tensor, memory: Memory, parameter: Tensor) => [parameter: Tensor, memory: Memory];

/** How one parameter is updated; its options are settled. */
export interface Rule {
  start(parameter: Tensor): Memory;
  /** Scalars are computed once, here, and then used for all parameters of the group. */
  at(clock: Clock): UpdateOne;
  /** Weight decay as θ ← θ − ηλθ before the update, instead of through the gradient. */
  readonly decoupled?: boolean;
}

interface Definition<T extends Options> {
  readonly name: string;
  readonly options: T & { readonly learningRate: Option<any, Schedule>; readonly weightDecay: Option<number> };
  /** What is wrong with options together. */
  readonly check?: (settled: Settled<T>) => readonly string[];
  readonly rule: (settled: Settled<T>) => Rule;
}

interface SettledGroup {
  readonly rule: Rule;
  readonly schedule: Schedule;
  readonly weightDecay: number;
  readonly maximize: boolean;
}

/** An optimiser from the rule for one parameter: groups, weight decay and state are dealt with here. */
export function perParameter<T extends Options>(
  definition: Definition<T>,
  given: object & { readonly groups?: readonly Group<any>[] | undefined },
): Optimizer<OptimizerState> {
  const { name } = definition;
  const { groups = [], ...base } = given;
  const others = settleGroup(definition, base, '');
  const special = groups.map(({ match, ...own }, i) => {
    if (typeof match !== 'function')
      throw new OptionError(name, [`groups[${i}] needs a function match: (path) => boolean`]);
    return { match, group: settleGroup(definition, { ...base, ...own }, `groups[${i}]: `) };
  });
  const groupOf = (path: string): SettledGroup => special.find(({ match }) => match(path))?.group ?? others;

  return {
    init(params) {
      const { leaves: parameters, paths, def } = parametersOf(name, params);
      const used = paths.map(groupOf);
      const idle = special.flatMap(({ group }, i) =>
        used.includes(group) ? [] : [`groups[${i}] holds for none of the parameters ${paths.join(', ')}`],
      );
      if (idle.length > 0) throw new OptionError(name, idle);
      const started = parameters.map((parameter, i) => used[i]!.rule.start(parameter));
      const names = [...new Set(started.flatMap((memory) => Object.keys(memory)))];
      return { step: tensor(0, { dtype: 'int32' }), memory: bySlot(started, names, def) };
    },
    update(grads, { step, memory }, params) {
      const { leaves: parameters, paths, def } = parametersOf(name, params);
      const gradients = leaves(
        map((_: unknown, gradient: unknown) => gradient, params as never, grads as never),
      ) as unknown as Tensor[];
      const memoryAt = byParameter(memory);
      const t = add(cast(step, 'float64'), 1);
      const updates = new Map<SettledGroup, UpdateOne>();
      const next = parameters.map((parameter, i) => {
        const path = paths[i]!;
        checkGradient(name, path, gradients[i]!, parameter);
        const group = groupOf(path);
        let update = updates.get(group);
        if (update === undefined) updates.set(group, (update = updateAt(group, clockOf(group, step, t))));
        const remembered = memoryAt(path);
        checkMemory(name, path, remembered, group.rule.start(parameter));
        return update(gradients[i]!, remembered, parameter);
      });
      const moved = next.map(([parameter]) => parameter);
      const kept = next.map(([, memory]) => memory);
      // In the order in which they came: a state of another structure would be compiled for anew.
      return [
        unflatten(def, moved) as typeof params,
        { step: add(step, 1), memory: bySlot(kept, Object.keys(memory), def) },
      ];
    },
  };
}

function settleGroup<T extends Options>(
  { name, options, check, rule }: Definition<T>,
  given: object,
  place: string,
): SettledGroup {
  const settled = settle(name, { ...options, maximize: flag(false) }, given, place);
  const reasons = check?.(settled as unknown as Settled<T>) ?? [];
  if (reasons.length > 0)
    throw new OptionError(
      name,
      reasons.map((reason) => `${place}${reason}`),
    );
  const {
    learningRate: schedule,
    weightDecay,
    maximize,
  } = settled as { learningRate: Schedule; weightDecay: number; maximize: boolean };
  return { rule: rule(settled as unknown as Settled<T>), schedule, weightDecay, maximize };
}

function clockOf({ schedule }: SettledGroup, step: Tensor, t: Tensor): Clock {
  return { rate: schedule(step), t, now: (option) => (typeof option === 'function' ? option(step) : option) };
}

/** The rule of a group with the sign of the gradient and weight decay around it. */
function updateAt({ rule, weightDecay, maximize }: SettledGroup, clock: Clock): UpdateOne {
  const update = rule.at(clock);
  const kept = rule.decoupled && weightDecay !== 0 ? sub(1, mul(clock.rate, weightDecay)) : null;
  return (gradient, memory, parameter) => {
    const uphill = maximize ? neg(gradient) : gradient;
    if (kept !== null) return update(uphill, memory, times(parameter, kept));
    return update(weightDecay === 0 ? uphill : add(uphill, mul(parameter, weightDecay)), memory, parameter);
  };
}

/** x · factor, for a number or a float64 scalar: rounded to the dtype of x first, as a number is. */
export function times(x: Tensor, factor: number | Tensor): Tensor {
  return mul(x, typeof factor === 'number' ? factor : cast(factor, x.dtype));
}

interface Parameters {
  readonly leaves: readonly Tensor[];
  readonly paths: readonly string[];
  readonly def: TreeDef;
}

/** The parameters taken apart, if each is a floating-point tensor under a path of its own. */
function parametersOf(op: string, params: unknown): Parameters {
  for (const [path, leaf] of Object.entries(toRecord(params) as Record<string, unknown>)) {
    if (isTensor(leaf) && isFloat(leaf.dtype)) continue;
    const received = isTensor(leaf) ? formatSpec(leaf.spec) : typeof leaf;
    throw new TypeError(
      `${op}: parameter ${path} must be a floating-point tensor, received ${received}; keep it out of the parameters (partition)`,
    );
  }
  return flatten(params) as unknown as Parameters;
}

/** `like` is what the memory of this parameter starts with. */
function checkMemory(op: string, path: string, memory: Memory, like: Memory): void {
  const missing = Object.keys(like).filter((slot) => !(slot in memory));
  if (missing.length > 0)
    throw new TypeError(
      `${op}: the state has no ${missing.join(', ')} for ${path}; begin with init, with the same options`,
    );
  for (const [slot, { spec }] of Object.entries(like)) {
    if (sameSpec(memory[slot]!.spec, spec)) continue;
    throw new TypeError(
      `${op}: ${slot} of ${path} must be ${formatSpec(spec)}, received ${formatSpec(memory[slot]!.spec)}; the state is of other parameters: begin with init`,
    );
  }
}

function checkGradient(op: string, path: string, gradient: Tensor, parameter: Tensor): void {
  if (isTensor(gradient) && sameSpec(gradient.spec, parameter.spec)) return;
  const received = isTensor(gradient) ? formatSpec(gradient.spec) : typeof gradient;
  throw new TypeError(
    `${op}: the gradient of ${path} must be ${formatSpec(parameter.spec)} like the parameter, received ${received}`,
  );
}
