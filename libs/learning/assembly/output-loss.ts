/**
 * Deltas of the last layer, d loss / d z for the batch loss, and their directional derivatives. Rows have `outputs` numbers
 * and a common stride of a multiple of 16 bytes; what lies behind the last number of a row is nobody's.
 *
 *   cross-entropy        delta = (p - e_label) / B           R{delta} = p (R{z} - p . R{z}) / B,  p = softmax(z)
 *   mean squared error   delta = 2 (z - y) / (B outputs)     R{delta} = 2 R{z} / (B outputs)
 */
import { exponential } from '../../numerics/assembly/exponential';
import { Loss } from './plan';

/**
 * @param y labels i32 [rows] or targets f32 [rows][outputs]
 * @param z outputs [rows][outputs]
 */
export function lossDeltas(loss: Loss, y: usize, z: usize, rows: i32, outputs: i32, stride: usize, delta: usize): void {
  for (let row = 0; row < rows; ++row) {
    if (loss == Loss.CrossEntropy) {
      softmaxDelta(load<i32>(y), z, outputs, 1 / <f32>rows, delta);
      y += 4;
    } else {
      const scale: f32 = 2 / (<f32>rows * <f32>outputs);
      for (let j: usize = 0, end = <usize>outputs * 4; j < end; j += 4) {
        store<f32>(delta + j, scale * (load<f32>(z + j) - load<f32>(y + j)));
      }
      y += <usize>outputs * 4;
    }
    z += stride;
    delta += stride;
  }
}

function softmaxDelta(label: i32, z: usize, outputs: i32, scale: f32, delta: usize): void {
  const end = <usize>outputs * 4;
  let largest = load<f32>(z);
  for (let j: usize = 4; j < end; j += 4) largest = max(largest, load<f32>(z + j));
  for (let j: usize = 0; j < end; j += 16) {
    v128.store(delta + j, exponential(f32x4.sub(v128.load(z + j), f32x4.splat(largest))));
  }
  let sum: f32 = 0;
  for (let j: usize = 0; j < end; j += 4) sum += load<f32>(delta + j);
  const factor = scale / sum;
  // At the label, p - 1 is minus the sum of the others: no cancellation when p is close to 1.
  const at = <usize>label * 4;
  let others: f32 = 0;
  for (let j: usize = 0; j < end; j += 4) {
    if (j == at) continue;
    const value = factor * load<f32>(delta + j);
    others += value;
    store<f32>(delta + j, value);
  }
  store<f32>(delta + at, -others);
}

/** R{delta} from delta and R{z}. */
export function lossDeltaTangents(
  loss: Loss,
  y: usize,
  delta: usize,
  rz: usize,
  rows: i32,
  outputs: i32,
  stride: usize,
  tangent: usize,
): void {
  const end = <usize>outputs * 4;
  const batch = <f32>rows;
  for (let row = 0; row < rows; ++row) {
    if (loss == Loss.CrossEntropy) {
      // p / B = delta + e_label / B
      const label = delta + <usize>load<i32>(y) * 4;
      const kept = load<f32>(label);
      store<f32>(label, kept + 1 / batch);
      let mean: f32 = 0;
      for (let j: usize = 0; j < end; j += 4) mean += load<f32>(delta + j) * load<f32>(rz + j);
      mean *= batch;
      for (let j: usize = 0; j < end; j += 4) {
        store<f32>(tangent + j, load<f32>(delta + j) * (load<f32>(rz + j) - mean));
      }
      store<f32>(label, kept);
      y += 4;
    } else {
      const scale: f32 = 2 / (batch * <f32>outputs);
      for (let j: usize = 0; j < end; j += 4) store<f32>(tangent + j, scale * load<f32>(rz + j));
    }
    delta += stride;
    rz += stride;
    tangent += stride;
  }
}
