import type { PhotonImage } from '@cf-wasm/photon/node';
import { DatasetError, type ImageDecoder } from '@airmeta/tasks';
import { decodePng } from './decode-png.js';
import { readImageHeader, type ImageHeader } from './image-header.js';
import { orient, type DecodedRaster } from './orient.js';
import { UnreadableImageError } from './unreadable-image.js';

/**
 * Everything that decoded pixels depend on: the rules of this folder (raise the number when they change) and the two decoders, whose versions a
 * test compares with what is installed.
 */
export const DECODER_VERSION = 'airmeta 1, fast-png 8.0.0, @cf-wasm/photon 0.4.0';

/** Most pixels of one image: photographs of 24 megapixels fit, and none takes a gigabyte to decode. */
const MAX_PIXELS = 2 ** 25;

/** Largest image file. */
const MAX_FILE_BYTES = 2 ** 28;

/** A decoder that stopped in the middle of an image keeps what it held: a thread starts no more images after this many. */
const MAX_STOPS = 500;

type PhotonImageClass = typeof PhotonImage;

/**
 * Loads the decoders: fast-png for PNG, and photon (Rust's image library as WebAssembly) for the others. Both give the same bits on every
 * machine.
 */
export async function openImageDecoder(): Promise<ImageDecoder> {
  const photon = new Photon((await import('@cf-wasm/photon/node')).PhotonImage);
  return {
    version: DECODER_VERSION,
    decode(bytes, file) {
      try {
        return decode(bytes, photon);
      } catch (error) {
        if (!(error instanceof UnreadableImageError)) throw error;
        throw new DatasetError('corrupt-image', file, `the image cannot be decoded: ${error.message}`, { cause: error });
      }
    },
  };
}

function decode(bytes: Uint8Array, photon: Photon): DecodedRaster {
  if (bytes.byteLength > MAX_FILE_BYTES) throw new UnreadableImageError(`it has ${bytes.byteLength} bytes, allowed are ${MAX_FILE_BYTES}`);
  const header = readImageHeader(bytes);
  const { format, width, height, orientation } = header;
  if (width < 1 || height < 1 || width * height > MAX_PIXELS) {
    throw new UnreadableImageError(
      `it declares ${width} x ${height} pixels, allowed are 1 to ${MAX_PIXELS} (${(MAX_PIXELS / 1e6).toFixed(0)} megapixels)`,
    );
  }
  return orient(format === 'PNG' ? pngRaster(bytes) : photon.decode(bytes, header), orientation);
}

function pngRaster(bytes: Uint8Array): DecodedRaster {
  try {
    return decodePng(bytes);
  } catch (error) {
    if (error instanceof UnreadableImageError) throw error;
    throw new UnreadableImageError(error instanceof Error ? error.message : String(error));
  }
}

/** Every image as RGB and alpha, 8 bits each. */
class Photon {
  private stops = 0;

  constructor(private readonly image: PhotonImageClass) {}

  decode(bytes: Uint8Array, { format, width, height }: ImageHeader): DecodedRaster {
    if (this.stops >= MAX_STOPS) throw new Error('too many damaged images: the image decoder of this thread has to be started again');
    let decoded: InstanceType<PhotonImageClass>;
    try {
      decoded = this.image.new_from_byteslice(bytes);
    } catch (error) {
      this.stops++;
      throw new UnreadableImageError(`the ${format} is damaged, or of a kind that is not read`, { cause: error });
    }
    try {
      const data = decoded.get_raw_pixels();
      if (decoded.get_width() === width && decoded.get_height() === height && data.length === 4 * width * height) {
        return { width, height, channels: 4, maximum: 255, data, format };
      }
      throw new UnreadableImageError(
        `the ${format} has ${decoded.get_width()} x ${decoded.get_height()} pixels and declares ${width} x ${height}`,
      );
    } finally {
      decoded.free();
    }
  }
}
