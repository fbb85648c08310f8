/** Names of cases, each with the cause of its failure. */
type Causes = Readonly<Record<string, string>>;

/**
 * Cases that the library does not pass yet, by backend. A test fails for every other failure, and for a case of this list
 * that passes.
 */
export const KNOWN_FAILURES: Readonly<Record<string, Causes>> = { reference: {}, wasm: {} };
