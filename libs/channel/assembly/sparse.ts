/** Dense vectors and sparse ones (indices and values of k entries). Dense lengths are multiples of four, padded with zeros. */

/** z += scale * x */
export function addScaled(z: usize, x: usize, scale: f32, count: i32): void {
  const factor = f32x4.splat(scale);
  const end = z + (count << 2);
  for (; z < end; z += 16, x += 16) v128.store(z, f32x4.add(v128.load(z), f32x4.mul(factor, v128.load(x))));
}

/**
 * Exponent e of the largest magnitude of values [k], 2^e <= largest < 2^(e+1), from -126 on: that of zeros and denormal numbers too.
 * @param values zeros follow up to a multiple of four
 */
export function exponentOf(values: usize, k: i32): i32 {
  const mask = i32x4.splat(0x7fffffff);
  let largest = i32x4.splat(0);
  for (let at = 0; at < k << 2; at += 16) largest = i32x4.max_s(largest, v128.and(v128.load(values + at), mask));
  const bits = max(
    max(i32x4.extract_lane(largest, 0), i32x4.extract_lane(largest, 1)),
    max(i32x4.extract_lane(largest, 2), i32x4.extract_lane(largest, 3)),
  );
  return max(bits >>> 23, 1) - 127;
}

/** target = scale * values [k], both up to a multiple of four */
export function scaleTo(target: usize, values: usize, scale: f32, k: i32): void {
  const factor = f32x4.splat(scale);
  for (let at = 0; at < k << 2; at += 16) v128.store(target + at, f32x4.mul(factor, v128.load(values + at)));
}

/** target[indices] += weight * values */
export function scatterAdd(target: usize, indices: usize, values: usize, k: i32, weight: f32): void {
  for (let at = 0; at < k << 2; at += 4) {
    const entry = target + (load<u32>(indices + at) << 2);
    store<f32>(entry, load<f32>(entry) + weight * load<f32>(values + at));
  }
}

/** target[indices] = values */
export function scatter(target: usize, indices: usize, values: usize, k: i32): void {
  for (let at = 0; at < k << 2; at += 4) store<f32>(target + (load<u32>(indices + at) << 2), load<f32>(values + at));
}

/**
 * Moves the entries of z at `indices` to `values` [k], and leaves zeros.
 * @param count of z, a multiple of four
 * @returns false, with nothing moved, when z is not finite
 */
export function takeAt(z: usize, count: i32, indices: usize, values: usize, k: i32): bool {
  const mask = i32x4.splat(0x7fffffff);
  let largest = i32x4.splat(0);
  for (let at = 0; at < count << 2; at += 16) largest = i32x4.max_s(largest, v128.and(v128.load(z + at), mask));
  // Bits of non-negative floats order as integers do, and all that are not finite lie above.
  if (v128.any_true(i32x4.ge_s(largest, i32x4.splat(0x7f800000)))) return false;
  for (let at = 0; at < k << 2; at += 4) {
    const entry = z + (load<u32>(indices + at) << 2);
    store<f32>(values + at, load<f32>(entry));
    store<f32>(entry, 0);
  }
  return true;
}

/** target[indices] = 0 */
export function clearAt(target: usize, indices: usize, k: i32): void {
  for (let at = 0; at < k << 2; at += 4) store<f32>(target + (load<u32>(indices + at) << 2), 0);
}

/** ||values||^2 */
export function sparseEnergy(values: usize, k: i32): f64 {
  let energy: f64 = 0;
  for (let at = 0; at < k << 2; at += 4) {
    const value: f64 = load<f32>(values + at);
    energy += value * value;
  }
  return energy;
}
