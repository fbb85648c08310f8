import { access } from 'node:fs/promises';
import { imageSet, UserError, type ImageSet } from '@lemmata/cli';

const CLASSES = ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'boot'];

/** Where the Debian package dataset-fashion-mnist puts its files. */
export async function fashionFolder(): Promise<string> {
  const folder = '/usr/share/datasets/fashion-mnist';
  await access(folder).catch((cause) => {
    throw new UserError(
      `the data is missing: no ${folder}. Install Debian's package dataset-fashion-mnist, or say with --data DIR where the four files of Fashion-MNIST are`,
      { cause },
    );
  });
  return folder;
}

/** The four files; or a folder of images a class, which are made 28×28 and grey. */
export const fashion = (folder: string): Promise<ImageSet> =>
  imageSet(folder, [1, 28, 28], {
    classes: CLASSES,
    source: 'Fashion-MNIST',
    licence: 'Zalando Research (Han Xiao, Kashif Rasul, Roland Vollgraf), MIT',
    // Clothes touch the border by their longer side.
    drawn: 28,
  });
