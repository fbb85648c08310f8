/** Names of cases, each with the cause of its failure. */
type Causes = Readonly<Record<string, string>>;

/**
 * Cases that the library does not pass yet, by backend. A test fails for every other failure, and for a case of this list
 * that passes.
 */
export const KNOWN_FAILURES: Readonly<Record<string, Causes>> = { reference: {}, wasm: {} };

/** Ops of PyTorch that the library has not, and why: their cases are skipped. */
export const LEFT_OUT: Causes = {
  'optim.LBFGS':
    'a step of it evaluates the loss many times over, and a training step here is one program that does so once',
};
