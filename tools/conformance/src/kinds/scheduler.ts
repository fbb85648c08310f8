import { rateAt, type Schedule } from '@lemmata/optim';
import type { Args } from '../args.js';
import { judge, judgeRefusal, type Verdict } from '../verdict.js';
import type { Context } from './context.js';

/** What a scheduler changes, from PyTorch's arguments. */
export interface Schedules {
  readonly rate: Schedule;
  /** Where the scheduler of PyTorch changes the momentum too. */
  readonly momentum?: Schedule;
}

/** `lr` is that of the parameter group, `momentum` that of the optimiser. */
export type SchedulerAdapter = (init: Args, lr: number, momentum: number) => Schedules;

/** A schedule: the rate of each parameter group after each number of steps. */
export function runScheduler(context: Context, adapter: SchedulerAdapter): Verdict {
  const { json, init: values, mustRaise } = context.case;
  const make = (lr: number, momentum: number): Schedules => {
    const init = context.args(values);
    const made = adapter(init, lr, momentum);
    if (init.unread.length > 0) throw new Error(`the adapter does not read ${init.unread.join(', ')}`);
    return made;
  };
  if (mustRaise) return judgeRefusal(() => make(0.1, 0.9));

  const { groups, momentum } = json['optimizer'] as { groups: { lr: number }[]; momentum: number };
  const schedules = groups.map(({ lr }) => make(lr, momentum));
  const along = (of: (made: Schedules) => Schedule | undefined): number[] =>
    Array.from({ length: json['steps'] + 1 }, (_, step) =>
      schedules.map((made) => {
        const schedule = of(made);
        return schedule === undefined ? NaN : rateAt(schedule, step);
      }),
    ).flat();
  const deviations = [
    context.compareData(
      'out.lr',
      along(({ rate }) => rate),
    ),
  ];
  if (context.case.tensors.has('out.momentum')) {
    deviations.push(
      context.compareData(
        'out.momentum',
        along(({ momentum }) => momentum),
      ),
    );
  }
  return judge(deviations);
}
