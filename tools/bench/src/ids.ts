/** Everything that a run may compare. */
export const PEERS = ['lemmata', 'torch', 'tfjs-wasm', 'jax', 'ort-web', 'ort-node'] as const;
export type PeerId = (typeof PEERS)[number];

export const BACKENDS = ['reference', 'wasm'] as const;
export type BackendId = (typeof BACKENDS)[number];

/** One side of a comparison. */
export interface Side {
  readonly peer: PeerId;
  readonly threads: number;
  /** Of lemmata; the others have none to choose. */
  readonly backend: BackendId;
}
