"""Golden gradients from PyTorch, without any of this repository's code.

    python3 -m venv VENV && VENV/bin/pip install torch torchvision timm numpy
    VENV/bin/python test/golden/make_gradient_golden.py
    VENV/bin/python test/golden/make_gradient_golden.py --full FOLDER     (whole gradients at full size; then node test/golden/compareGradients.ts FOLDER)

Writes gradients.json beside itself. Operators: outputs and gradients of sum(y * weights) in float64. Networks: cross-entropy of a small batch, by parameter the norm of
the gradient and its projections onto unit vectors given by formula, in float64, with PyTorch's own error in float32 (own); and the losses of twenty steps of plain SGD in float32. Weights, images and vectors are
those of formula_weights.py. Dropout is off.
"""
import json
import math
import sys
from pathlib import Path

import numpy
import timm
import torch
import torchvision
from torch.nn import functional

from formula_weights import fill, formula_image, formula_tensor
from make_zoo_golden import ofa

CLASSES = 3
PROJECTIONS = 2
# Of larger tensors only every so many elements are looked at.
MOST_ELEMENTS = 2 ** 18
STEPS = 20


def values(name, dims, scale=1.0, shift=0.0):
    """Numbers in [-1, 1) times scale, plus shift; the name decides which."""
    return (formula_tensor(name + '.bias', (math.prod(dims),)).double() * 10).mul(scale).add(shift).float().double().reshape(dims)


# Operator: inputs by name as [sizes, scale, shift], and the function.
OPERATORS = {
    'conv dense': ({'x': [(2, 3, 6, 7)], 'w': [(4, 3, 3, 3)], 'b': [(4,)]}, lambda x, w, b: functional.conv2d(x, w, b, padding=1)),
    'conv 1x1': ({'x': [(2, 5, 4, 3)], 'w': [(6, 5, 1, 1)]}, lambda x, w: functional.conv2d(x, w)),
    'conv strided': ({'x': [(2, 3, 9, 8)], 'w': [(4, 3, 5, 5)]}, lambda x, w: functional.conv2d(x, w, stride=2, padding=2)),
    'conv dilated': ({'x': [(1, 2, 9, 9)], 'w': [(3, 2, 3, 3)]}, lambda x, w: functional.conv2d(x, w, dilation=(2, 3), padding=(2, 3))),
    'conv grouped': ({'x': [(2, 6, 5, 5)], 'w': [(4, 3, 3, 3)]}, lambda x, w: functional.conv2d(x, w, groups=2, padding=1)),
    'conv depthwise': ({'x': [(3, 4, 6, 6)], 'w': [(4, 1, 5, 5)]}, lambda x, w: functional.conv2d(x, w, groups=4, padding=2)),
    'conv depthwise strided': ({'x': [(2, 3, 7, 8)], 'w': [(3, 1, 3, 3)]}, lambda x, w: functional.conv2d(x, w, groups=3, padding=1, stride=2)),
    'matmul batched': ({'x': [(2, 1, 3, 4)], 'w': [(3, 4, 2)]}, torch.matmul),
    'linear': ({'x': [(4, 6)], 'w': [(3, 6)], 'b': [(3,)]}, functional.linear),
    'div': ({'x': [(3, 4)], 'w': [(4,), 0.5, 1.5]}, torch.div),
    'pow': ({'x': [(3, 4), 0.5, 1.5], 'w': [(3, 1), 2]}, torch.pow),
    'sqrt exp log erf tanh': ({'x': [(3, 4), 0.5, 1.5]}, lambda x: torch.sqrt(x) + torch.exp(x) * torch.log(x) + torch.erf(x) * torch.tanh(x)),
    'relu at zero': ({'x': [(3, 4), 0.0]}, functional.relu),
    'relu': ({'x': [(3, 4)]}, functional.relu),
    'leaky relu': ({'x': [(3, 4)]}, lambda x: functional.leaky_relu(x, 0.2)),
    'clip at its bounds': ({'x': [(3, 4), 0.0, 1.0]}, lambda x: torch.clamp(x, -1, 1)),
    'hard sigmoid': ({'x': [(5, 6), 5]}, functional.hardsigmoid),
    'hard swish': ({'x': [(5, 6), 5]}, functional.hardswish),
    'gelu': ({'x': [(5, 6), 3]}, functional.gelu),
    'gelu tanh': ({'x': [(5, 6), 3]}, lambda x: functional.gelu(x, approximate='tanh')),
    'sigmoid': ({'x': [(5, 6), 3]}, torch.sigmoid),
    'softmax': ({'x': [(2, 3, 4), 3]}, lambda x: torch.softmax(x, 1)),
    'log softmax': ({'x': [(2, 3, 4), 3]}, lambda x: torch.log_softmax(x, -1)),
    'batch norm of a batch': ({'x': [(3, 4, 5, 2), 1, 2], 'w': [(4,)], 'b': [(4,)]}, lambda x, w, b: functional.batch_norm(x, None, None, w, b, training=True)),
    'layer norm': ({'x': [(2, 3, 6)], 'w': [(6,)], 'b': [(6,)]}, lambda x, w, b: functional.layer_norm(x, (6,), w, b)),
    'max pool': ({'x': [(2, 2, 7, 8)]}, lambda x: functional.max_pool2d(x, 3, 2, 1)),
    'max pool of ties': ({'x': [(1, 2, 6, 6), 0.0, 1.0]}, lambda x: functional.max_pool2d(x, 3, 2, 1)),
    'average pool': ({'x': [(2, 2, 7, 8)]}, lambda x: functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
    'average pool rounded up': ({'x': [(2, 2, 8, 6)]}, lambda x: functional.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=True)),
    'mean sum max': ({'x': [(2, 3, 4)]}, lambda x: x.mean(2, keepdim=True) + x.sum((0, 1), keepdim=True) + x.amax(1, keepdim=True)),
    'max of ties': ({'x': [(3, 4), 0.0]}, lambda x: x.amax(1)),
    'maximum of ties': ({'x': [(3, 4), 0.0], 'w': [(4,), 0.0]}, torch.maximum),
    'gather': ({'x': [(5, 3)]}, lambda x: x[torch.tensor([[0, 2, 2], [4, 2, 0]])]),
    'reflected pad': ({'x': [(1, 2, 4, 5)]}, lambda x: functional.pad(x, (2, 1, 1, 3), mode='reflect')),
    'slice split concat': ({'x': [(2, 7, 3)]}, lambda x: torch.cat([x[:, 1:6:2], x.split([3, 4], 1)[1], x], 1)),
    'where expand': ({'x': [(3, 1)], 'w': [(3, 4)]}, lambda x, w: torch.where(w > 0, x.expand(3, 4), w)),
    'bilinear': ({'x': [(1, 2, 4, 5)]}, lambda x: functional.interpolate(x, (7, 3), mode='bilinear', align_corners=False)),
    'bilinear corners': ({'x': [(1, 2, 4, 5)]}, lambda x: functional.interpolate(x, (7, 9), mode='bilinear', align_corners=True)),
    'nearest': ({'x': [(1, 2, 4, 5)]}, lambda x: functional.interpolate(x, (8, 7), mode='nearest')),
}


