/** The encryption context that binds a wrapped data key to its segment. */
export const segmentContext = (segment: {
  readonly merchantId: string;
  readonly skuId: string;
  readonly segmentId: string;
}): Record<string, string> => ({
  merchantId: segment.merchantId,
  skuId: segment.skuId,
  segmentId: segment.segmentId,
});
