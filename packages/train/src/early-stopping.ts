import { OptionError, unknownOptions } from '@lemmata/shape';
import { isTensor, tensor } from '@lemmata/tensor';
import { map } from '@lemmata/tree';

export interface EarlyStoppingOptions {
  /** Whether less or more of the measure is better. Default 'min'. */
  readonly mode?: 'min' | 'max';
  /** Measurements without progress that are borne; one more, and it says stop. 0: the first one says so. Default 10. */
  readonly patience?: number;
  /** A measure is progress if it beats the last one that was by more than this, in the measure's own unit. Default 0: by anything. */
  readonly minDelta?: number;
}

/** What is remembered between measurements. */
export interface EarlyStoppingState<T> {
  /** The best measurement so far, with a copy of the state that was measured; null as long as all measures were NaN. */
  readonly best: {
    readonly measure: number;
    readonly state: T;
    /** Its number, from 0. */
    readonly index: number;
  } | null;
  /** The last measure that was progress. */
  readonly progress: number | null;
  /** Measurements since then. */
  readonly waited: number;
  /** Measurements so far. */
  readonly count: number;
  /** Patience is at its end. */
  readonly stop: boolean;
}

export interface EarlyStopping {
  init<T>(): EarlyStoppingState<T>;
  /** After one more measurement of a state, a tree whose tensors are copied if it is the best so far. */
  update<T>(memory: EarlyStoppingState<T>, measure: number, state: T): EarlyStoppingState<T>;
}

/**
 * Says when a measure, such as the loss on held-out data, has stopped getting better, and keeps the best state. That is there from
 * the first measurement on: also where the epochs end before patience does.
 *
 * Of equal measures the first is the best. `minDelta` is about progress alone: the best is the best by however little, and many
 * small steps are progress once they add up. NaN is neither best nor progress; ±∞ are numbers like any other.
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 *
 * Source: Prechelt 1998, "Early stopping – but when?", https://doi.org/10.1007/3-540-49430-8_3
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  unknownOptions('earlyStopping', options, ['mode', 'patience', 'minDelta']);
  const { mode = 'min', patience = 10, minDelta = 0 } = options;
  const reasons: string[] = [];
  if (mode !== 'min' && mode !== 'max') reasons.push(`mode must be 'min' or 'max', received '${String(mode)}'`);
  if (!Number.isSafeInteger(patience) || patience < 0)
    reasons.push(`patience must be a whole number of at least 0, received ${String(patience)}`);
  if (!(Number.isFinite(minDelta) && minDelta >= 0))
    reasons.push(`minDelta must be a finite number of at least 0, received ${String(minDelta)}`);
  if (reasons.length > 0) throw new OptionError('earlyStopping', reasons);

  const beats = (measure: number, other: number | undefined | null, by: number): boolean => {
    if (Number.isNaN(measure)) return false;
    if (other === undefined || other === null) return true;
    return mode === 'min' ? measure < other - by : measure > other + by;
  };
  return {
    init: () => ({ best: null, progress: null, waited: 0, count: 0, stop: false }),
    update({ best, progress, waited, count }, measure, state) {
      const moved = beats(measure, progress, minDelta);
      const since = moved ? 0 : waited + 1;
      return {
        best: beats(measure, best?.measure, 0) ? { measure, state: copied(state), index: count } : best,
        progress: moved ? measure : progress,
        waited: since,
        count: count + 1,
        stop: since > patience,
      };
    },
  };
}

/** Training takes the memory of its states over: what is kept needs its own. */
function copied<T>(state: T): T {
  return map(
    (leaf: unknown) => (isTensor(leaf) ? tensor(leaf.dataSync(), { shape: leaf.shape, dtype: leaf.dtype }) : leaf),
    state as never,
  ) as T;
}