def operator_case(name, inputs, apply):
    tensors = {key: values(f'{name}/{key}', *given).requires_grad_() for key, given in inputs.items()}
    y = apply(*tensors.values())
    (y * values(f'{name}/y', y.shape)).sum().backward()
    given = {key: {'dims': list(given[0]), 'scale': (given + [1.0])[1], 'shift': (given + [1.0, 0.0])[2] if len(given) > 2 else 0.0} for key, given in inputs.items()}
    return {
        'name': name, 'inputs': given, 'dims': list(y.shape), 'y': rounded(y), 'gradients': {key: rounded(tensor.grad) for key, tensor in tensors.items()},
    }


def rounded(tensor):
    return [float(f'{value:.9g}') for value in tensor.detach().double().reshape(-1).tolist()]


def running_statistics():
    """What BatchNorm2d makes of its running statistics in one step."""
    norm = torch.nn.BatchNorm2d(4).double()
    fill(norm)
    x = values('running/x', (3, 4, 5, 2), 1, 2)
    norm.train()(x)
    return {'mean': rounded(norm.running_mean), 'variance': rounded(norm.running_var)}


NETWORKS = {
    'vgg19': lambda size: torchvision.models.vgg19(num_classes=CLASSES),
    'densenet161': lambda size: torchvision.models.densenet161(num_classes=CLASSES),
    'visformer-s': lambda size: timm.create_model('visformer_small', num_classes=CLASSES, img_size=size),
    'autoformerv2-t': lambda size: timm.create_model('swin_s3_tiny_224', num_classes=CLASSES, img_size=size, drop_path_rate=0.0),
    'ofa-595': lambda size: ofa('ofa-595', CLASSES)[0],
    'eeea-net-c2': lambda size: ofa('eeea-net-c2', CLASSES)[0],
}
# Network, side of the image, images, frozen normalisation.
SMALL = [
    ('vgg19', 32, 2, True), ('densenet161', 64, 4, False), ('densenet161', 64, 2, True), ('visformer-s', 64, 4, False), ('autoformerv2-t', 96, 2, True),
    ('ofa-595', 96, 4, False), ('ofa-595', 64, 2, True), ('eeea-net-c2', 96, 4, False), ('eeea-net-c2', 64, 2, True),
]
FULL = [(name, 224, 4, frozen) for name in NETWORKS for frozen in ([True] if name in ('vgg19', 'autoformerv2-t') else [False, True])]
# Network, side, images, learning rate.
CURVES = [('vgg19', 32, 2, 1e-4), ('densenet161', 64, 4, 1e-3), ('visformer-s', 64, 4, 1e-3), ('autoformerv2-t', 96, 2, 1e-3), ('ofa-595', 64, 4, 3e-3), ('eeea-net-c2', 64, 4, 3e-3)]


