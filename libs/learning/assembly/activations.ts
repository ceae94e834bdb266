/**
 * Activations sigma and what their derivatives do, on `count` numbers (a multiple of four). Both derivatives are functions of
 * the activation itself: relu' = [a > 0], relu'' = 0; tanh' = 1 - a^2, tanh'' = -2 a tanh'.
 */
import { hyperbolicTangent } from '../../numerics/assembly/exponential';
import { Activation } from './plan';

/** a = sigma(z), in place. */
export function activate(kind: Activation, z: usize, count: i32): void {
  const end = z + <usize>count * 4;
  if (kind == Activation.Relu) {
    const zero = f32x4.splat(0);
    for (; z < end; z += 16) v128.store(z, f32x4.pmax(v128.load(z), zero));
  } else {
    for (; z < end; z += 16) v128.store(z, hyperbolicTangent(v128.load(z)));
  }
}

// @ts-ignore: decorator
@inline
function tanhSlope(a: v128): v128 {
  return f32x4.sub(f32x4.splat(1), f32x4.mul(a, a));
}

/** delta = e sigma'(z), in place on e = d loss / d a. */
export function throughActivation(kind: Activation, a: usize, e: usize, count: i32): void {
  const end = a + <usize>count * 4;
  if (kind == Activation.Relu) {
    const zero = f32x4.splat(0);
    for (; a < end; a += 16, e += 16) v128.store(e, v128.and(v128.load(e), f32x4.gt(v128.load(a), zero)));
  } else {
    for (; a < end; a += 16, e += 16) v128.store(e, f32x4.mul(v128.load(e), tanhSlope(v128.load(a))));
  }
}

/**
 * R{a} = sigma'(z) R{z}, in place on R{z}; and the curvature term sigma''(z) e R{z} = -2 a delta R{z}, tanh only.
 * @param delta e sigma'(z)
 */
export function tangentOfActivation(kind: Activation, a: usize, delta: usize, rz: usize, curvature: usize, count: i32): void {
  if (kind == Activation.Relu) {
    throughActivation(kind, a, rz, count);
    return;
  }
  const end = a + <usize>count * 4;
  for (; a < end; a += 16, delta += 16, rz += 16, curvature += 16) {
    const value = v128.load(a);
    const tangent = v128.load(rz);
    v128.store(curvature, f32x4.mul(f32x4.mul(f32x4.mul(f32x4.splat(-2), value), v128.load(delta)), tangent));
    v128.store(rz, f32x4.mul(tangent, tanhSlope(value)));
  }
}

/** R{delta} = R{e} sigma'(z) + curvature, in place on R{e}. */
export function tangentThroughActivation(kind: Activation, a: usize, curvature: usize, re: usize, count: i32): void {
  throughActivation(kind, a, re, count);
  if (kind == Activation.Relu) return;
  const end = re + <usize>count * 4;
  for (; re < end; re += 16, curvature += 16) v128.store(re, f32x4.add(v128.load(re), v128.load(curvature)));
}
