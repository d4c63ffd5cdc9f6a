"""Expected values of src/common/stats, by scikit-learn. Run: python make_statistics_golden.py > statistics.json

Written with scikit-learn 1.9.1 and NumPy 2.4.6. Probabilities are rounded to two or three digits, so that there are many ties.
"""
import json
import sys
import warnings

import numpy as np
import sklearn
from scipy.optimize import minimize_scalar
from sklearn import metrics
from sklearn.calibration import _sigmoid_calibration

warnings.filterwarnings('ignore')
random = np.random.default_rng(7)


def clean(value):
    if isinstance(value, dict):
        return {key: clean(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(entry) for entry in value]
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (np.integer, int)):
        return int(value)
    return float(value)


def calibration_error(probabilities, right, bins=15):
    """Guo et al. 2017, equation 3, written out."""
    position = np.minimum((probabilities * bins).astype(int), bins - 1)
    error = 0.0
    for one in range(bins):
        inside = position == one
        if inside.any():
            error += inside.mean() * abs(probabilities[inside].mean() - right[inside].mean())
    return error


def of_label(truth, probabilities, called):
    both = 0 < truth.sum() < len(truth)
    positive, negative = truth.sum(), len(truth) - truth.sum()
    return {
        'precision': metrics.precision_score(truth, called, zero_division=np.nan),
        'recall': metrics.recall_score(truth, called, zero_division=np.nan),
        'specificity': metrics.recall_score(1 - truth, 1 - called, zero_division=np.nan) if negative else None,
        'f1': metrics.f1_score(truth, called) if positive else None,
        'auroc': metrics.roc_auc_score(truth, probabilities) if both else None,
        'auprc': metrics.average_precision_score(truth, probabilities) if both else None,
        'ece': calibration_error(probabilities, truth),
        'brier': np.mean((probabilities - truth) ** 2),
    }


def mean(values):
    values = [value for value in values if value is not None and not np.isnan(value)]
    return float(np.mean(values)) if values else None


def multiclass(name, truth, probabilities, groups):
    labels = probabilities.shape[1]
    called = probabilities.argmax(1)
    present = sorted(set(truth.tolist()))
    per = [of_label((truth == label).astype(int), probabilities[:, label], (called == label).astype(int)) for label in range(labels)]
    one_hot = np.eye(labels)[truth]
    overall = {
        'accuracy': metrics.accuracy_score(truth, called),
        'balancedAccuracy': metrics.balanced_accuracy_score(truth, called),
        'microSpecificity': metrics.recall_score(1 - one_hot, 1 - np.eye(labels)[called], average='micro'),
        'macroSpecificity': mean([entry['specificity'] for entry in per]),
        'auroc': mean([entry['auroc'] for entry in per]),
        'auprc': mean([entry['auprc'] for entry in per]),
        'ece': calibration_error(probabilities.max(1), (called == truth).astype(float)),
        'brier': np.mean(((probabilities - one_hot) ** 2).sum(1)),
    }
    for average in ('macro', 'weighted'):
        overall[f'{average}Precision'] = metrics.precision_score(truth, called, labels=present, average=average, zero_division=np.nan)
        overall[f'{average}Recall'] = metrics.recall_score(truth, called, labels=present, average=average)
        overall[f'{average}F1'] = metrics.f1_score(truth, called, labels=present, average=average)
    for metric in ('precision', 'recall', 'f1'):
        overall['micro' + metric.capitalize()] = getattr(metrics, f'{metric}_score')(truth, called, average='micro')
    return {
        'name': name, 'task': 'multiclass', 'labels': labels, 'truth': one_hot.astype(int).ravel().tolist(), 'probabilities': probabilities.ravel().tolist(),
        'groups': groups, 'operatingPoints': [0.5] * labels, 'overall': clean(overall), 'perLabel': clean(per),
        'confusion': metrics.confusion_matrix(truth, called, labels=range(labels)).tolist(),
    }


