"""Expected values of src/common/stats/principalComponents.ts and gridFeatures.ts. Run: python make_likeness_golden.py > likeness.json

Written with scikit-learn 1.9.1, NumPy and PyTorch 2.15: components by a full singular value decomposition, pooling by AdaptiveAvgPool2d.
"""
import json
import sys

import numpy as np
import torch
from sklearn.decomposition import PCA

random = np.random.default_rng(11)
COUNT, SIZE, WANTED = 120, 40, 6

mixing = random.normal(size=(8, SIZE)) * (2.0 ** -np.arange(8))[:, None]
rows = np.round(random.normal(size=(COUNT, 8)) @ mixing + 0.05 * random.normal(size=(COUNT, SIZE)) + random.normal(size=SIZE), 4)
# One feature never moves, and one hardly.
rows[:, 3] = 0.5
rows[:, 4] = np.round(1 + 1e-4 * random.normal(size=COUNT), 4)
probes = np.round(np.concatenate([rows[:3], rows[:3] + 1, random.normal(size=(3, SIZE)) * 3]), 4)

variance = rows.var(0, ddof=1)
deviation = np.sqrt(np.maximum(variance, 1e-3 * variance.mean()))
mean = rows.mean(0)
scaled = (rows - mean) / deviation
pca = PCA(WANTED, svd_solver='full').fit(scaled)
rest = (scaled.var(0, ddof=1).sum() - pca.explained_variance_.sum()) / (SIZE - WANTED)


def distance(values):
    centred = (values - mean) / deviation
    along = centred @ pca.components_.T
    return np.sqrt((np.sum(along ** 2 / pca.explained_variance_, 1) + (np.sum(centred ** 2, 1) - np.sum(along ** 2, 1)) / rest) / SIZE)


activations = np.round(random.normal(size=(5, 7, 9)), 4)
pooled = torch.nn.AdaptiveAvgPool2d(4)(torch.tensor(activations)).numpy()[[0, 1, 3]]
json.dump({
    'size': SIZE, 'wanted': WANTED, 'rows': rows.ravel().tolist(), 'variances': pca.explained_variance_.tolist(), 'rest': float(rest),
    'probes': probes.tolist(), 'distances': distance(probes).tolist(),
    'activations': activations.ravel().tolist(), 'shape': {'channels': 5, 'height': 7, 'width': 9, 'grid': 4, 'kept': 3}, 'pooled': pooled.ravel().tolist(),
}, sys.stdout)
