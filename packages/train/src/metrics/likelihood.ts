/** e to the mean negative log-likelihood in nats, what cross-entropy gives: the number of equally likely choices that would be as hard. */
export function perplexity(nats: number): number {
  return Math.exp(nats);
}

/** A mean negative log-likelihood in nats, in bits. */
export function bitsPerSymbol(nats: number): number {
  return nats / Math.LN2;
}
