/**
 * The k entries of largest magnitude, by selection: magnitudes are counted by exponent and leading bits of the mantissa, candidates again
 * in finer buckets, and only those that share the k-th one's are compared with one another. Bits of non-negative floats order as integers
 * do.
 */

const MAGNITUDE: u32 = 0x7fffffff;
const BUCKET_SHIFT = 20;
const BUCKETS = 1 << (31 - BUCKET_SHIFT);
/** First bucket of numbers that are not finite. */
const NOT_FINITE = 0x7f800000 >> BUCKET_SHIFT;

/** See `fineBucket`. */
const FINE_SHIFT = 15;

/** Entries of a sample, or twice as many. */
const SAMPLE = 4096;

/** Bytes of the histogram: two counters a bucket, so that neighbours seldom wait for one another. */
export const HISTOGRAM_BYTES = 8 * BUCKETS;

/** The `rank`-th largest (from 0) of `count` integers, which are reordered: Hoare's selection. */
function selectLargest(values: usize, count: i32, rank: i32): u32 {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const a = load<u32>(values + (left << 2));
    const b = load<u32>(values + (((left + right) >>> 1) << 2));
    const c = load<u32>(values + (right << 2));
    const pivot = max(min(a, b), min(max(a, b), c));
    let low = left;
    let high = right;
    while (low <= high) {
      while (load<u32>(values + (low << 2)) > pivot) low++;
      while (load<u32>(values + (high << 2)) < pivot) high--;
      if (low <= high) {
        const swapped = load<u32>(values + (low << 2));
        store<u32>(values + (low << 2), load<u32>(values + (high << 2)));
        store<u32>(values + (high << 2), swapped);
        low++;
        high--;
      }
    }
    if (rank <= high) right = high;
    else if (rank >= low) left = low;
    else return load<u32>(values + (rank << 2));
  }
  return load<u32>(values + (rank << 2));
}

/** Counts the magnitudes of every `stride`-th entry by bucket. @returns how many it counted */
function countBuckets(z: usize, d: i32, stride: i32, histogram: usize): i32 {
  memory.fill(histogram, 0, HISTOGRAM_BYTES);
  const step: usize = stride << 2;
  const end = z + (d << 2);
  let counted = 0;
  // The two counters of a bucket take turns, so that neighbours seldom wait for one another.
  let turn: usize = 0;
  for (; z < end; z += step) {
    const counter = histogram + (((load<u32>(z) & MAGNITUDE) >>> BUCKET_SHIFT) << 3) + turn;
    store<u32>(counter, load<u32>(counter) + 1);
    turn ^= 4;
    counted++;
  }
  return counted;
}

// @ts-ignore: decorator
@inline
function inBucket(histogram: usize, bucket: i32): i32 {
  return load<i32>(histogram + (bucket << 3)) + load<i32>(histogram + (bucket << 3), 4);
}

/** Writes the indices of magnitudes of at least `edge`, increasing. @returns the end of what was written */
function collect(z: usize, d: i32, edge: u32, candidates: usize): usize {
  const least = i32x4.splat(edge);
  const mask = i32x4.splat(MAGNITUDE);
  const groups = d & ~3;
  for (let index = 0; index < groups; index += 4) {
    let hits = i32x4.bitmask(i32x4.ge_s(v128.and(v128.load(z + (index << 2)), mask), least));
    while (hits) {
      store<i32>(candidates, index + ctz(hits));
      candidates += 4;
      hits &= hits - 1;
    }
  }
  for (let index = groups; index < d; index++) {
    if ((load<u32>(z + (index << 2)) & MAGNITUDE) >= edge) {
      store<i32>(candidates, index);
      candidates += 4;
    }
  }
  return candidates;
}

/** Least magnitude of the candidates, and whether all entries were counted to find it. */
let edge: u32 = 0;
let all = false;

/** Entries counted by bucket above the one that `bucketOf` found. */
let above = 0;

/** The bucket of finite magnitudes that holds the k-th largest counted, or the lowest if there are fewer. */
function bucketOf(histogram: usize, k: i32): i32 {
  above = 0;
  let bucket = NOT_FINITE - 1;
  for (; bucket > 0 && above + inBucket(histogram, bucket) < k; bucket--) above += inBucket(histogram, bucket);
  return bucket;
}

