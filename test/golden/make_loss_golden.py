"""Golden values and gradients of the losses and golden steps of the optimisers, from PyTorch and without any of this repository's code.

    python3 -m venv VENV && VENV/bin/pip install torch numpy
    VENV/bin/python test/golden/make_loss_golden.py

The losses are written after their sources: mdistiller (KD, DKD, AT, RKD), hunto/DIST_KD, penghui-yang/L2D (MLD), sunshangquan/logit-standardization-KD,
omarsherif200/HDKD, hathawayxxh/CRCKD (relation to centroids), torch.nn for the rest. In float64, on inputs rounded to four places. Writes losses.json and
optimisers.json beside itself.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent
N, C = 6, 5


def drawn(*dims, scale=1.0):
    return (torch.randn(*dims) * scale * 1e4).round() / 1e4


classes = torch.tensor([0, 3, 1, 1, 4, 3])
inputs = {
    'student/logits': drawn(N, C, scale=2.5),
    'student/features': drawn(N, 7),
    'student/layer/wide': drawn(N, 3, 6, 5),
    'student/layer/small': drawn(N, 4, 4, 4),
    'student/layer/same': drawn(N, 4, 3, 3),
    'teacher/0/logits': drawn(N, C, scale=3.0),
    'teacher/0/features': drawn(N, 9),
    'teacher/0/layer/narrow': drawn(N, 5, 4, 3),
    'teacher/0/layer/large': drawn(N, 4, 7, 6),
    'teacher/0/layer/same': drawn(N, 4, 3, 3),
    'teacher/1/logits': drawn(N, C, scale=3.0),
    'teacher/1/features': drawn(N, 4),
    'one-hot': F.one_hot(classes, C).double(),
    'labels': (torch.rand(N, C) < 0.4).double(),
    'known': (torch.rand(N, C) < 0.7).double(),
    'class-weights': torch.tensor([1.0, 0.5, 2.0, 3.0, 0.25]),
    'loss/hint/regressor.0.weight': drawn(5, 3, 1, 1, scale=0.5),
    'loss/hint/regressor.0.bias': drawn(5, scale=0.5),
    'loss/hint/regressor.1.weight': drawn(4, 4, 1, 1, scale=0.5),
    'loss/hint/regressor.1.bias': drawn(4, scale=0.5),
    'loss/hdkd/head.weight': drawn(C, 7, scale=0.5),
    'loss/hdkd/head.bias': drawn(C, scale=0.5),
}
SHARES = [0.7, 0.3]
cases = []


def standardise(logits):
    return (logits - logits.mean(-1, keepdim=True)) / (1e-7 + logits.std(-1, keepdim=True))


def kd(s, t, T, stand):
    s, t = (standardise(s), standardise(t)) if stand else (s, t)
    return F.kl_div(F.log_softmax(s / T, 1), F.softmax(t / T, 1), reduction='none').sum(1).mean() * T ** 2


def mse_soft(s, t, T, stand):
    s, t = (standardise(s), standardise(t)) if stand else (s, t)
    return T ** 2 * F.mse_loss(F.softmax(s / T, 1), F.softmax(t / T, 1))


def mse_sigmoid(s, t, T, known):
    return T ** 2 * F.mse_loss(torch.sigmoid(s / T)[known == 1], torch.sigmoid(t / T)[known == 1])


def dkd(s, t, target, alpha, beta, T, stand):
    s, t = (standardise(s), standardise(t)) if stand else (s, t)
    gt = F.one_hot(target, C).bool()

    def two(p):
        return torch.cat([(p * gt).sum(1, keepdim=True), (p * ~gt).sum(1, keepdim=True)], 1)
    tckd = F.kl_div(torch.log(two(F.softmax(s / T, 1))), two(F.softmax(t / T, 1)), reduction='sum') * T ** 2 / N
    nckd = F.kl_div(F.log_softmax(s / T - 1000.0 * gt, 1), F.softmax(t / T - 1000.0 * gt, 1), reduction='sum') * T ** 2 / N
    return alpha * tckd + beta * nckd


def pearson(a, b, eps=1e-8):
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1) + eps)


def dist(s, t, beta, gamma, tau):
    s, t = (s / tau).softmax(1), (t / tau).softmax(1)
    return beta * tau ** 2 * (1 - pearson(s, t).mean()) + gamma * tau ** 2 * (1 - pearson(s.t(), t.t()).mean())


def mld(s, t, known):
    ps, pt = torch.sigmoid(s).clamp(1e-8, 1 - 1e-8), torch.sigmoid(t).clamp(1e-8, 1 - 1e-8)
    return ((pt * torch.log(pt / ps) + (1 - pt) * torch.log((1 - pt) / (1 - ps))) * known).sum() / N


def attention(s, t):
    size = (min(s.shape[2], t.shape[2]), min(s.shape[3], t.shape[3]))

    def at(f):
        return F.normalize(F.adaptive_avg_pool2d(f, size).pow(2).mean(1).reshape(N, -1))
    return (at(s) - at(t)).pow(2).mean()


def hint(s, t, weight, bias):
    size = (min(s.shape[2], t.shape[2]), min(s.shape[3], t.shape[3]))
    return F.mse_loss(F.adaptive_avg_pool2d(F.conv2d(s, weight, bias), size), F.adaptive_avg_pool2d(t, size))


def hdkd(f, head_weight, head_bias, t, pairs, share, T, lam, alpha):
    out = F.linear(f, head_weight, head_bias)
    soft = F.kl_div(F.log_softmax(out / T, 1), F.log_softmax(t / T, 1), reduction='sum', log_target=True) * T * T / out.numel()
    return share * soft + lam * sum(F.mse_loss(b, a) * (i + 1) ** alpha for i, (a, b) in enumerate(pairs))


def pdist(e):
    square = e.pow(2).sum(1)
    res = (square.unsqueeze(1) + square.unsqueeze(0) - 2 * e @ e.t()).clamp(min=1e-12).sqrt().clone()
    res[range(len(e)), range(len(e))] = 0
    return res


def rkd(s, t, distance_weight, angle_weight):
    def relations(e):
        d = pdist(e)
        directions = F.normalize(e.unsqueeze(0) - e.unsqueeze(1), p=2, dim=2)
        return d / d[d > 0].mean(), torch.bmm(directions, directions.transpose(1, 2)).view(-1)
    (ds, angles_s), (dt, angles_t) = relations(s), relations(t)
    return distance_weight * F.smooth_l1_loss(ds, dt) + angle_weight * F.smooth_l1_loss(angles_s, angles_t)


def crp(s, t, target, T):
    present = sorted(set(target.tolist()))

    def relation(e):
        e = F.normalize(e)
        anchors = F.normalize(torch.stack([F.relu(e[target == c]).mean(0) for c in present])).detach()
        return e @ anchors.t() / T
    return F.kl_div(F.log_softmax(relation(s), 1), F.softmax(relation(t), 1), reduction='batchmean')


def focal(s, y, gamma, known):
    p = torch.sigmoid(s)
    loss = -((1 - p) ** gamma) * y * torch.log(p) - p ** gamma * (1 - y) * torch.log(1 - p)
    return (loss * known).sum() / known.sum()


def case(name, task, recipes, value, teachers=1, known=None):
    """`value` takes the inputs by name and gives the weighted sum of the recipes."""
    given = {key: tensor.clone().requires_grad_(key.startswith(('student/', 'loss/'))) for key, tensor in inputs.items()}
    total = value(given)
    total.backward()
    gradients = {key: tensor.grad.flatten().tolist() for key, tensor in given.items() if tensor.grad is not None}
    cases.append({'name': name, 'task': task, 'recipes': recipes, 'teachers': teachers, 'known': known, 'value': total.item(), 'gradients': gradients})


def several(loss):
    return lambda g: sum(share * loss(g['student/logits'], g[f'teacher/{i}/logits']) for i, share in enumerate(SHARES))


S, T0 = 'student/logits', 'teacher/0/logits'
one, many = 'multiclass', 'multilabel'
weights = inputs['class-weights']
case('cross-entropy', one, [{'kind': 'cross-entropy'}], lambda g: F.cross_entropy(g[S], classes), 0)
case('cross-entropy, smoothed and weighted', one, [{'kind': 'cross-entropy', 'labelSmoothing': 0.1, 'classWeights': weights.tolist(), 'weight': 0.5}],
     lambda g: 0.5 * F.cross_entropy(g[S], classes, weight=weights, label_smoothing=0.1), 0)
case('binary cross-entropy', many, [{'kind': 'binary-cross-entropy'}], lambda g: F.binary_cross_entropy_with_logits(g[S], g['labels']), 0)
case('binary cross-entropy of known labels', many, [{'kind': 'binary-cross-entropy'}],
     lambda g: F.binary_cross_entropy_with_logits(g[S], g['labels'], weight=g['known'], reduction='sum') / g['known'].sum(), 0, 'known')
case('focal binary cross-entropy', many, [{'kind': 'focal-binary-cross-entropy', 'weight': 1}], lambda g: focal(g[S], g['labels'], 2, torch.ones(N, C)), 0)
case('focal binary cross-entropy of known labels', many, [{'kind': 'focal-binary-cross-entropy', 'weight': 1, 'gamma': 1.5}],
     lambda g: focal(g[S], g['labels'], 1.5, g['known']), 0, 'known')
case('kl', one, [{'kind': 'kl'}], lambda g: 0.9 * kd(g[S], g[T0], 4, False))
case('kl, standardised', one, [{'kind': 'kl', 'temperature': 2, 'weight': 9, 'standardise': True}], lambda g: 9 * kd(g[S], g[T0], 2, True))
case('kl of two teachers', one, [{'kind': 'kl', 'weight': 1}], several(lambda s, t: kd(s, t, 4, False)), 2)
case('mse of softmax', one, [{'kind': 'mse'}], lambda g: 0.5 * mse_soft(g[S], g[T0], 2, False))
case('mse of softmax, standardised', one, [{'kind': 'mse', 'standardise': True}], lambda g: 0.5 * mse_soft(g[S], g[T0], 2, True))
case('mse of sigmoid', many, [{'kind': 'mse'}], lambda g: 0.5 * mse_sigmoid(g[S], g[T0], 2, torch.ones(N, C)))
case('mse of sigmoid, known labels of two teachers', many, [{'kind': 'mse', 'weight': 1}], lambda g: several(lambda s, t: mse_sigmoid(s, t, 2, g['known']))(g), 2, 'known')
case('dkd', one, [{'kind': 'dkd', 'warmUpEpochs': 0}], lambda g: dkd(g[S], g[T0], classes, 1, 8, 4, False))
case('dkd, standardised, two teachers', one, [{'kind': 'dkd', 'warmUpEpochs': 0, 'alpha': 2, 'beta': 0.5, 'temperature': 1, 'standardise': True}],
     several(lambda s, t: dkd(s, t, classes, 2, 0.5, 1, True)), 2)
case('dist', one, [{'kind': 'dist'}], lambda g: dist(g[S], g[T0], 1, 1, 1))
case('dist, standardised', one, [{'kind': 'dist', 'beta': 2, 'gamma': 0.5, 'temperature': 3, 'standardise': True}],
     lambda g: dist(standardise(g[S]), standardise(g[T0]), 2, 0.5, 3))
case('mld', many, [{'kind': 'mld'}], lambda g: 10 * mld(g[S], g[T0], torch.ones(N, C)))
case('mld of known labels, two teachers', many, [{'kind': 'mld'}], lambda g: 10 * several(lambda s, t: mld(s, t, g['known']))(g), 2, 'known')
case('attention', one, [{'kind': 'attention', 'layers': [{'student': 'wide', 'teacher': 'narrow'}, {'student': 'small', 'teacher': 'large'}]}],
     lambda g: 1000 * (attention(g['student/layer/wide'], g['teacher/0/layer/narrow']) + attention(g['student/layer/small'], g['teacher/0/layer/large'])))
case('hint', one, [{'kind': 'hint', 'layers': [{'student': 'wide', 'teacher': 'narrow'}, {'student': 'small', 'teacher': 'large'}]}],
     lambda g: 100 * (hint(g['student/layer/wide'], g['teacher/0/layer/narrow'], g['loss/hint/regressor.0.weight'], g['loss/hint/regressor.0.bias'])
                      + hint(g['student/layer/small'], g['teacher/0/layer/large'], g['loss/hint/regressor.1.weight'], g['loss/hint/regressor.1.bias'])))
case('hdkd', one, [{'kind': 'hdkd', 'temperature': 2, 'alpha': 2, 'layers': [{'student': 'same', 'teacher': 'same'}, {'student': 'same', 'teacher': 'same'}]}],
     lambda g: hdkd(g['student/features'], g['loss/hdkd/head.weight'], g['loss/hdkd/head.bias'], g[T0],
                    [(g['student/layer/same'], g['teacher/0/layer/same'])] * 2, 0.5, 2, 10, 2))
case('rkd', many, [{'kind': 'rkd'}], lambda g: rkd(g['student/features'], g['teacher/0/features'], 25, 50))
case('rkd of two teachers', one, [{'kind': 'rkd', 'distanceWeight': 1, 'angleWeight': 2}],
     lambda g: sum(share * rkd(g['student/features'], g[f'teacher/{i}/features'], 1, 2) for i, share in enumerate(SHARES)), 2)
case('crckd', one, [{'kind': 'crckd'}], lambda g: crp(g['student/features'], g['teacher/0/features'], classes, 0.07))
case('a sum', one, [{'kind': 'cross-entropy', 'weight': 0.1}, {'kind': 'kl', 'weight': 0.9}, {'kind': 'rkd', 'weight': 0.3}],
     lambda g: 0.1 * F.cross_entropy(g[S], classes) + 0.9 * kd(g[S], g[T0], 4, False) + 0.3 * rkd(g['student/features'], g['teacher/0/features'], 25, 50))


def rounded(value):
    return float(f'{value:.9g}') if isinstance(value, float) else [rounded(v) for v in value] if isinstance(value, list) else \
        {k: rounded(v) for k, v in value.items()} if isinstance(value, dict) else value


(HERE / 'losses.json').write_text(json.dumps(rounded({
    'torch': torch.__version__, 'shares': SHARES,
    'inputs': {key: {'dims': list(tensor.shape), 'values': tensor.flatten().tolist()} for key, tensor in inputs.items()},
    'cases': cases,
}), separators=(',', ':')))


# Optimisers, in float32 as networks are trained.
torch.set_default_dtype(torch.float32)
STEPS = 20
dims = {'stem.weight': [4, 3], 'stem.bias': [4], 'norm.weight': [4], 'head.weight': [2, 4]}
start = {name: torch.randn(size) for name, size in dims.items()}
slopes = [{name: torch.randn(size) * (0.5 + 2 * (step % 3)) for name, size in dims.items()} for step in range(STEPS)]
runs = []


def run(name, recipe, make, schedule=None, clip=None, excluded=()):
    weights = {key: nn.Parameter(value.clone()) for key, value in start.items()}
    decay = recipe['optimiser']['weightDecay']
    optimiser = make([{'params': [w for k, w in weights.items() if k not in excluded], 'weight_decay': decay},
                      {'params': [w for k, w in weights.items() if k in excluded], 'weight_decay': 0.0}])
    scheduler = schedule(optimiser) if schedule else None
    rates, norms, after = [], [], {}
    for step in range(STEPS):
        for key, weight in weights.items():
            weight.grad = slopes[step][key].clone()
        if clip:
            norms.append(float(nn.utils.clip_grad_norm_(list(weights.values()), clip)))
        rates.append(optimiser.param_groups[0]['lr'])
        optimiser.step()
        if scheduler:
            scheduler.step()
        if step in (0, 4, STEPS - 1):
            after[step + 1] = {key: weight.detach().flatten().tolist() for key, weight in weights.items()}
    runs.append({'name': name, 'recipe': recipe, 'rates': rates, 'norms': norms, 'after': after})


sched = torch.optim.lr_scheduler


def warm(optimiser, steps, first, then):
    return sched.SequentialLR(optimiser, [sched.LinearLR(optimiser, start_factor=first, total_iters=steps), then], [steps])


sgd = {'kind': 'sgd', 'learningRate': 0.05, 'momentum': 0.9, 'nesterov': True, 'weightDecay': 0.01}
adamw = {'kind': 'adamw', 'learningRate': 0.02, 'weightDecay': 0.05}
run('SGD with Nesterov, warm-up and cosine', {'optimiser': sgd, 'schedule': {'kind': 'cosine', 'warmUpEpochs': 1, 'warmUpStart': 0.1, 'final': 0.05}},
    lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9, nesterov=True),
    lambda o: warm(o, 5, 0.1, sched.CosineAnnealingLR(o, T_max=STEPS - 5, eta_min=0.05 * 0.05)), excluded=('stem.bias', 'norm.weight'))
run('SGD with momentum, stepped', {'optimiser': {**sgd, 'nesterov': False}, 'schedule': {'kind': 'step', 'stepEpochs': [1, 3], 'stepFactor': 0.3}},
    lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9), lambda o: sched.MultiStepLR(o, [5, 15], gamma=0.3), excluded=('stem.bias', 'norm.weight'))
run('SGD without momentum, everything decays',
    {'optimiser': {**sgd, 'momentum': 0, 'nesterov': False}, 'schedule': {'kind': 'constant'}, 'weightDecayExclusions': {'bias': False, 'normalisation': False}},
    lambda groups: torch.optim.SGD(groups, lr=0.05))
run('AdamW, clipped, the head excluded from decay', {'optimiser': adamw, 'schedule': {'kind': 'constant'}, 'gradientNorm': 2.5, 'weightDecayExclusions': {'names': ['head.*']}},
    lambda groups: torch.optim.AdamW(groups, lr=0.02), clip=2.5, excluded=('stem.bias', 'norm.weight', 'head.weight'))
run('AdamW with other betas, warm-up and cosine',
    {'optimiser': {**adamw, 'beta1': 0.8, 'beta2': 0.99, 'epsilon': 1e-6}, 'schedule': {'kind': 'cosine', 'warmUpEpochs': 0.8, 'warmUpStart': 0.25}},
    lambda groups: torch.optim.AdamW(groups, lr=0.02, betas=(0.8, 0.99), eps=1e-6),
    lambda o: warm(o, 4, 0.25, sched.CosineAnnealingLR(o, T_max=STEPS - 4)), excluded=('stem.bias', 'norm.weight'))

(HERE / 'optimisers.json').write_text(json.dumps({
    'torch': torch.__version__, 'steps': STEPS, 'stepsPerEpoch': 5, 'dims': dims,
    'start': {key: value.flatten().tolist() for key, value in start.items()},
    'gradients': [{key: value.flatten().tolist() for key, value in slope.items()} for slope in slopes],
    'runs': runs,
}, separators=(',', ':')))
