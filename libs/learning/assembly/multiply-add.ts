/**
 * a b + c in every lane. The relaxed build may fuse it into one rounding (the processor decides, always the same way on the
 * same machine); the portable build rounds twice, the same way everywhere.
 */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** a b + c of three numbers, for the host to see whether this processor fuses. */
export function multiplyAddOnce(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(multiplyAdd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}
