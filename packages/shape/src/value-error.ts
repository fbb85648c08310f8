/**
 * A value inside a tensor that an op refuses: an index that is out of range, a probability above 1. Unlike shapes and
 * options it is known only when the op is computed.
 */
export class ValueError extends RangeError {
  override readonly name: string = 'ValueError';
  readonly op: string;
  readonly reasons: readonly string[];

  constructor(op: string, reason: string) {
    super(`${op}: ${reason}`);
    this.op = op;
    this.reasons = [reason];
  }
}
