import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codesIn } from './names.js';

/** Where a code stands in the sources: a test, or a law that a test runs. */
export interface Place {
  readonly code: string;
  /** From the root of the repository. */
  readonly file: string;
  readonly title: string;
}

/** A title of `test`, `describe` or a law; of `test.each`, behind the table. */
const TITLE = /(?:\b(?:test|it|describe)(?:\.\w+)*|\))\(\s*(['"`])((?:(?!\1).)+)\1|\bname: (['"`])((?:(?!\3).)+)\3/g;

/** All places of codes in tests and laws below these folders. */
export function findPlaces(root: string, folders: readonly string[] = ['packages', 'tools']): Place[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder)).flatMap((name) => filesBelow(root, `${folder}/${name}/src`)))
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(TITLE)].flatMap((match) => {
        const title = match[2] ?? match[4]!;
        return codesIn(title).map((code): Place => ({ code, file, title }));
      }),
    );
}

function filesBelow(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`)
      .toSorted();
  } catch {
    return [];
  }
}
