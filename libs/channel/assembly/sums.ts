/** Long sums: four lanes of single precision for a block at a time, blocks in double precision. */

/** Numbers of a block. */
export const BLOCK = 1024;

// @ts-ignore: decorator
@inline
export function laneSum(x: v128): f64 {
  return (
    (<f64>f32x4.extract_lane(x, 0) + <f64>f32x4.extract_lane(x, 1)) + (<f64>f32x4.extract_lane(x, 2) + <f64>f32x4.extract_lane(x, 3))
  );
}
