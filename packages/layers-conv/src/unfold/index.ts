export { Fold, foldWindows, Unfold, type UnfoldAttrs, unfoldWindows } from './op.js';
export {
  fold1d,
  fold1dLayer,
  fold2d,
  fold2dLayer,
  fold3d,
  fold3dLayer,
  type FoldOptions,
  unfold1d,
  unfold1dLayer,
  unfold2d,
  unfold2dLayer,
  unfold3d,
  unfold3dLayer,
  type UnfoldOptions,
} from './unfold.js';
