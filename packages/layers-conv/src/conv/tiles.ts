/*
 * The sums of the trilinear form over one group: x are padded planes, w is filters × taps, y is filters × windows.
 * A tile of 2 × 4 sums stays in registers while the loop inside runs: seven loads for eight multiply-adds.
 * A tile that would overhang repeats the last row or column instead, which computes and stores the same value twice.
 */

/** y[o, j] = Σ over k of w[o, k] · x[windows[j] + taps[k]], for the first `count` windows. */
export function dotTaps(
  filters: number,
  windows: Int32Array,
  count: number,
  taps: Int32Array,
  x: Float64Array,
  w: Float64Array,
  y: Float64Array,
): void {
  const depth = taps.length;
  for (let o = 0; o < filters; o += 2) {
    const upper = o * depth;
    const lower = Math.min(o + 1, filters - 1) * depth;
    const out0 = o * windows.length;
    const out1 = Math.min(o + 1, filters - 1) * windows.length;
    for (let j = 0; j < count; j += 4) {
      const j1 = Math.min(j + 1, count - 1);
      const j2 = Math.min(j + 2, count - 1);
      const j3 = Math.min(j + 3, count - 1);
      const w0 = windows[j];
      const w1 = windows[j1];
      const w2 = windows[j2];
      const w3 = windows[j3];
      let s00 = 0,
        s01 = 0,
        s02 = 0,
        s03 = 0;
      let s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0;
      for (let k = 0; k < depth; k++) {
        const tap = taps[k];
        const u = w[upper + k];
        const v = w[lower + k];
        const x0 = x[w0 + tap];
        const x1 = x[w1 + tap];
        const x2 = x[w2 + tap];
        const x3 = x[w3 + tap];
        s00 += u * x0;
        s01 += u * x1;
        s02 += u * x2;
        s03 += u * x3;
        s10 += v * x0;
        s11 += v * x1;
        s12 += v * x2;
        s13 += v * x3;
      }
      y[out0 + j] = s00;
      y[out0 + j1] = s01;
      y[out0 + j2] = s02;
      y[out0 + j3] = s03;
      y[out1 + j] = s10;
      y[out1 + j1] = s11;
      y[out1 + j2] = s12;
      y[out1 + j3] = s13;
    }
  }
}

/** w[o, k] += Σ over the first `count` windows j of y[o, j] · x[windows[j] + taps[k]]. */
export function dotWindows(
  filters: number,
  windows: Int32Array,
  count: number,
  taps: Int32Array,
  x: Float64Array,
  w: Float64Array,
  y: Float64Array,
): void {
  const depth = taps.length;
  for (let o = 0; o < filters; o += 2) {
    const upper = o * windows.length;
    const lower = Math.min(o + 1, filters - 1) * windows.length;
    const out0 = o * depth;
    const out1 = Math.min(o + 1, filters - 1) * depth;
    for (let k = 0; k < depth; k += 4) {
      const k1 = Math.min(k + 1, depth - 1);
      const k2 = Math.min(k + 2, depth - 1);
      const k3 = Math.min(k + 3, depth - 1);
      const t0 = taps[k];
      const t1 = taps[k1];
      const t2 = taps[k2];
      const t3 = taps[k3];
      let s00 = w[out0 + k];
      let s01 = w[out0 + k1];
      let s02 = w[out0 + k2];
      let s03 = w[out0 + k3];
      let s10 = w[out1 + k];
      let s11 = w[out1 + k1];
      let s12 = w[out1 + k2];
      let s13 = w[out1 + k3];
      for (let j = 0; j < count; j++) {
        const window = windows[j];
        const u = y[upper + j];
        const v = y[lower + j];
        const x0 = x[window + t0];
        const x1 = x[window + t1];
        const x2 = x[window + t2];
        const x3 = x[window + t3];
        s00 += u * x0;
        s01 += u * x1;
        s02 += u * x2;
        s03 += u * x3;
        s10 += v * x0;
        s11 += v * x1;
        s12 += v * x2;
        s13 += v * x3;
      }
      w[out0 + k] = s00;
      w[out0 + k1] = s01;
      w[out0 + k2] = s02;
      w[out0 + k3] = s03;
      w[out1 + k] = s10;
      w[out1 + k1] = s11;
      w[out1 + k2] = s12;
      w[out1 + k3] = s13;
    }
  }
}

/** x[windows[j] + taps[k]] += Σ over o of w[o, k] · y[o, j], for the first `count` windows j and all taps k. */
export function addTaps(
  filters: number,
  windows: Int32Array,
  count: number,
  taps: Int32Array,
  x: Float64Array,
  w: Float64Array,
  y: Float64Array,
): void {
  const depth = taps.length;
  const pitch = windows.length;
  for (let k = 0; k < depth; k += 2) {
    const k1 = Math.min(k + 1, depth - 1);
    const t0 = taps[k];
    const t1 = taps[k1];
    for (let j = 0; j < count; j += 4) {
      const j1 = Math.min(j + 1, count - 1);
      const j2 = Math.min(j + 2, count - 1);
      const j3 = Math.min(j + 3, count - 1);
      let s00 = 0,
        s01 = 0,
        s02 = 0,
        s03 = 0;
      let s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0;
      for (let o = 0, weight = 0, out = 0; o < filters; o++, weight += depth, out += pitch) {
        const u = w[weight + k];
        const v = w[weight + k1];
        const y0 = y[out + j];
        const y1 = y[out + j1];
        const y2 = y[out + j2];
        const y3 = y[out + j3];
        s00 += u * y0;
        s01 += u * y1;
        s02 += u * y2;
        s03 += u * y3;
        s10 += v * y0;
        s11 += v * y1;
        s12 += v * y2;
        s13 += v * y3;
      }
      // Sums of a tile may meet in one element, so that none may be added twice.
      x[windows[j] + t0] += s00;
      if (j + 1 < count) x[windows[j1] + t0] += s01;
      if (j + 2 < count) x[windows[j2] + t0] += s02;
      if (j + 3 < count) x[windows[j3] + t0] += s03;
      if (k + 1 === depth) continue;
      x[windows[j] + t1] += s10;
      if (j + 1 < count) x[windows[j1] + t1] += s11;
      if (j + 2 < count) x[windows[j2] + t1] += s12;
      if (j + 3 < count) x[windows[j3] + t1] += s13;
    }
  }
}
