/**
 * Patches of 3 x 3, stride 2, one pixel of zero padding on all four sides: what turns a convolution into a product. Output
 * position (row, column) sees input pixels (2 row + ky - 1, 2 column + kx - 1), ky, kx = 0, 1, 2. Inside the network, images are
 * [height][width][channels] with channels a multiple of four, and a patch is [ky][kx][channels]: the three pixels of a
 * patch's row are neighbours in the image.
 */

/** Positions along a side of the output. */
// @ts-ignore: decorator
@inline
function convolved(side: i32): i32 {
  return ((side - 1) >> 1) + 1;
}

// @ts-ignore: decorator
@inline
function fillZeros(target: usize, bytes: usize): void {
  for (const end = target + bytes; target < end; target += 16) v128.store(target, f32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function copyVectors(source: usize, target: usize, bytes: usize): void {
  for (const end = target + bytes; target < end; target += 16, source += 16) v128.store(target, v128.load(source));
}

// @ts-ignore: decorator
@inline
function addVectors(source: usize, target: usize, bytes: usize): void {
  for (const end = target + bytes; target < end; target += 16, source += 16) {
    v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
  }
}

/** One image [height][width][channels] to its patches [positions][3][3][channels]. */
export function gatherPatches(image: usize, channels: i32, height: i32, width: i32, patches: usize): void {
  const pixel = <usize>channels * 4;
  const columns = convolved(width);
  for (let row = 0; row < convolved(height); ++row) {
    for (let column = 0; column < columns; ++column) {
      for (let y = 2 * row - 1; y <= 2 * row + 1; ++y) {
        if (y < 0 || y >= height) {
          fillZeros(patches, 3 * pixel);
        } else {
          const left: i32 = column == 0 ? 1 : 0;
          const right: i32 = 2 * column + 1 >= width ? 1 : 0;
          const inside = <usize>(3 - left - right) * pixel;
          if (left) fillZeros(patches, pixel);
          const source = image + <usize>(y * width + 2 * column - 1 + left) * pixel;
          copyVectors(source, patches + <usize>left * pixel, inside);
          if (right) fillZeros(patches + 2 * pixel, pixel);
        }
        patches += 3 * pixel;
      }
    }
  }
}

/** The transpose of gatherPatches: adds patches to an image of zeros where they came from. */
export function scatterPatches(patches: usize, channels: i32, height: i32, width: i32, image: usize): void {
  const pixel = <usize>channels * 4;
  const columns = convolved(width);
  fillZeros(image, <usize>(height * width) * pixel);
  for (let row = 0; row < convolved(height); ++row) {
    for (let column = 0; column < columns; ++column) {
      for (let y = 2 * row - 1; y <= 2 * row + 1; ++y) {
        if (y >= 0 && y < height) {
          const left: i32 = column == 0 ? 1 : 0;
          const right: i32 = 2 * column + 1 >= width ? 1 : 0;
          const target = image + <usize>(y * width + 2 * column - 1 + left) * pixel;
          addVectors(patches + <usize>left * pixel, target, <usize>(3 - left - right) * pixel);
        }
        patches += 3 * pixel;
      }
    }
  }
}

/**
 * One image as the host gives it, [channels][height][width], to patches [positions][channels][3][3].
 * @param stride bytes from patch to patch
 */
export function gatherInputPatches(image: usize, channels: i32, height: i32, width: i32, patches: usize, stride: usize): void {
  const columns = convolved(width);
  for (let row = 0; row < convolved(height); ++row) {
    for (let column = 0; column < columns; ++column) {
      let target = patches;
      for (let channel = 0; channel < channels; ++channel) {
        const plane = image + <usize>(channel * height * width) * 4;
        for (let y = 2 * row - 1; y <= 2 * row + 1; ++y) {
          for (let x = 2 * column - 1; x <= 2 * column + 1; ++x) {
            const inside = y >= 0 && y < height && x >= 0 && x < width;
            store<f32>(target, inside ? load<f32>(plane + <usize>(y * width + x) * 4) : 0);
            target += 4;
          }
        }
      }
      patches += stride;
    }
  }
}
