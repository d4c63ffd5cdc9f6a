"""Folders of images that the input gate should pass (test films, test tiles) and of others that it should refuse, for `negatoscope check-gate`.

Run: python bench/likeness/folders.py ../shared/data OUT, then
     npx negatoscope check-gate OUT/chest/* --model cxr3-ofa595 and npx negatoscope check-gate OUT/tissue/* --model lc5-ofa595
Needs numpy, scikit-image, scikit-learn, matplotlib and Pillow; the photographs are those that come with these packages, and nothing is copied.
"""
import csv
import os
import random
import sys
from pathlib import Path

import matplotlib
import numpy as np
import skimage
import sklearn
from PIL import Image, ImageOps

DATA, OUT = Path(sys.argv[1]), Path(sys.argv[2])
LEAST_SIDE = 200
chance, numbers = random.Random(1), np.random.default_rng(1)


def put(kind, name, images, mode):
    folder = OUT / kind / name
    folder.mkdir(parents=True, exist_ok=True)
    for index, image in enumerate(images):
        image = image.convert(mode)
        scale = max(1, LEAST_SIDE / min(image.size))
        image.resize((round(image.width * scale), round(image.height * scale)), Image.BILINEAR).save(folder / f'{index:03d}.png')


def listed(folder, split):
    with open(DATA / folder / 'manifest.csv', newline='') as file:
        return [DATA / folder / row['file'] for row in csv.DictReader(file) if row['split'] == split and (DATA / folder / row['file']).exists()]


def opened(paths):
    return [Image.open(path).convert('RGB') for path in paths]


def packaged(package, names):
    return [os.path.join(os.path.dirname(package.__file__), name) for name in names.split()]


def cropped(image, share):
    width, height = int(image.width * share), int(image.height * share)
    x, y = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def ninth(image, across, down):
    width, height = image.size
    return image.crop((across * width // 3, down * height // 3, (across + 1) * width // 3, (down + 1) * height // 3))


def tinted(image, colour):
    grey = np.asarray(image.convert('L'), np.float32)[..., None] / 255
    return Image.fromarray((255 * (grey + (1 - grey) * np.asarray(colour))).clip(0, 255).astype(np.uint8))


def noise(shape):
    return Image.fromarray(numbers.integers(0, 256, shape, dtype=np.uint8))


def blank(index):
    pixels = np.full((224, 224), numbers.integers(0, 256), float) + numbers.normal(0, numbers.uniform(1, 8), (224, 224))
    if index % 2:
        slope = np.linspace(-60, 60, 224)
        pixels += slope[:, None] if index % 4 == 1 else slope[None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def gradient():
    first, last = numbers.integers(0, 256, (2, 3))
    along = np.linspace(0, 1, 224)[None, :, None]
    return Image.fromarray(np.broadcast_to(first * (1 - along) + last * along, (224, 224, 3)).astype(np.uint8))


photographs = opened(packaged(skimage, 'data/coffee.png data/camera.png data/clock_motion.png data/astronaut.png data/gravel.png data/brick.png data/motorcycle_left.png data/hubble_deep_field.jpg '
                                       'data/moon.png data/grass.png data/rocket.jpg data/chelsea.png data/coins.png')
                     + packaged(sklearn, 'datasets/images/flower.jpg datasets/images/china.jpg') + packaged(matplotlib, 'mpl-data/sample_data/grace_hopper.jpg'))
films, tiles = opened(listed('cxr3', 'val')[::9]), opened(listed('lc25000', 'val')[::10])

for name, images in {
    'test cxr3': opened(listed('cxr3', 'test')), 'test nih14': opened(listed('nih14', 'test')), 'mirrored': [ImageOps.mirror(film) for film in films],
    'photographs': photographs, 'halves of photographs': [cropped(photograph, 0.5) for photograph in photographs for _ in range(6)], 'tissue in grey': tiles,
    'negatives': [ImageOps.invert(film) for film in films], 'turned 90': [film.transpose(Image.ROTATE_90) for film in films], 'turned 180': [film.transpose(Image.ROTATE_180) for film in films],
    'turned 270': [film.transpose(Image.ROTATE_270) for film in films], 'a third': [cropped(film, 0.35) for film in films], 'a half': [cropped(film, 0.5) for film in films],
    'eye and cells': opened(packaged(skimage, 'data/retina.jpg data/ihc.png data/cell.png data/microaneurysms.png')),
    'drawings': opened(packaged(skimage, 'data/text.png data/page.png data/logo.png data/horse.png data/phantom.png data/color.png data/chessboard_GRAY.png')),
    'noise': [noise((224, 224)) if index % 2 else noise((int(numbers.integers(3, 30)),) * 2).resize((224, 224), Image.BICUBIC) for index in range(60)],
    'blank': [blank(index) for index in range(40)],
}.items():
    put('chest', name, images, 'L')
put('chest', 'tissue in colour', tiles, 'RGB')

coloured = [photograph for photograph in photographs if np.ptp(np.asarray(photograph, np.int16), axis=2).mean() > 4]
for name, images in {
    'test lc25000': opened(listed('lc25000', 'test')), 'photographs': coloured, 'ninths of photographs': [ninth(photograph, across, down) for photograph in coloured for across in range(3) for down in range(3)],
    'eye and cells': opened(packaged(skimage, 'data/retina.jpg data/ihc.png')), 'negatives': [ImageOps.invert(tile) for tile in tiles], 'noise': [noise((224, 224, 3)) for _ in range(12)],
    'gradients': [gradient() for _ in range(12)], 'tinted films': [tinted(film, 0.7 * numbers.random(3)) for film in films], 'grey tiles in pink': [tinted(tile, (0.6, 0.1, 0.5)) for tile in tiles],
}.items():
    put('tissue', name, images, 'RGB')
