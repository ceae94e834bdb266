import { describe, expect, it } from 'vitest';

import { plainImage, rawDecoder, sourceOf } from '../../test/raw-images.js';
import { DatasetError } from '../dataset/dataset-error.js';
import type { Catalogue } from './catalogue.js';
import { findLayout } from './find-layout.js';

const text = (lines: readonly string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);
const image = plainImage(7, 4);

const found = (contents: Readonly<Record<string, Uint8Array>>) => findLayout(sourceOf(contents));
/** Every class as `role group/name count`. */
const classesOf = ({ classes }: Catalogue) =>
  classes.map(({ role, group, name, images }) => `${role ?? '-'} ${group}/${name} ${images.length}`);
const pixelsOf = ({ classes }: Catalogue) =>
  classes.flatMap(({ images }) => images.map((each) => Array.from(each.raster(rawDecoder).data)));

function refusal(contents: Readonly<Record<string, Uint8Array>>): unknown {
  try {
    findLayout(sourceOf(contents));
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('folders of a split', () => {
  it.each([
    ['train', 'test', 'test'],
    ['train', 'val', 'validation'],
    ['training', 'valid', 'validation'],
    ['meta-train', 'meta-test', 'test'],
    ['Train', 'Testing', 'test'],
  ])('%s and %s are sides, not groups', (train, other, role) => {
    const catalogue = found({ [`${train}/a/1.png`]: image, [`${other}/b/1.png`]: image });
    expect(classesOf(catalogue)).toEqual(['train /a 1', `${role} /b 1`]);
    expect(catalogue.warnings).toEqual([]);
  });

  it('may lie below one folder of all, and have groups in them, as FC100 has its superclasses', () => {
    const catalogue = found({
      'FC100/train/fish/ray/1.png': image,
      'FC100/val/food/can/1.png': image,
      'FC100/test/people/boy/1.png': image,
      'FC100/test/people/boy/2.png': image,
    });
    expect(classesOf(catalogue)).toEqual(['train fish/ray 1', 'validation food/can 1', 'test people/boy 2']);
  });

  it('with the same classes divide images: they are one class, and a warning says so', () => {
    const catalogue = found({ 'train/5/1.png': image, 'test/5/1.png': image, 'train/6/1.png': image });
    expect(classesOf(catalogue)).toEqual(['- /5 2', 'train /6 1']);
    expect(catalogue.warnings).toEqual([
      '1 of 2 classes (5) are on several sides of the split of its folders: it divides images, not classes. Their images are joined to one class each',
    ]);
  });

  it('beside other folders are groups, with a warning, or refused when classes have equal names', () => {
    const catalogue = found({ 'train/a/1.png': image, 'test/b/1.png': image, 'more/c/1.png': image });
    expect(classesOf(catalogue)).toEqual(['- more/c 1', '- test/b 1', '- train/a 1']);
    expect(catalogue.warnings).toEqual([expect.stringContaining('look like the sides of a split')]);
    expect(refusal({ 'train/a/1.png': image, 'test/a/1.png': image, 'more/c/1.png': image })).toMatchObject({ code: 'unclear-layout' });
  });

  it('need a folder per class', () => {
    expect(refusal({ 'train/1.png': image, 'test/1.png': image })).toMatchObject({
      code: 'unclear-layout',
      message: expect.stringContaining('in no folder of a class') as string,
    });
  });

  it('are not made of classes that are called train', () => {
    expect(classesOf(found({ 'train/1.png': image, 'bus/1.png': image }))).toEqual(['- /bus 1', '- /train 1']);
  });
});

describe('tables of images and labels, as of Mini-ImageNet and tieredImageNet', () => {
  const contents = {
    'images/n01.jpg': image,
    'images/n02.jpg': image,
    'images/n03.jpg': image,
    'images/spare.jpg': image,
    'train.csv': text(['filename,label', 'n01.jpg,n01532829', '"n02.jpg","n01532829"']),
    'test.csv': text(['\uFEFFfilename,label\r', 'n03.jpg,n01930112\r']),
  };

  it('give classes their sides, and tell what no table names', () => {
    const catalogue = found(contents);
    expect(classesOf(catalogue)).toEqual(['train /n01532829 2', 'test /n01930112 1']);
    expect(catalogue.leftOut).toEqual([{ path: 'images/spare.jpg', reason: 'in no table' }]);
  });

  it('find images by the end of their path', () => {
    const tiered = {
      'data/a/1.jpg': image,
      'data/b/1.jpg': image,
      'train.csv': text(['index,file,class', '0,a/1.jpg,x']),
      'val.csv': text(['index,file,class', '1,./b/1.jpg,y']),
    };
    expect(classesOf(found(tiered))).toEqual(['train /x 1', 'validation /y 1']);
  });

  it.each([
    ['an image that is not there', ['filename,label', 'n09.jpg,x'], 'which is not there'],
    ['a line without label', ['filename,label', 'n01.jpg,'], 'line 2 has no file or no label'],
    ['an image of two labels', ['filename,label', 'n01.jpg,x', 'n01.jpg,y'], 'n01.jpg the label y, and train.csv gives it x'],
    ['two columns of one name', ['filename,label,label', 'n01.jpg,x,y'], 'several columns called "label"'],
  ])('refuse %s', (_, lines, message) => {
    expect(refusal({ ...contents, 'train.csv': text(lines) })).toMatchObject({
      file: 'train.csv',
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuse an image that is there twice, and tables of two folders', () => {
    expect(refusal({ ...contents, 'more/n01.jpg': image })).toMatchObject({ message: expect.stringContaining('there 2 times') as string });
    expect(refusal({ ...contents, 'other/train.csv': contents['train.csv'] })).toMatchObject({ code: 'unclear-layout' });
  });

  it('refuse a file that is of another class on another side, so that no image of training is tested under another name', () => {
    const leak = text(['filename,label', 'n01.jpg,n01930112']);
    expect(refusal({ ...contents, 'test.csv': leak })).toMatchObject({
      code: 'unclear-layout',
      file: 'test.csv',
      message: expect.stringContaining('n01.jpg the label n01930112, and train.csv gives it n01532829') as string,
    });
  });

  it('take a file once that they name again, in one table or in several', () => {
    const again = text(['filename,label', 'n03.jpg,n01930112', 'n03.jpg,n01930112', 'n01.jpg,n01532829', 'spare.jpg,n01532829']);
    const catalogue = found({ ...contents, 'test.csv': again });
    expect(classesOf(catalogue)).toEqual(['- /n01532829 3', 'test /n01930112 1']);
    expect(catalogue.leftOut).toEqual([
      { path: 'images/n03.jpg', reason: 'named twice in test.csv' },
      { path: 'images/n01.jpg', reason: 'named in train.csv and again in test.csv' },
    ]);
  });

  it.each([
    ['other columns', ['epoch,loss', '1,2']],
    ['semicolons', ['filename;label', '1.png;x']],
    ['no line of names', ['1.png,x']],
    ['nothing in them', []],
  ])('with %s are files like others, and a warning says what they lack', (_, lines) => {
    const catalogue = found({ 'a/1.png': image, 'train.csv': text(lines) });
    expect(classesOf(catalogue)).toEqual(['- /a 1']);
    expect(catalogue.leftOut).toEqual([{ path: 'train.csv', reason: 'not an image by its name' }]);
    expect(catalogue.warnings).toEqual([expect.stringMatching(/^train\.csv is not read as a table .*label, class, class_name or wnid/)]);
  });

  it('of other names may have any columns', () => {
    expect(found({ 'a/1.png': image, 'notes.csv': text(['epoch,loss', '1,2']) }).warnings).toEqual([]);
  });

  it('that name no image are warned of, beside one that does', () => {
    expect(found({ ...contents, 'test.csv': text(['filename,label']) }).warnings).toEqual(['test.csv names no image']);
    expect(found({ ...contents, 'test.csv': text(['a;b']) }).warnings).toEqual([
      expect.stringMatching(/^test\.csv is not read as a table/),
    ]);
  });
});

describe('lists of classes, as of CIFAR-FS', () => {
  const contents = {
    'cifar100/data/apple/1.png': image,
    'cifar100/data/bear/1.png': image,
    'cifar100/data/crab/1.png': image,
    'cifar100/data/deer/1.png': image,
    'cifar100/splits/bertinetto/train.txt': text(['apple', '']),
    'cifar100/splits/bertinetto/val.txt': text(['bear']),
    'cifar100/splits/bertinetto/test.txt': text(['crab\r']),
  };

  it('give classes their sides, and tell which are in none', () => {
    const catalogue = found(contents);
    expect(classesOf(catalogue)).toEqual(['train cifar100/data/apple 1', 'validation cifar100/data/bear 1', 'test cifar100/data/crab 1']);
    expect(catalogue.leftOut).toEqual([{ path: 'cifar100/data/deer/1.png', reason: 'of a class that no list of splits/bertinetto names' }]);
  });

  it('are refused when they name a class that is not there, or one twice, or there are several', () => {
    const list = 'cifar100/splits/bertinetto/test.txt';
    expect(refusal({ ...contents, [list]: text(['emu']) })).toMatchObject({
      message: expect.stringContaining('the first is emu') as string,
    });
    expect(refusal({ ...contents, [list]: text(['apple']) })).toMatchObject({ file: list });
    expect(refusal({ ...contents, 'cifar100/splits/mine/train.txt': text(['apple']) })).toMatchObject({ code: 'unclear-layout' });
  });
});

/** An idx file of bytes. */
function idx(sizes: readonly number[], data: readonly number[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  header.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, index) => header.setUint32(4 + 4 * index, size));
  return Uint8Array.of(...new Uint8Array(header.buffer), ...data);
}

describe('idx files, as of MNIST and EMNIST', () => {
  const mnist = {
    'train-images-idx3-ubyte': idx([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    'train-labels-idx1-ubyte': idx([3], [1, 0, 1]),
    't10k-images.idx3-ubyte': idx([1, 2, 2], [13, 14, 15, 16]),
    't10k-labels.idx1-ubyte': idx([1], [0]),
  };

  it('give classes by label, the parts joined, with a warning', () => {
    const catalogue = found(mnist);
    expect(classesOf(catalogue)).toEqual(['- /0 2', '- /1 2']);
    expect(pixelsOf(catalogue)).toEqual([
      [13, 14, 15, 16],
      [5, 6, 7, 8],
      [1, 2, 3, 4],
      [9, 10, 11, 12],
    ]);
    expect(catalogue.warnings).toEqual([expect.stringContaining('train and t10k hold images of the same classes')]);
    expect(catalogue.leftOut).toEqual([]);
  });

  it('of EMNIST are turned back, and have the characters of their mapping', () => {
    const emnist = {
      'gzip/emnist-balanced-train-images-idx3-ubyte': idx([1, 2, 3], [1, 2, 3, 4, 5, 6]),
      'gzip/emnist-balanced-train-labels-idx1-ubyte': idx([1], [10]),
      'gzip/emnist-balanced-mapping.txt': text(['0 48', '10 65']),
    };
    const catalogue = found(emnist);
    expect(classesOf(catalogue)).toEqual(['- /A 1']);
    expect(pixelsOf(catalogue)).toEqual([[1, 4, 2, 5, 3, 6]]);
    const letters = Object.fromEntries(Object.entries(emnist).map(([path, bytes]) => [path.replace('balanced', 'letters'), bytes]));
    expect(refusal({ ...emnist, ...letters })).toMatchObject({ message: expect.stringContaining('2 sets of idx files') as string });
  });

  it.each([
    ['cut off', { 'train-images-idx3-ubyte': mnist['train-images-idx3-ubyte'].subarray(0, 20) }],
    [
      'longer than declared',
      {
        'train-images-idx3-ubyte': idx(
          [3, 2, 2],
          Array.from({ length: 13 }, () => 1),
        ),
      },
    ],
    ['no idx files', { 'train-labels-idx1-ubyte': Uint8Array.of(1, 2, 3) }],
    ['of unequal length', { 'train-labels-idx1-ubyte': idx([2], [1, 0]) }],
  ])('are refused when they are %s', (_, changed) => {
    expect(refusal({ ...mnist, ...changed })).toMatchObject({ code: 'corrupt-image', file: Object.keys(changed)[0] });
  });

  it('need their labels, and no images beside them', () => {
    expect(refusal({ 'train-images-idx3-ubyte': mnist['train-images-idx3-ubyte'] })).toMatchObject({ code: 'unclear-layout' });
    expect(refusal({ ...mnist, 'a/1.png': image })).toMatchObject({ code: 'unclear-layout', file: 'a/1.png' });
  });
});

describe('LEAF users, as of FEMNIST', () => {
  const users = (data: Readonly<Record<string, unknown>>) =>
    text([JSON.stringify({ users: Object.keys(data), num_samples: [], user_data: data })]);
  const contents = {
    'train/all_data_0.json': users({
      f0001: {
        x: [
          [0, 0.25, 0.5, 1],
          [1, 1, 1, 1],
        ],
        y: [0, 36],
      },
      f0002: { x: [[0, 0, 0, 0]], y: [10] },
    }),
    'test/all_data_0.json': users({ f0001: { x: [[0.5, 0.5, 0.5, 0.5]], y: [0] } }),
    'meta.json': text(['{}']),
  };

  it('are groups, and what they wrote are classes', () => {
    const catalogue = found(contents);
    expect(classesOf(catalogue)).toEqual(['- f0001/0 2', '- f0001/a 1', '- f0002/A 1']);
    expect(pixelsOf(catalogue)[1]).toEqual([0, 0.25, 0.5, 1]);
    expect(catalogue.leftOut).toEqual([{ path: 'meta.json', reason: 'not an image by its name' }]);
    expect(catalogue.warnings).toHaveLength(1);
  });

  it.each([
    ['cut off', text(['{"user_data": {"f0001": {"x": [[0'])],
    ['without labels', users({ f0001: { x: [[0]], y: [] } })],
    ['with images that are not square', users({ f0001: { x: [[0, 1]], y: [1] } })],
  ])('are refused when they are %s', (_, bytes) => {
    expect(refusal({ 'train/all.json': bytes })).toBeInstanceOf(DatasetError);
  });
});
