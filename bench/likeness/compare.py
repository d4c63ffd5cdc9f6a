"""Which statistic tells that an image is not like the training images: share refused beyond the limit that 99 % of the validation films keep.

Run: python bench/likeness/compare.py ../shared/data test/packs/cxr3-ofa595-bootstrap [TENSOR...]
Needs numpy, scikit-learn, scikit-image, matplotlib, onnx, onnxruntime and Pillow; the photographs are those that come with these packages, and nothing is copied.
Statistics are of every second training film, the limits of all validation films; films of the test split are looked at for false refusals alone.
"""
import csv
import json
import os
import random
import sys
from pathlib import Path

import matplotlib
import numpy as np
import onnx
import onnxruntime
import skimage
import sklearn
from PIL import Image, ImageOps
from sklearn.covariance import LedoitWolf

DATA, MODEL = Path(sys.argv[1]), Path(sys.argv[2])
TENSORS = sys.argv[3:] or ['/m/f/f.3/Add_output_0', '/m/f/f.6/Add_output_0', '/m/f/f.10/Add_output_0', '/m/f/f.14/Add_output_0', '/m/f/f.18/Add_output_0', 'cam_last_block']
SHARE, GRID, COMPONENTS = 0.99, 4, 64

manifest = json.loads((MODEL / 'model.json').read_text())
side, mean, std = (manifest['input'][key] for key in ('width', 'mean', 'std'))
model = onnx.load(MODEL / 'model.onnx')
present = {output.name for output in model.graph.output}
model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in TENSORS if name not in present)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])


