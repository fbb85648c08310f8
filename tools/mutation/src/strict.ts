/** What Stryker's runner for Vitest gives back: https://github.com/stryker-mutator/stryker-js, packages/api/src/test-runner */
interface Outcome {
  readonly status: string;
  readonly tests?: readonly TestResult[];
}

interface TestResult {
  readonly id: string;
  readonly name: string;
  /** 1 is failed. */
  readonly status: number;
  readonly timeSpentMs: number;
  readonly failureMessage?: string;
}

/** The parts of the runner that are used here. */
export interface Runner {
  readonly ctx?: {
    readonly state: {
      getFiles(): readonly { readonly name: string; readonly result?: { readonly state: string } | undefined }[];
    };
  };
  run(options?: unknown): Promise<Outcome>;
}

const FAILED = 1;

/**
 * Counts a test file that cannot be loaded as a test that fails. The runner looks at tests alone: where a change makes a module
 * throw as it is imported, there are none, and it would say that all is well.
 */
export function strict<T extends Runner>(runner: T): T {
  const run = runner.run.bind(runner);
  runner.run = async (options) => {
    const outcome = await run(options);
    const { tests = [] } = outcome;
    if (tests.some(({ status }) => status === FAILED)) return outcome;
    const broken = runner.ctx!.state.getFiles().find(({ result }) => result?.state === 'fail');
    if (broken === undefined) return outcome;
    const { name } = broken;
    const failed = { id: name, name, status: FAILED, timeSpentMs: 0, failureMessage: `${name} could not be loaded` };
    return { ...outcome, tests: [...tests, failed] };
  };
  return runner;
}
