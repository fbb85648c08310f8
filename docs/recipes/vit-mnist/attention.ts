import { testImages, type Judgement } from '@lemmata/cli';
import { multiHeadAttentionWithWeights } from '@lemmata/layers-attention';
import { infer, type Layer } from '@lemmata/nn';
import type { Tensor } from '@lemmata/tensor';
import { imageGrid, type ReportSection } from '@lemmata/visualize';

export const NUM_HEADS = 4;
const PATCH = 4;
const SIDE = 28;

/**
 * How much every token of a Vision Transformer attends to each, block by block: [N, heads, tokens, tokens], rows of sum 1.
 *
 * @param x images, [N, C, H, W]
 * @returns the weights, and the logits that come out at the end of the same walk
 */
export function attentionWeights(
  { layers }: Layer,
  params: any,
  state: any,
  x: Tensor,
): { weights: Tensor[]; logits: Tensor } {
  const weights: Tensor[] = [];
  const walk = (inside: Layer['layers'], own: any, memory: any, names: readonly string[], from: Tensor): Tensor =>
    names.reduce((y, name) => infer(inside![name]!, own[name], memory[name], y), from);
  const encoder = layers!['encoder']!.layers!;
  let tokens = walk(layers, params, state, ['conv_proj', 'tokens', 'class_token'], x);
  tokens = walk(encoder, params.encoder, state.encoder, ['pos_embedding', 'dropout'], tokens);
  for (const [name, block] of Object.entries(encoder['layers']!.layers!)) {
    const [own, memory] = [params.encoder.layers[name], state.encoder.layers[name]];
    const read = infer(block.layers!['ln_1']!, own.ln_1, memory.ln_1, tokens);
    const options = { numHeads: NUM_HEADS, averageWeights: false };
    weights.push(multiHeadAttentionWithWeights(read, read, read, own.self_attention, options).weights);
    tokens = infer(block, own, memory, tokens);
  }
  tokens = infer(encoder['ln']!, params.encoder.ln, state.encoder.ln, tokens);
  return { weights, logits: walk(layers, params, state, ['pool', 'heads'], tokens) };
}

/** Where in the image the class token looks, in every block. */
export function attentionSection(judgement: Judgement): ReportSection {
  const shown = testImages(judgement, 8);
  const { weights } = attentionWeights(judgement.model, judgement.params, judgement.state, shown);
  const [pixels, maps] = [shown.dataSync(), weights.map((w) => patchMaps(w))];
  const size = SIDE * SIDE;
  const count = shown.shape[0]!;
  const images = Array.from({ length: count }, (_, i) => [
    Array.from({ length: size }, (__, p) => pixels[i * size + p]!),
    ...maps.map((map) => map[i]!),
  ]).flat();
  return {
    title: 'Attention',
    intro:
      'Test digits, and how much the class token attends to each patch in every block, the mean over its heads; each map from its least to its greatest weight.',
    html: imageGrid({
      images,
      shape: [images.length, 1, SIDE, SIDE],
      normalise: 'each',
      scale: 3,
      columns: 1 + maps.length,
      labels: Array.from({ length: count }, () => ['digit', ...maps.map((_, block) => `block ${block + 1}`)]).flat(),
    }),
  };
}

/** What the class token, the first, gives to each patch, the mean over the heads, drawn at the patches' places: one map an image. */
export function patchMaps(weights: Tensor): number[][] {
  const [n, heads, tokens] = weights.shape as [number, number, number, number];
  const values = weights.dataSync();
  const across = SIDE / PATCH;
  return Array.from({ length: n }, (_, image) =>
    Array.from({ length: SIDE * SIDE }, (__, pixel) => {
      const [y, x] = [Math.floor(pixel / SIDE), pixel % SIDE];
      const token = 1 + Math.floor(y / PATCH) * across + Math.floor(x / PATCH);
      let sum = 0;
      for (let head = 0; head < heads; head++) sum += values[(image * heads + head) * tokens * tokens + token]!;
      return sum / heads;
    }),
  );
}
