/**
 * Single-precision matrix products C = I + s A B with C, I [rows][columns], A [rows][depth], B [depth][columns].
 *
 * Each product is cut into tiles of up to 4 x 8 numbers of C, held in registers while the depth runs by. Every number of C is a
 * sum over the depth in ascending order, whatever tile it falls into, so that bits depend neither on the number of rows nor on
 * the neighbours.
 *
 * Why 4 x 8: V8 loads all operands of a straight piece of code before it computes, and has 15 of the 16 registers of x86-64 to
 * give: eight sums, two vectors of B, four broadcast numbers of A and a product are 15; a taller tile spills. Why the depth is
 * unrolled with a way out after every step: a branch keeps the loads of the next step behind it.
 *
 * A is read number by number, hence may be stored transposed at no cost; B is read in vectors along its rows, either row-major
 * or in the panels of pack.ts. Vectors at the right edge read up to 12 bytes past a row of B and I: whatever is there stays in
 * unused lanes and is never stored. All strides are in bytes.
 */
import { multiplyAdd } from './multiply-add';

/** How the operands lie in memory. */
const enum Layout {
  /** A row-major, B in panels. */
  Packed,
  /** A row-major, B row-major. */
  Plain,
  /** A stored as its transpose [depth][rows], B row-major. */
  Transposed,
}

/** Rows of C in a full tile. */
const TALL: usize = 4;

/** Numbers of C a tile is wide, and bytes; the last tile of a row may be half as wide. */
const WIDE: i32 = 8;
const WIDE_BYTES: usize = 32;

/** Stores the first `lanes` numbers, 1 to 4. */
function storeSome(value: v128, c: usize, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(c, value);
    return;
  }
  v128.store_lane<f32>(c, value, 0);
  if (lanes > 1) v128.store_lane<f32>(c, value, 1, 4);
  if (lanes > 2) v128.store_lane<f32>(c, value, 2, 8);
}

/** One row of a tile: initial + scale (low, high) into C. */
// @ts-ignore: decorator
@inline
function putRow(wide: bool, low: v128, high: v128, scale: v128, initial: usize, c: usize, lanes: i32): void {
  if (wide) {
    if (initial) {
      low = multiplyAdd(low, scale, v128.load(initial));
      high = multiplyAdd(high, scale, v128.load(initial, 16));
    } else {
      low = f32x4.mul(low, scale);
      high = f32x4.mul(high, scale);
    }
    v128.store(c, low);
    if (lanes >= 8) v128.store(c, high, 16);
    else storeSome(high, c + 16, lanes - 4);
  } else {
    storeSome(initial ? multiplyAdd(low, scale, v128.load(initial)) : f32x4.mul(low, scale), c, lanes);
  }
}

/**
 * One tile of C. `layout`, `rows` (1 to 4) and `wide` (8 or 4 columns) are constants of each use, so that the compiler leaves
 * of this text only the registers the tile needs.
 * @param lanes columns that exist
 */
