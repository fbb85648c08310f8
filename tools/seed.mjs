// Random cases of tests are the same in every run, and others on demand: LEMMATA_LAW_SEED, which the laws follow too.
import * as fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.LEMMATA_LAW_SEED || 1) });
