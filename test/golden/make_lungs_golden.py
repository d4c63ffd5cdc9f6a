"""Makes lungs.json: what the lung network answers, what its losses are and how they change with its parameters, from PyTorch in float64 and without any of this repository's code.

    VENV/bin/python test/golden/make_lungs_golden.py        (torch, numpy)

The network is written after the description in src/zoo/lungs.ts; its weights are those of formula_weights.py. Binary cross-entropy is torch.nn's; Dice is written after Milletari et al. (2016),
with 1 beside both sums. Some pixels are not known and count in neither. Writes the numbers beside itself: of long tensors every so many values, and the sum of all squares.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import formula_weights

SIDE, BATCH = 64, 2
STAGES = [16, 32, 48, 64, 80]


def block(inputs, channels, stride):
    layers = nn.Module()
    layers.conv = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
    layers.norm = nn.BatchNorm2d(channels)
    layers.forward = lambda x: F.relu(layers.norm(layers.conv(x)))
    return layers


class LungNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        before = 3
        for index, channels in enumerate(STAGES, 1):
            setattr(self, f'down{index}', nn.Sequential(block(before, channels, 2), block(channels, channels, 1)))
            before = channels
        for index in range(len(STAGES) - 1, 0, -1):
            channels = STAGES[index - 1]
            setattr(self, f'up{index}', nn.Sequential(block(before + channels, channels, 1), block(channels, channels, 1)))
            before = channels
        self.head = nn.Conv2d(before, 1, 1)

    def forward(self, x):
        skips = []
        for index in range(1, len(STAGES) + 1):
            x = getattr(self, f'down{index}')(x)
            skips.append(x)
        for index in range(len(STAGES) - 1, 0, -1):
            x = F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)
            x = getattr(self, f'up{index}')(torch.cat([x, skips[index - 1]], 1))
        return F.interpolate(self.head(x), scale_factor=2, mode='bilinear', align_corners=False)


def spots(tensor):
    values = tensor.detach().reshape(-1)
    step = max(1, values.numel() // 12)
    return {'dims': list(tensor.shape), 'step': step, 'values': values[::step].tolist(), 'squares': values.pow(2).sum().item()}


def dice(logits, target, known):
    p, t = torch.sigmoid(logits) * known, target * known
    share = (2 * (p * t).sum((1, 2, 3)) + 1) / (p.pow(2).sum((1, 2, 3)) + t.pow(2).sum((1, 2, 3)) + 1)
    return (1 - share).mean()


torch.set_num_threads(1)
model = LungNetwork()
formula_weights.fill(model)
model = model.double()
image = formula_weights.formula_image(BATCH, SIDE).double()
target = (formula_weights.formula_tensor('target', (BATCH, 1, SIDE, SIDE)) > 0.1).double()
known = (formula_weights.formula_tensor('known', (BATCH, 1, SIDE, SIDE)) > -0.4).double()

with torch.no_grad():
    answer = model.eval()(image)

model.train()
logits = model(image)
parts = {'binary-cross-entropy': F.binary_cross_entropy_with_logits(logits, target, known, reduction='sum') / known.sum(), 'dice': dice(logits, target, known)}
loss = 0.5 * parts['binary-cross-entropy'] + 2 * parts['dice']
loss.backward()

# The losses alone, on logits that are sure and on an image without the organ.
free = (formula_weights.formula_tensor('free', (3, 1, 5, 4)) * 12).double().requires_grad_()
marked = (formula_weights.formula_tensor('marked', (3, 1, 5, 4)) > 0).double()
marked[2] = 0
seen = (formula_weights.formula_tensor('seen', (3, 1, 5, 4)) > -0.3).double()
alone = dice(free, marked, seen)
(slopes,) = torch.autograd.grad(alone, free)

golden = {
    'side': SIDE, 'batch': BATCH, 'parameters': {name: list(value.shape) for name, value in model.named_parameters()},
    'inference': spots(answer), 'training': spots(logits), 'loss': loss.item(), 'parts': {name: value.item() for name, value in parts.items()},
    'gradients': {name: spots(value.grad) for name, value in model.named_parameters()},
    'updates': {name: spots(value) for name, value in model.named_buffers() if value.is_floating_point()},
    'dice': {'dims': [3, 1, 5, 4], 'logits': free.tolist(), 'target': marked.tolist(), 'known': seen.tolist(), 'value': alone.item(), 'gradient': slopes.reshape(-1).tolist()},
}
(Path(__file__).parent / 'lungs.json').write_text(json.dumps(golden) + '\n')