def multilabel(name, truth, probabilities, groups, points):
    """truth holds -1 where it is not known; every label is measured on its known cases."""
    labels = probabilities.shape[1]
    per, counts, balanced = [], [], []
    for label in range(labels):
        known = truth[:, label] >= 0
        own, scores = truth[known, label], probabilities[known, label]
        called = (scores >= points[label]).astype(int)
        per.append(of_label(own, scores, called))
        tn, fp, fn, tp = metrics.confusion_matrix(own, called, labels=[0, 1]).ravel()
        counts.append([tp, fn, fp, tn])
        if 0 < own.sum() < len(own):
            balanced.append(metrics.balanced_accuracy_score(own, called))
    known = truth >= 0
    all_truth, all_called = truth[known], (probabilities >= np.array(points))[known].astype(int)
    support = [(truth[:, label] == 1).sum() for label in range(labels)]
    overall = {'accuracy': metrics.accuracy_score(all_truth, all_called), 'balancedAccuracy': mean(balanced)}
    for metric in ('precision', 'recall', 'f1', 'specificity'):
        values = [(entry[metric], weight) for entry, weight in zip(per, support) if entry[metric] is not None and not np.isnan(entry[metric]) and (weight or metric == 'specificity')]
        overall['macro' + metric.capitalize()] = float(np.mean([value for value, _ in values]))
        overall['weighted' + metric.capitalize()] = float(np.average([value for value, _ in values], weights=[weight for _, weight in values]))
        if metric == 'specificity':
            overall['microSpecificity'] = metrics.recall_score(1 - all_truth, 1 - all_called)
        else:
            overall['micro' + metric.capitalize()] = getattr(metrics, f'{metric}_score')(all_truth, all_called)
    for metric in ('auroc', 'auprc', 'ece', 'brier'):
        overall[metric] = mean([entry[metric] for entry in per])
    return {
        'name': name, 'task': 'multilabel', 'labels': labels, 'truth': truth.ravel().tolist(), 'probabilities': probabilities.ravel().tolist(),
        'groups': groups, 'operatingPoints': points, 'overall': clean(overall), 'perLabel': clean(per), 'confusion': clean(counts),
    }


