/** Element-wise combinations of `count` numbers, a multiple of four. */

/** x = s x. */
export function scale(s: f32, x: usize, count: i32): void {
  const end = x + <usize>count * 4;
  const factor = f32x4.splat(s);
  for (; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), factor));
}

/** x = s (x - y). */
export function scaledDifference(s: f32, x: usize, y: usize, count: i32): void {
  const end = x + <usize>count * 4;
  const factor = f32x4.splat(s);
  for (; x < end; x += 16, y += 16) v128.store(x, f32x4.mul(f32x4.sub(v128.load(x), v128.load(y)), factor));
}

/** x = y + s z; the count need not be a multiple of four. */
export function combine(y: usize, s: f32, z: usize, x: usize, count: i32): void {
  const end = x + <usize>count * 4;
  const whole = x + <usize>(count & ~3) * 4;
  const factor = f32x4.splat(s);
  for (; x < whole; x += 16, y += 16, z += 16) {
    v128.store(x, f32x4.add(v128.load(y), f32x4.mul(v128.load(z), factor)));
  }
  for (; x < end; x += 4, y += 4, z += 4) store<f32>(x, load<f32>(y) + s * load<f32>(z));
}
