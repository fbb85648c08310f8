/** Set up for tests in a page, which has no process: what the environment asks of laws is put where they look for it. */
globalThis.process ??= { env: import.meta.env };