def network(name, size, frozen):
    torch.manual_seed(0)
    model = NETWORKS[name](size)
    fill(model)
    with torch.no_grad():
        for key, tensor in model.state_dict().items():
            tensor.mul_(share(key)) if tensor.is_floating_point() else None
    model.train(not frozen)
    for module in model.modules():
        if 'Drop' in type(module).__name__:
            module.eval()
    return model


def share(key):
    """Branches of transformers are made smaller, so that activations stay within bounds and softmax does not saturate."""
    return 0.25 if key.endswith(('attn.qkv.weight', 'attn.proj.weight', 'mlp.conv3.weight', 'mlp.fc2.weight')) else 1.0


def loss_of(model, batch, size):
    out = model(formula_image(batch, size).to(next(model.parameters()).dtype))
    logits = out[0] if isinstance(out, tuple) else out
    return functional.cross_entropy(logits, torch.arange(batch) % CLASSES)


def unit_vector(name, projection, count):
    vector = formula_tensor(f'{name}/projection{projection}.bias', (count,)).double()
    return vector / vector.norm()


def gradients_of(name, size, batch, frozen, dtype):
    model = network(name, size, frozen).to(dtype)
    loss = loss_of(model, batch, size)
    loss.backward()
    return loss.item(), {key: parameter.grad.double().reshape(-1) for key, parameter in model.named_parameters()}


def network_case(name, size, batch, frozen):
    loss, gradients = gradients_of(name, size, batch, frozen, torch.float64)
    _, single = gradients_of(name, size, batch, frozen, torch.float32)
    norm = math.sqrt(sum(flat.norm().item() ** 2 for flat in gradients.values()))
    own = math.sqrt(sum((single[key] - flat).norm().item() ** 2 for key, flat in gradients.items())) / norm
    parameters = {}
    for key, flat in gradients.items():
        thinned = flat[::math.ceil(flat.numel() / MOST_ELEMENTS)]
        values_of = [thinned.norm().item(), *[(thinned @ unit_vector(key, index, thinned.numel())).item() for index in range(PROJECTIONS)]]
        parameters[key] = [float(f'{value:.6g}') for value in values_of]
    print(name, size, batch, 'frozen' if frozen else 'batch', loss, norm, 'float32 against float64:', own, flush=True)
    return {'name': name, 'inputSize': size, 'batch': batch, 'frozen': frozen, 'loss': loss, 'own': float(f'{own:.2g}'), 'parameters': parameters}


def curve(name, size, batch, rate):
    losses = {}
    for dtype in (torch.float32, torch.float64):
        model = network(name, size, False).to(dtype)
        optimiser = torch.optim.SGD(model.parameters(), lr=rate)
        losses[dtype] = []
        for _ in range(STEPS):
            optimiser.zero_grad()
            loss = loss_of(model, batch, size)
            loss.backward()
            optimiser.step()
            losses[dtype].append(loss.item())
    drift = max(abs(a - b) for a, b in zip(*losses.values(), strict=True))
    print(name, losses[torch.float32][0], losses[torch.float32][-1], 'float32 against float64:', drift, flush=True)
    return {'name': name, 'inputSize': size, 'batch': batch, 'rate': rate, 'losses': [float(f'{value:.8g}') for value in losses[torch.float32]], 'drift': float(f'{drift:.2g}')}


def write_full(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, size, batch, frozen in FULL:
        model = network(name, size, frozen)
        loss = loss_of(model, batch, size)
        loss.backward()
        title = f'{name}-{"frozen" if frozen else "batch"}'
        parameters = [[key, list(p.shape)] for key, p in model.named_parameters()]
        numpy.concatenate([p.grad.reshape(-1).numpy() for p in model.parameters()]).astype('<f4').tofile(folder / f'{title}.f32')
        (folder / f'{title}.json').write_text(json.dumps({'name': name, 'inputSize': size, 'batch': batch, 'frozen': frozen, 'loss': loss.item(), 'parameters': parameters}))
        print(title, loss.item(), flush=True)


def main():
    torch.set_num_threads(2)
    if sys.argv[1:2] == ['--full']:
        write_full(Path(sys.argv[2]))
        return
    golden = {
        'versions': {'torch': torch.__version__.split('+')[0], 'torchvision': torchvision.__version__.split('+')[0], 'timm': timm.__version__},
        'operators': [operator_case(name, *case) for name, case in OPERATORS.items()],
        'running': running_statistics(),
        'networks': [network_case(*case) for case in SMALL],
        'curves': [curve(*case) for case in CURVES],
    }
    target = Path(__file__).with_name('gradients.json')
    target.write_text(json.dumps(golden, separators=(',', ':')) + '\n')
    print(target.stat().st_size)


if __name__ == '__main__':
    main()
