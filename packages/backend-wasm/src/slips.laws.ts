import { type Code, f32, f32x4, f64, f64x2, type FunctionBuilder, type Value } from './assembler/index.js';
import type { KernelCode, Target } from './code.js';

/** Instructions on floats that a slip of the pen exchanges. */
const EXCHANGED = [
  ['add', 'sub'],
  ['mul', 'div'],
  ['min', 'max'],
  ['eq', 'ne'],
  ['lt', 'gt'],
  ['le', 'ge'],
] as const;
const FAMILIES = { f32, f64, f32x4, f64x2 };

type Binary = (a: Value, b: Value) => Value;

/** What stands behind the operands, in bytes. */
function opcodeOf(family: keyof typeof FAMILIES, name: string): readonly Code[] {
  const nothing: Value = { type: family === 'f32' || family === 'f64' ? family : 'v128', code: [] };
  const instruction = (FAMILIES[family] as unknown as Readonly<Record<string, Binary>>)[name];
  return (instruction(nothing, nothing).code as readonly Code[]).slice(2);
}

/** By the bytes of an instruction: its name, and what is written in its place. */
const SLIPS = new Map(
  (Object.keys(FAMILIES) as (keyof typeof FAMILIES)[]).flatMap((family) =>
    EXCHANGED.flatMap((pair) =>
      [pair, pair.toReversed()].map(([name, other]) => [
        String(opcodeOf(family, name)),
        { name: `${family}.${name}`, other: opcodeOf(family, other) },
      ]),
    ),
  ) as [string, { readonly name: string; readonly other: readonly Code[] }][],
);
const MADD = 'madd';

/** Asked at each instruction whether it is the one to be exchanged. */
type Choose = (name: string) => boolean;

/** The code with the chosen instructions exchanged: a binary one is two operands, and its opcode. */
function exchanged(code: Code, choose: Choose): Code {
  if (typeof code === 'number') return code;
  const parts = code.map((part) => exchanged(part, choose));
  if (parts.length !== 3 || typeof parts[0] === 'number' || typeof parts[1] === 'number') return parts;
  const slip = SLIPS.get(String(parts.slice(2)));
  return slip !== undefined && choose(slip.name) ? [parts[0], parts[1], ...slip.other] : parts;
}

/** Writes the same statements with the chosen instructions exchanged. */
function writing(f: FunctionBuilder, choose: Choose): FunctionBuilder {
  const change = (x: unknown): unknown => {
    if (typeof x !== 'object' || x === null || !('code' in x) || 'index' in x) return x;
    return { ...x, code: exchanged(x.code as Code, choose) };
  };
  return new Proxy(f, {
    get(builder, key) {
      const member = builder[key as keyof FunctionBuilder] as unknown;
      // A value is changed where a statement takes it.
      if (typeof member !== 'function' || key === 'valueOf')
        return typeof member === 'function' ? member.bind(builder) : member;
      return (...args: unknown[]) => member.apply(builder, args.map(change));
    },
  });
}

function rewritten(code: KernelCode, name: string, choosing: () => Choose): KernelCode {
  return {
    ...code,
    name,
    build(f, args, begin, end, target) {
      const choose = choosing();
      const madd: Target['madd'] = (a, b, c) => (choose(MADD) ? f32x4.sub(c, f32x4.mul(a, b)) : target.madd(a, b, c));
      code.build(writing(f, choose), args, begin, end, { ...target, madd });
    },
  };
}

/** The same code, which tells the names of the instructions that might be exchanged when it is written. */
export function telling(code: KernelCode, tell: (name: string) => void): KernelCode {
  return rewritten(code, `${code.name} told`, () => (name) => {
    tell(name);
    return false;
  });
}

const slipped = new Map<string, KernelCode>();

/** The code with the first instruction of this name exchanged. */
export function withSlip(code: KernelCode, instruction: string): KernelCode {
  const name = `${code.name} with a slip in ${instruction}`;
  let wrong = slipped.get(name);
  if (wrong === undefined) {
    wrong = rewritten(code, name, () => {
      let done = false;
      return (each) => !done && (done = each === instruction);
    });
    slipped.set(name, wrong);
  }
  return wrong;
}
