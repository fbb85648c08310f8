/** Names of cases, each with the cause of its failure. */
type Causes = Readonly<Record<string, string>>;

const everywhere: Causes = {
  'lr_scheduler.LinearLR/error/9_start_factor': 'rates are absolute here, and a straight line may begin at 0',
};

/**
 * Cases that the library does not pass yet, by backend. A test fails for every other failure, and for a case of this list
 * that passes.
 */
export const KNOWN_FAILURES: Readonly<Record<string, Causes>> = {
  reference: everywhere,
  wasm: everywhere,
};