// @ts-ignore: decorator
@inline
function tile(
  layout: Layout,
  rows: i32,
  wide: bool,
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  depth: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
  lanes: i32,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let a0 = a;
  let a1 = a + strideA;
  let a2 = a1 + strideA;
  let a3 = a2 + strideA;
  let remaining = depth;
  // The same step four times: a vector or two of B, a number of A for every row, and their products onto the sums.
  while (true) {
    {
      const b0 = v128.load(b);
      const b1 = wide ? v128.load(b, 16) : b0;
      {
        const x = v128.load_splat<f32>(a0);
        c00 = multiplyAdd(x, b0, c00);
        if (wide) c01 = multiplyAdd(x, b1, c01);
      }
      if (rows > 1) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 4) : v128.load_splat<f32>(a1);
        c10 = multiplyAdd(x, b0, c10);
        if (wide) c11 = multiplyAdd(x, b1, c11);
      }
      if (rows > 2) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 8) : v128.load_splat<f32>(a2);
        c20 = multiplyAdd(x, b0, c20);
        if (wide) c21 = multiplyAdd(x, b1, c21);
      }
      if (rows > 3) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 12) : v128.load_splat<f32>(a3);
        c30 = multiplyAdd(x, b0, c30);
        if (wide) c31 = multiplyAdd(x, b1, c31);
      }
      if (remaining == 1) break;
      if (layout != Layout.Packed) b += strideB;
      if (layout == Layout.Transposed) a0 += strideA;
    }
    {
      const b0 = layout == Layout.Packed ? (wide ? v128.load(b, 32) : v128.load(b, 16)) : v128.load(b);
      const b1 = wide ? (layout == Layout.Packed ? v128.load(b, 48) : v128.load(b, 16)) : b0;
      {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0) : v128.load_splat<f32>(a0, 4);
        c00 = multiplyAdd(x, b0, c00);
        if (wide) c01 = multiplyAdd(x, b1, c01);
      }
      if (rows > 1) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 4) : v128.load_splat<f32>(a1, 4);
        c10 = multiplyAdd(x, b0, c10);
        if (wide) c11 = multiplyAdd(x, b1, c11);
      }
      if (rows > 2) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 8) : v128.load_splat<f32>(a2, 4);
        c20 = multiplyAdd(x, b0, c20);
        if (wide) c21 = multiplyAdd(x, b1, c21);
      }
      if (rows > 3) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 12) : v128.load_splat<f32>(a3, 4);
        c30 = multiplyAdd(x, b0, c30);
        if (wide) c31 = multiplyAdd(x, b1, c31);
      }
      if (remaining == 2) break;
      if (layout != Layout.Packed) b += strideB;
      if (layout == Layout.Transposed) a0 += strideA;
    }
    {
      const b0 = layout == Layout.Packed ? (wide ? v128.load(b, 64) : v128.load(b, 32)) : v128.load(b);
      const b1 = wide ? (layout == Layout.Packed ? v128.load(b, 80) : v128.load(b, 16)) : b0;
      {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0) : v128.load_splat<f32>(a0, 8);
        c00 = multiplyAdd(x, b0, c00);
        if (wide) c01 = multiplyAdd(x, b1, c01);
      }
      if (rows > 1) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 4) : v128.load_splat<f32>(a1, 8);
        c10 = multiplyAdd(x, b0, c10);
        if (wide) c11 = multiplyAdd(x, b1, c11);
      }
      if (rows > 2) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 8) : v128.load_splat<f32>(a2, 8);
        c20 = multiplyAdd(x, b0, c20);
        if (wide) c21 = multiplyAdd(x, b1, c21);
      }
      if (rows > 3) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 12) : v128.load_splat<f32>(a3, 8);
        c30 = multiplyAdd(x, b0, c30);
        if (wide) c31 = multiplyAdd(x, b1, c31);
      }
      if (remaining == 3) break;
      if (layout != Layout.Packed) b += strideB;
      if (layout == Layout.Transposed) a0 += strideA;
    }
    {
      const b0 = layout == Layout.Packed ? (wide ? v128.load(b, 96) : v128.load(b, 48)) : v128.load(b);
      const b1 = wide ? (layout == Layout.Packed ? v128.load(b, 112) : v128.load(b, 16)) : b0;
      {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0) : v128.load_splat<f32>(a0, 12);
        c00 = multiplyAdd(x, b0, c00);
        if (wide) c01 = multiplyAdd(x, b1, c01);
      }
      if (rows > 1) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 4) : v128.load_splat<f32>(a1, 12);
        c10 = multiplyAdd(x, b0, c10);
        if (wide) c11 = multiplyAdd(x, b1, c11);
      }
      if (rows > 2) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 8) : v128.load_splat<f32>(a2, 12);
        c20 = multiplyAdd(x, b0, c20);
        if (wide) c21 = multiplyAdd(x, b1, c21);
      }
      if (rows > 3) {
        const x = layout == Layout.Transposed ? v128.load_splat<f32>(a0, 12) : v128.load_splat<f32>(a3, 12);
        c30 = multiplyAdd(x, b0, c30);
        if (wide) c31 = multiplyAdd(x, b1, c31);
      }
      remaining -= 4;
      if (remaining == 0) break;
      b += layout == Layout.Packed ? (wide ? 128 : 64) : strideB;
      if (layout == Layout.Transposed) {
        a0 += strideA;
      } else {
        a0 += 16;
        a1 += 16;
        a2 += 16;
        a3 += 16;
      }
    }
  }
  const s = f32x4.splat(scale);
  putRow(wide, c00, c01, s, initial, c, lanes);
  if (rows > 1) putRow(wide, c10, c11, s, initial + strideInitial, c + strideC, lanes);
  if (rows > 2) putRow(wide, c20, c21, s, initial + 2 * strideInitial, c + 2 * strideC, lanes);
  if (rows > 3) putRow(wide, c30, c31, s, initial + 3 * strideInitial, c + 3 * strideC, lanes);
}