/**
 * Writes the indices of entries that include the k of largest magnitude. Of a long vector a sample is counted first, which says from where on
 * there are probably k and not many more; only when it was wrong is everything counted.
 * @returns the end of what was written
 */
function collectCandidates(z: usize, d: i32, k: i32, candidates: usize, histogram: usize): usize {
  const stride = max(d / SAMPLE, 1);
  all = stride == 1;
  if (!all) {
    const counted = countBuckets(z, d, stride, histogram);
    // What is above the k-th largest in a sample has a deviation of about its square root; four of them to the safe side.
    const expected: f32 = (<f32>k * <f32>counted) / <f32>d;
    edge = <u32>bucketOf(histogram, <i32>(expected + 4 * sqrt<f32>(expected)) + 1) << BUCKET_SHIFT;
    const end = collect(z, d, edge, candidates);
    if (<i32>(end - candidates) >>> 2 >= k) return end;
    all = true;
  }
  countBuckets(z, d, 1, histogram);
  edge = <u32>bucketOf(histogram, k) << BUCKET_SHIFT;
  return collect(z, d, edge, candidates);
}

/** The k-th largest of `count` magnitudes. @param shared scratch [count] */
function kthLargest(bits: usize, count: i32, k: i32, shared: usize, histogram: usize): u32 {
  let sharing = 0;
  if (all) {
    // The candidates' lowest bucket is the one of the k-th.
    for (let at: usize = 0; at < <usize>count << 2; at += 4) {
      const magnitude = load<u32>(bits + at);
      store<u32>(shared + (sharing << 2), magnitude);
      sharing += i32(magnitude - edge < 1 << BUCKET_SHIFT);
    }
    return selectLargest(shared, sharing, k - above - 1);
  }
  memory.fill(histogram, 0, HISTOGRAM_BYTES);
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const counter = histogram + (fineBucket(load<u32>(bits + at)) << 3) + (at & 4);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  const bucket = bucketOf(histogram, k);
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const magnitude = load<u32>(bits + at);
    store<u32>(shared + (sharing << 2), magnitude);
    sharing += i32(fineBucket(magnitude) == bucket);
  }
  return selectLargest(shared, sharing, k - above - 1);
}

/** Buckets of candidates: 256 to an octave above the edge, the last taking what lies beyond. */
// @ts-ignore: decorator
@inline
function fineBucket(magnitude: u32): i32 {
  return <i32>min((magnitude - edge) >>> FINE_SHIFT, NOT_FINITE - 1);
}

/**
 * Moves the k entries of z [d] of largest magnitude to `values` [k], their places to `indices` [k], increasing, and leaves zeros; among
 * equal magnitudes the lowest index wins.
 * @param k 1..d
 * @param candidates @param bits @param shared scratch [d] @param histogram scratch of HISTOGRAM_BYTES
 * @returns false, with nothing moved, when z is not finite
 */
export function takeTopK(
  z: usize,
  d: i32,
  k: i32,
  indices: usize,
  values: usize,
  candidates: usize,
  bits: usize,
  shared: usize,
  histogram: usize,
): bool {
  const end = collectCandidates(z, d, k, candidates, histogram);
  const count = <i32>(end - candidates) >>> 2;
  let largest: u32 = 0;
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const magnitude = load<u32>(z + (load<u32>(candidates + at) << 2)) & MAGNITUDE;
    largest = max(largest, magnitude);
    store<u32>(bits + at, magnitude);
  }
  if (<i32>(largest >>> BUCKET_SHIFT) >= NOT_FINITE) return false;

  const threshold = kthLargest(bits, count, k, shared, histogram);
  let ties = k;
  for (let at: usize = 0; at < <usize>count << 2; at += 4) ties -= i32(load<u32>(bits + at) > threshold);
  for (let at = candidates; at < end; at += 4) {
    const index = load<i32>(at);
    const entry = z + (index << 2);
    const magnitude = load<u32>(entry) & MAGNITUDE;
    if (magnitude > threshold || (magnitude == threshold && ties-- > 0)) {
      store<i32>(indices, index);
      store<f32>(values, load<f32>(entry));
      store<f32>(entry, 0);
      indices += 4;
      values += 4;
    }
  }
  return true;
}