def softmax(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def groups_of(count):
    return [f'patient-{number}' for number in sorted(random.integers(0, count // 2, count).tolist())]


def class_set(name, count, labels, only=None):
    truth = random.choice(only if only is not None else range(labels), count)
    probabilities = np.round(softmax(random.normal(size=(count, labels)) + 1.5 * np.eye(labels)[truth]), 2)
    return multiclass(name, truth, probabilities, groups_of(count))


def label_set(name, count, labels, unknown, empty=()):
    prevalence = random.uniform(0.05, 0.4, labels)
    truth = (random.uniform(size=(count, labels)) < prevalence).astype(int)
    truth[:, list(empty)] = 0
    probabilities = np.round(1 / (1 + np.exp(-random.normal(size=(count, labels)) - 1.5 * truth + 1)), 2)
    truth[random.uniform(size=(count, labels)) < unknown] = -1
    return multilabel(name, truth, probabilities, groups_of(count), [0.3, 0.5, 0.45, 0.25][:labels])


def temperature_fit(task):
    count, labels = 150, 4
    logits = np.round(4 * random.normal(size=(count, labels)), 3)
    if task == 'multiclass':
        truth = np.array([random.choice(labels, p=row) for row in softmax(logits / 2.3)])
        one_hot = np.eye(labels)[truth].astype(int)

        def loss(temperature):
            return metrics.log_loss(truth, softmax(logits / temperature), labels=range(labels))
    else:
        one_hot = (random.uniform(size=logits.shape) < 1 / (1 + np.exp(-logits / 2.3))).astype(int)
        one_hot[random.uniform(size=logits.shape) < 0.2] = -1
        known = one_hot >= 0

        def loss(temperature):
            return metrics.log_loss(one_hot[known], 1 / (1 + np.exp(-logits[known] / temperature)))
    fit = minimize_scalar(loss, bounds=(0.05, 20), method='bounded', options={'xatol': 1e-12})
    return {'task': task, 'labels': labels, 'logits': logits.ravel().tolist(), 'truth': one_hot.ravel().tolist(), 'temperature': fit.x, 'lossBefore': loss(1), 'lossAfter': fit.fun}


def platt_fit():
    logits = np.round(3 * random.normal(size=120), 3)
    truth = (random.uniform(size=120) < 1 / (1 + np.exp(-(0.6 * logits - 1)))).astype(int)
    a, b = _sigmoid_calibration(logits, truth)
    return {'logits': logits.tolist(), 'truth': truth.tolist(), 'slope': -a, 'offset': -b}


def points_fit():
    truth = (random.uniform(size=200) < 0.3).astype(int)
    scores = np.round(1 / (1 + np.exp(-random.normal(size=200) - 1.5 * truth + 0.5)), 2)
    false, true, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
    precision, recall, f_thresholds = metrics.precision_recall_curve(truth, scores)
    f1 = 2 * precision[:-1] * recall[:-1] / np.maximum(precision[:-1] + recall[:-1], 1e-12)
    wanted = np.argmax(true >= 0.9)
    # The lowest probability that is called; the operating point lies between it and the next lower one.
    return {'truth': truth.tolist(), 'scores': scores.tolist(), 'youden': thresholds[np.argmax(true - false)], 'f1': f_thresholds[len(f1) - 1 - np.argmax(f1[::-1])], 'f1Value': f1.max(), 'youdenValue': (true - false).max(), 'sensitivity90': thresholds[wanted], 'sensitivity90Specificity': 1 - false[wanted]}


def curves_fit():
    """Curves of one label, and what they are at given places under weights of the patients (a draw of the bootstrap)."""
    count, groups = 160, 30
    truth = (random.uniform(size=count) < 0.35).astype(int)
    scores = np.round(1 / (1 + np.exp(-random.normal(size=count) - 1.2 * truth + 0.6)), 2)
    patients = random.integers(0, groups, count)
    draws = np.bincount(random.integers(0, groups, groups), minlength=groups)
    plain = {}
    false, true, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
    precision, recall, pr_thresholds = metrics.precision_recall_curve(truth, scores)
    plain['roc'] = {'x': false.tolist(), 'y': true.tolist(), 'threshold': [None, *thresholds[1:].tolist()]}
    # By falling threshold, and without the point (0, 1) that is no threshold's.
    plain['precisionRecall'] = {'x': recall[:-1][::-1].tolist(), 'y': precision[:-1][::-1].tolist(), 'threshold': pr_thresholds[::-1].tolist()}
    weights = draws[patients].astype(float)
    used = weights > 0
    false, true, _ = metrics.roc_curve(truth[used], scores[used], sample_weight=weights[used], drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(truth[used], scores[used], sample_weight=weights[used])
    along = []
    for place in np.arange(101) / 100:
        left = np.searchsorted(false, place + 1e-9, side='right') - 1
        along.append(true[left] if left == len(false) - 1 else np.interp(place, false[left:left + 2], true[left:left + 2]))
    at_recall = [precision[np.where(recall >= place - 1e-9)[0].max()] for place in (np.arange(100) + 1) / 100]
    return {
        'truth': truth.tolist(), 'scores': scores.tolist(), 'patients': patients.tolist(), 'draws': draws.tolist(), **plain,
        'sensitivities': along, 'precisions': at_recall, 'auroc': metrics.roc_auc_score(truth[used], scores[used], sample_weight=weights[used]),
        'auprc': metrics.average_precision_score(truth[used], scores[used], sample_weight=weights[used]),
    }


json.dump({
    'madeWith': f'scikit-learn {sklearn.__version__}, NumPy {np.__version__}',
    'sets': [
        class_set('three classes', 200, 3), class_set('five classes, one does not occur', 120, 5, [0, 1, 3, 4]), class_set('one class only', 40, 3, [1]),
        label_set('four labels', 150, 4, 0), label_set('four labels, some unknown', 180, 4, 0.25), label_set('a label without positives', 90, 3, 0.1, [1]),
    ],
    'temperatures': [temperature_fit('multiclass'), temperature_fit('multilabel')],
    'platt': platt_fit(),
    'points': points_fit(),
    'curves': curves_fit(),
}, sys.stdout, default=float)
