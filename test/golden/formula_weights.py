"""Weights by formula, the same numbers as test/support/formulaWeights.ts; the two must change together."""
import math

import numpy
import torch


def formula_tensor(name, dims):
    count = math.prod(dims)
    if name.endswith('running_var'):
        scale, shift = 0.5, 1.0
    elif name.endswith('running_mean'):
        scale, shift = 0.1, 0.0
    elif len(dims) == 1:
        scale, shift = (0.2, 1.0) if name.endswith('.weight') else (0.1, 0.0)
    else:
        scale, shift = (math.sqrt(6 / (count // dims[0])) if name.endswith('.weight') else 0.5), 0.0
        if '.point_linear.' in name:
            scale *= 0.6
    state = 0x811C9DC5
    for byte in name.encode('ascii'):
        state = (state ^ byte) * 0x01000193 & 0xFFFFFFFF
    x = numpy.uint32(state) + numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B9)
    x ^= x >> numpy.uint32(16)
    x *= numpy.uint32(0x85EBCA6B)
    x ^= x >> numpy.uint32(13)
    x *= numpy.uint32(0xC2B2AE35)
    x ^= x >> numpy.uint32(16)
    return torch.from_numpy((shift + scale * (x / 2147483648 - 1)).astype(numpy.float32).reshape(dims))


def fill(module, rename=lambda name: name):
    """Gives every parameter and running statistic of a module its values, by the name that this repository has for it."""
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(formula_tensor(rename(name), tuple(tensor.shape)))


def formula_image(batch, size):
    """[batch, 3, size, size] in [-1, 1)."""
    return formula_tensor('image', (batch, 3, size, size)) * 2
