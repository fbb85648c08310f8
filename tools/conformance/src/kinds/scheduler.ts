import { type Plateau, rateAt, type Schedule } from '@lemmata/optim';
import type { Args } from '../args.js';
import type { Deviation } from '../compare.js';
import { judge, judgeRefusal, type Verdict } from '../verdict.js';
import type { Context } from './context.js';

/** What a scheduler changes, from PyTorch's arguments. */
export type Schedules =
  | {
      readonly rate: Schedule;
      /** Where the scheduler of PyTorch changes the momentum too. */
      readonly momentum?: Schedule;
    }
  | { readonly plateau: Plateau };

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
  const count = json['steps'] + 1;
  const along = (name: string, of: (made: Schedules) => number[]): Deviation | null => {
    const columns = schedules.map(of);
    return context.compareData(
      name,
      Array.from({ length: count }, (_, step) => columns.map((column) => column[step]!)).flat(),
    );
  };
  const valuesOf = (schedule: Schedule | undefined): number[] =>
    Array.from({ length: count }, (_, step) => (schedule === undefined ? NaN : rateAt(schedule, step)));
  const deviations = [
    along('out.lr', (made) => ('plateau' in made ? ratesOf(made.plateau, context) : valuesOf(made.rate))),
  ];
  if (context.case.tensors.has('out.momentum'))
    deviations.push(along('out.momentum', (made) => valuesOf('plateau' in made ? undefined : made.momentum)));
  return judge(deviations);
}

/** The rate at first, and after each measurement. */
function ratesOf(plateau: Plateau, context: Context): number[] {
  let state = plateau.init();
  return [
    state.rate,
    ...Array.from(context.entry('in.metrics').data, (measure) => (state = plateau.update(state, measure)).rate),
  ];
}
