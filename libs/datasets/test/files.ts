/** The bytes of small image files and archives. */
import { crc32, deflateRawSync } from 'node:zlib';
import { greyPng } from './png.js';

/** A white 105 x 105 drawing with a black square of `side` pixels; or black and white the other way round. */
export function drawing(side: number, [blank, inked]: readonly [number, number] = [255, 0]): Buffer {
  const levels = Array.from({ length: 105 * 105 }, (_, pixel) => (Math.floor(pixel / 105) < side && pixel % 105 < side ? inked : blank));
  return greyPng(105, 105, levels);
}

interface ZipOptions {
  /** Whether files are compressed. */
  readonly deflate?: boolean;
  /** What the directory says of every file's size, instead of the truth. */
  readonly declaredSize?: number;
  readonly flags?: number;
  readonly method?: number;
}

/** A zip archive. */
export function zip(
  contents: Readonly<Record<string, Uint8Array>>,
  { deflate = false, declaredSize, flags = 0, method }: ZipOptions = {},
): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(contents)) {
    const name = Buffer.from(path);
    const data = deflate ? deflateRawSync(content) : content;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(method ?? (deflate ? 8 : 0), 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(declaredSize ?? content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, name, data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), shared, place, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A tar archive, with GNU's or POSIX's record for names that do not fit. */
export function tar(contents: Readonly<Record<string, Uint8Array>>, longNames: 'gnu' | 'posix' = 'gnu'): Buffer {
  const parts = Object.entries(contents).flatMap(([path, content]) => {
    if (Buffer.byteLength(path) <= 100) return [tarEntry(path, '0', content)];
    const name = longNames === 'gnu' ? Buffer.from(`${path}\0`) : paxRecord('path', path);
    return [tarEntry('long name', longNames === 'gnu' ? 'L' : 'x', name), tarEntry(path.slice(0, 99), '0', content)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function tarEntry(name: string, type: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (length !== Buffer.byteLength(`${length}${rest}`)) length = Buffer.byteLength(`${length}${rest}`);
  return Buffer.from(`${length}${rest}`);
}
