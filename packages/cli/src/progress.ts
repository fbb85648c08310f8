import { Presets, SingleBar } from 'cli-progress';

/** What is shown of a running training. */
export interface Standing {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Samples per second, and what they are called. */
  readonly rate: number;
  readonly unit: string;
  /** Until the last epoch ends, at the rate so far. */
  readonly secondsLeft: number;
}

export interface Progress {
  step(standing: Standing): void;
  /** The epoch is over, `seconds` after training began. */
  epoch(standing: Standing, seconds: number): void;
  stop(): void;
}

/** A bar on standard error where that is a terminal; one line an epoch on standard output elsewhere. */
export function progress(): Progress {
  return process.stderr.isTTY === true ? bar() : lines();
}

function bar(): Progress {
  const format = 'epoch {epoch}/{epochs} {bar} {percentage}% · {figures} · {rate} {unit}/s · {left} left';
  const preset = process.env['NO_COLOR'] === undefined ? Presets.shades_classic : Presets.legacy;
  let single: SingleBar | null = null;
  return {
    step(s) {
      const shown = {
        epoch: s.epoch + 1,
        epochs: s.epochs,
        figures: figures(s).join(' · '),
        rate: Math.round(s.rate),
        unit: s.unit,
        left: duration(s.secondsLeft),
      };
      if (single === null) {
        single = new SingleBar(
          { format, hideCursor: true, stream: process.stderr, barsize: 20, fps: 10, gracefulExit: false },
          preset,
        );
        single.start(s.steps, s.step, shown);
      } else single.update(s.step, shown);
    },
    epoch() {
      single?.stop();
      single = null;
    },
    stop() {
      single?.stop();
    },
  };
}

function lines(): Progress {
  return {
    step() {},
    epoch(s, seconds) {
      process.stdout.write(
        `epoch ${s.epoch + 1}/${s.epochs}  ${figures(s).join('  ')}  ${Math.round(s.rate)} ${s.unit}/s  ${duration(seconds)}\n`,
      );
    },
    stop() {},
  };
}

/** More metrics than a line holds are left out: the history has them all. */
const MOST = 8;

function figures({ loss, metrics }: Standing): string[] {
  const shown = Object.keys(metrics).length > MOST ? {} : metrics;
  return Object.entries({ loss, ...shown }).map(([name, value]) => `${name} ${value.toFixed(4)}`);
}

/** 75 as '1:15'. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0
    ? `${h}:${String(m).padStart(2, '0')}:${String(s).padStart(2, '0')}`
    : `${m}:${String(s).padStart(2, '0')}`;
}
