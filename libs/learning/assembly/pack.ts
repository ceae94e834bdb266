/** Panels: the layout in which gemm.ts streams its right operand. */

/** Bytes of the packed transpose of a matrix [rows][columns]. */
// @ts-ignore: decorator
@inline
function panelWidth(rows: i32): i32 {
  return rows > 4 ? 8 : 4;
}

/**
 * Packs the transpose of a row-major matrix [rows][columns] into panels [columns][8] of eight of its rows each; a last panel of up
 * to four rows is [columns][4]. Rows that a panel lacks are zeros.
 * @param stride bytes from row to row of the source
 */
export function packTransposed(source: usize, stride: usize, rows: i32, columns: i32, panels: usize): void {
  while (rows > 0) {
    const width = panelWidth(rows);
    for (let group = 0; group < width; group += 4) {
      packGroup(source + <usize>group * stride, stride, rows - group, columns, panels + <usize>group * 4, <usize>width * 4);
    }
    source += <usize>width * stride;
    panels += <usize>(width * columns) * 4;
    rows -= width;
  }
}

/** Transposes up to four rows into four neighbouring columns of a panel. */
function packGroup(source: usize, stride: usize, rows: i32, columns: i32, target: usize, step: usize): void {
  if (rows < 4) {
    packFewRows(source, stride, rows, columns, target, step);
    return;
  }
  let r0 = source;
  let r1 = r0 + stride;
  let r2 = r1 + stride;
  let r3 = r2 + stride;
  let remaining = columns;
  for (; remaining >= 4; remaining -= 4) {
    const a = v128.load(r0);
    const b = v128.load(r1);
    const c = v128.load(r2);
    const d = v128.load(r3);
    const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(target, v128.shuffle<f32>(ab01, cd01, 0, 1, 4, 5));
    v128.store(target + step, v128.shuffle<f32>(ab01, cd01, 2, 3, 6, 7));
    v128.store(target + 2 * step, v128.shuffle<f32>(ab23, cd23, 0, 1, 4, 5));
    v128.store(target + 3 * step, v128.shuffle<f32>(ab23, cd23, 2, 3, 6, 7));
    target += 4 * step;
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
  }
  packFewRows(r0, stride, 4, remaining, target, step);
}

/** The same number by number: the last columns, or fewer than four rows. */
function packFewRows(source: usize, stride: usize, rows: i32, columns: i32, target: usize, step: usize): void {
  for (let column = 0; column < columns; ++column) {
    v128.store(target, f32x4.splat(0));
    for (let row = 0; row < rows; ++row) {
      store<f32>(target + <usize>row * 4, load<f32>(source + <usize>row * stride));
    }
    target += step;
    source += 4;
  }
}
