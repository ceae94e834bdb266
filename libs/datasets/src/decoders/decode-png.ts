import { crc32, inflateSync } from 'node:zlib';
import { convertIndexedToRgb, decode, type DecodedPng } from 'fast-png';
import type { DecodedRaster } from './orient.js';
import { UnreadableImageError } from './unreadable-image.js';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum of a chunk. */
const CHUNK_BYTES = 12;

/** What pixels are made of; all others are left out before decoding, as compressed texts and profiles may inflate to anything. */
const PIXEL_CHUNKS = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/** Samples a pixel has, by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** First row and column, and steps, of Adam7's seven passes. */
const PASSES = [
  [0, 0, 8, 8],
  [0, 4, 8, 8],
  [4, 0, 8, 4],
  [0, 2, 4, 4],
  [2, 0, 4, 2],
  [0, 1, 2, 2],
  [1, 0, 2, 1],
] as const;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With its length and checksum. */
  readonly whole: Uint8Array;
}

/**
 * Decodes a PNG of any colour type, bit depth (1 to 16) and interlacing; of an animation, its still image. Nothing is inflated beyond the
 * pixels that its header declares.
 * @throws UnreadableImageError when it is cut off, fails a checksum, or holds more data than pixels
 */
export function decodePng(bytes: Uint8Array): DecodedRaster {
  const chunks = readChunks(bytes).filter(({ type }) => PIXEL_CHUNKS.has(type));
  checkInflatedSize(chunks);
  const kept = Buffer.concat([bytes.subarray(0, SIGNATURE_BYTES), ...chunks.map(({ whole }) => whole)]);
  return { ...samplesOf(decode(kept)), format: 'PNG' };
}

function readChunks(bytes: Uint8Array): Chunk[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE_BYTES; chunks.at(-1)?.type !== 'IEND';) {
    if (at + CHUNK_BYTES > view.length || at + CHUNK_BYTES + view.readUInt32BE(at) > view.length)
      throw new UnreadableImageError('the PNG is cut off');
    const length = view.readUInt32BE(at);
    const body = view.subarray(at + 4, at + 8 + length);
    if (crc32(body) !== view.readUInt32BE(at + 8 + length)) throw new UnreadableImageError('the PNG is damaged: a checksum is wrong');
    chunks.push({ type: body.toString('latin1', 0, 4), data: body.subarray(4), whole: view.subarray(at, at + CHUNK_BYTES + length) });
    at += CHUNK_BYTES + length;
  }
  return chunks;
}

function checkInflatedSize(chunks: readonly Chunk[]): void {
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (header?.length !== 13) throw new UnreadableImageError('the PNG has no header');
  const view = Buffer.from(header);
  const [width, height, depth, colours, interlaced] = [view.readUInt32BE(0), view.readUInt32BE(4), view[8], view[9], view[12]];
  if (!Object.hasOwn(SAMPLES, colours)) throw new UnreadableImageError(`the PNG has colour type ${colours}, which there is not`);
  const bits = depth * SAMPLES[colours];
  // Every row has a byte that names its filter.
  const rowsOf = (columns: number, rows: number) => (columns > 0 ? rows * (1 + Math.ceil((columns * bits) / 8)) : 0);
  const expected =
    interlaced === 0
      ? rowsOf(width, height)
      : PASSES.reduce(
          (sum, [row, column, rowStep, columnStep]) =>
            sum + rowsOf(Math.ceil((width - column) / columnStep), Math.max(0, Math.ceil((height - row) / rowStep))),
          0,
        );
  const compressed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  let inflated: number;
  try {
    inflated = inflateSync(compressed, { maxOutputLength: expected }).length;
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new UnreadableImageError(
      tooLarge
        ? `its data inflate to more than the ${width} x ${height} pixels that it declares`
        : 'its compressed data are damaged or cut off',
    );
  }
  if (inflated < expected) throw new UnreadableImageError(`its data hold fewer than the ${width} x ${height} pixels that it declares`);
}

function samplesOf(png: DecodedPng): Omit<DecodedRaster, 'format'> {
  const { width, height } = png;
  if (png.palette) {
    const channels = png.palette[0]?.length === 4 ? 4 : 3;
    return { width, height, channels, maximum: 255, data: convertIndexedToRgb(png) };
  }
  const maximum = 2 ** png.depth - 1;
  const data = png.depth < 8 ? unpackGrey(png) : png.data;
  const channels = png.channels as DecodedRaster['channels'];
  // Without one, the decoder gives an empty colour.
  const transparent = png.transparency?.length === channels ? png.transparency : null;
  return transparent ? withAlpha({ width, height, channels, maximum, data }, transparent) : { width, height, channels, maximum, data };
}

/** Greyscale with several pixels a byte: most significant bits first, rows padded to whole bytes. */
function unpackGrey({ data, width, height, depth }: DecodedPng): Uint8Array {
  const bytesPerRow = Math.ceil((width * depth) / 8);
  const maximum = 2 ** depth - 1;
  const grey = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      grey[row * width + column] = (data[row * bytesPerRow + (bit >> 3)] >> (8 - depth - (bit & 7))) & maximum;
    }
  }
  return grey;
}

/** One colour of a grey or RGB image may be declared transparent. */
function withAlpha(raster: Omit<DecodedRaster, 'format'>, transparent: ArrayLike<number>): Omit<DecodedRaster, 'format'> {
  const { channels, data, maximum } = raster;
  const pixels = data.length / channels;
  const widened = new Uint16Array(pixels * (channels + 1));
  for (let pixel = 0; pixel < pixels; pixel++) {
    let isTransparent = true;
    for (let channel = 0; channel < channels; channel++) {
      const sample = data[pixel * channels + channel];
      widened[pixel * (channels + 1) + channel] = sample;
      if (sample !== transparent[channel]) isTransparent = false;
    }
    widened[pixel * (channels + 1) + channels] = isTransparent ? 0 : maximum;
  }
  return { ...raster, channels: (channels + 1) as DecodedRaster['channels'], data: widened };
}