/** A column of tiles: all rows of C, `lanes` columns. */
// @ts-ignore: decorator
@inline
function strip(
  layout: Layout,
  wide: bool,
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  depth: i32,
  rows: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
  lanes: i32,
): void {
  const downA: usize = layout == Layout.Transposed ? TALL * 4 : TALL * strideA;
  while (rows >= <i32>TALL) {
    tile(layout, 4, wide, a, strideA, b, strideB, depth, scale, initial, strideInitial, c, strideC, lanes);
    a += downA;
    initial += TALL * strideInitial;
    c += TALL * strideC;
    rows -= <i32>TALL;
  }
  if (rows == 3) tile(layout, 3, wide, a, strideA, b, strideB, depth, scale, initial, strideInitial, c, strideC, lanes);
  else if (rows == 2) tile(layout, 2, wide, a, strideA, b, strideB, depth, scale, initial, strideInitial, c, strideC, lanes);
  else if (rows == 1) tile(layout, 1, wide, a, strideA, b, strideB, depth, scale, initial, strideInitial, c, strideC, lanes);
}

// One function per kind of strip: small enough for V8 to allocate registers well.

function widePacked(
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  depth: i32,
  rows: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
  lanes: i32,
): void {
  strip(Layout.Packed, true, a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, lanes);
}

function narrowPacked(
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  depth: i32,
  rows: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
  lanes: i32,
): void {
  strip(Layout.Packed, false, a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, lanes);
}

function widePlain(
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  depth: i32,
  rows: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
  lanes: i32,
): void {
  strip(Layout.Plain, true, a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, lanes);
}

function narrowPlain(
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  depth: i32,
  rows: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
  lanes: i32,
): void {
  strip(Layout.Plain, false, a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, lanes);
}

function wideTransposed(
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  depth: i32,
  rows: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
  lanes: i32,
): void {
  strip(Layout.Transposed, true, a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, lanes);
}

function narrowTransposed(
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  depth: i32,
  rows: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
  lanes: i32,
): void {
  strip(Layout.Transposed, false, a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, lanes);
}

// @ts-ignore: decorator
@inline
function multiply(
  layout: Layout,
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
): void {
  const acrossB: usize = layout == Layout.Packed ? <usize>depth * WIDE_BYTES : WIDE_BYTES;
  const acrossInitial: usize = initial ? WIDE_BYTES : 0;
  while (columns > WIDE / 2) {
    if (layout == Layout.Packed) widePacked(a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, columns);
    else if (layout == Layout.Plain) widePlain(a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, columns);
    else wideTransposed(a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, columns);
    b += acrossB;
    initial += acrossInitial;
    c += WIDE_BYTES;
    columns -= WIDE;
  }
  if (columns <= 0) return;
  if (layout == Layout.Packed) narrowPacked(a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, columns);
  else if (layout == Layout.Plain) narrowPlain(a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, columns);
  else narrowTransposed(a, strideA, b, strideB, depth, rows, scale, initial, strideInitial, c, strideC, columns);
}

/**
 * C = I + s A B, B packed in panels.
 * @param initial address of I, or 0 for zeros (then `strideInitial` is 0); one row for all with `strideInitial` 0
 */
export function multiplyPacked(
  a: usize,
  strideA: usize,
  b: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
): void {
  multiply(Layout.Packed, a, strideA, b, 0, rows, depth, columns, scale, initial, strideInitial, c, strideC);
}

/** C = I + s A B, all row-major. */
export function multiplyPlain(
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
): void {
  multiply(Layout.Plain, a, strideA, b, strideB, rows, depth, columns, scale, initial, strideInitial, c, strideC);
}

/** C = I + s A' B with A' [depth][rows] the transpose, all row-major. */
export function multiplyTransposed(
  a: usize,
  strideA: usize,
  b: usize,
  strideB: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  scale: f32,
  initial: usize,
  strideInitial: usize,
  c: usize,
  strideC: usize,
): void {
  multiply(Layout.Transposed, a, strideA, b, strideB, rows, depth, columns, scale, initial, strideInitial, c, strideC);
}