def grid_means(values):
    images, channels, height, width = values.shape
    return values.reshape(images, channels, GRID, height // GRID, GRID, width // GRID).mean((3, 5)).reshape(images, -1)


def look(images):
    rows, batch = [], []

    def run():
        x = np.stack(batch)
        features, logits, *layers = session.run(['features', 'logits', *TENSORS], {'input': x})
        rows.append({'features': features, 'logits': logits, **{name: grid_means(values) for name, values in zip(TENSORS, layers)}})
        batch.clear()

    for image in images:
        grey = np.asarray(image.convert('L').resize((side, side), Image.BILINEAR), np.float32) / 255
        batch.append(np.stack([(grey - mean[c]) / std[c] for c in range(3)]).astype(np.float32))
        if len(batch) == 16:
            run()
    if batch:
        run()
    return {key: np.concatenate([row[key] for row in rows]).astype(np.float64) for key in rows[0]}


def listed(folder, split=None):
    with open(DATA / folder / 'manifest.csv', newline='') as file:
        return [row for row in csv.DictReader(file) if (split is None or row['split'] == split) and (DATA / folder / row['file']).exists()]


def film(row, folder='cxr3'):
    return Image.open(DATA / folder / row['file']).convert('L')


def cropped(image, share, chance=random.Random(1)):
    width, height = int(image.width * share), int(image.height * share)
    x, y = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def noises(count, chance=np.random.default_rng(0)):
    for index in range(count):
        coarse = int(chance.integers(3, 30)) if index % 2 else 224
        yield Image.fromarray(chance.integers(0, 256, (coarse, coarse), dtype=np.uint8)).resize((224, 224), Image.BICUBIC)


pictures = [os.path.join(os.path.dirname(package.__file__), name) for package, names in (
    (skimage, 'data/coffee.png data/camera.png data/clock_motion.png data/astronaut.png data/gravel.png data/brick.png data/motorcycle_left.png data/hubble_deep_field.jpg data/moon.png data/grass.png data/rocket.jpg data/chelsea.png data/coins.png'),
    (sklearn, 'datasets/images/flower.jpg datasets/images/china.jpg'), (matplotlib, 'mpl-data/sample_data/grace_hopper.jpg'),
) for name in names.split()]
train, validation = listed('cxr3', 'train')[::2], listed('cxr3', 'val')
some = validation[::3]
seen = {
    'train': look(map(film, train)), 'validation': look(map(film, validation)), 'test': look(map(film, listed('cxr3', 'test'))),
    'nih14 test': look(film(row, 'nih14') for row in listed('nih14', 'test')),
    'photographs': look(Image.open(path) for path in pictures), 'their parts': look(cropped(Image.open(path).convert('L'), 0.5) for path in pictures for _ in range(6)),
    'tissue': look(film(row, 'lc25000') for row in listed('lc25000')[::12]), 'inverted': look(ImageOps.invert(film(row)) for row in some),
    'turned 90': look(film(row).transpose(Image.ROTATE_90) for row in some), 'turned 180': look(film(row).transpose(Image.ROTATE_180) for row in some),
    'a third': look(cropped(film(row), 0.35) for row in some), 'a half': look(cropped(film(row), 0.5) for row in some), 'noise': look(noises(60)),
}
truth = np.array([row['label'] for row in train])


def scaler(values):
    variance = values.var(0, ddof=1)
    deviation = np.sqrt(np.maximum(variance, 1e-3 * variance.mean()))
    return lambda other: (other - values.mean(0)) / deviation


def mahalanobis(centre, precision):
    return lambda x: np.einsum('ij,jk,ik->i', x - centre, precision, x - centre)


def statistics(of):
    """Name and a function from features and logits to a number that is larger the less an image is like the training images."""
    scaled = scaler(seen['train'][of])
    t = scaled(seen['train'][of])
    values, vectors = np.linalg.eigh(t.T @ t / (len(t) - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept, rest = min(COMPONENTS, len(values) - 1), values[min(COMPONENTS, len(values) - 1):].mean()

    def components(x):
        along = x @ vectors[:, :kept]
        return (along ** 2 / values[:kept]).sum(1) + np.maximum(0, (x ** 2).sum(1) - (along ** 2).sum(1)) / rest

    full = mahalanobis(t.mean(0), np.linalg.inv(LedoitWolf().fit(t).covariance_))
    centres = [t[truth == label].mean(0) for label in np.unique(truth)]
    within = np.concatenate([t[truth == label] - centre for label, centre in zip(np.unique(truth), centres)])
    precision = np.linalg.inv(LedoitWolf(assume_centered=True).fit(within).covariance_)
    nearest = lambda x: np.min([mahalanobis(centre, precision)(x) for centre in centres], 0)
    residual = lambda x: np.sqrt(np.maximum(0, (x ** 2).sum(1) - ((x @ vectors[:, :kept]) ** 2).sum(1)))
    energy = lambda logits: -np.logaddexp.reduce(logits, axis=1)
    alpha = seen['train']['logits'].max(1).sum() / residual(t).sum()

    def neighbour(x, k=10):
        squares = (x ** 2).sum(1)[:, None] + (t ** 2).sum(1)[None] - 2 * x @ t.T
        return np.partition(squares, k - 1, axis=1)[:, k - 1]

    return {
        'diagonal': lambda s: (scaled(s[of]) ** 2).mean(1), f'{COMPONENTS} components': lambda s: components(scaled(s[of])), 'full, shrunk': lambda s: full(scaled(s[of])),
        'full, per class': lambda s: nearest(scaled(s[of])), 'relative': lambda s: nearest(scaled(s[of])) - full(scaled(s[of])),
        '10 neighbours': lambda s: neighbour(scaled(s[of])), 'ViM': lambda s: alpha * residual(scaled(s[of])) + energy(s['logits']), 'energy': lambda s: energy(s['logits']),
    }


others = [name for name in seen if name not in ('train', 'validation')]
print('| of | statistic |', ' | '.join(f"{name} ({len(seen[name]['logits'])})" for name in others), '|')
print('|---|---|', '---|' * len(others), sep='')
for of in ['features', *TENSORS]:
    for name, measure in statistics(of).items():
        if (of != 'features' and name == 'energy') or (of not in ('features', '/m/f/f.10/Add_output_0') and name != f'{COMPONENTS} components'):
            continue
        limit = np.quantile(measure(seen['validation']), SHARE)
        print(f'| {of} | {name} |', ' | '.join(f'{100 * (measure(seen[other]) > limit).mean():.1f}' for other in others), '|', flush=True)
