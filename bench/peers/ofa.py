"""OFA-MobileNetV3 in plain PyTorch with torch's own fused activations and pooling, as somebody would write it who wants it fast. Runs on PyTorch 1.13 and newer."""
from collections import OrderedDict

from torch import nn

STAGES = [(24, 2, False, 'relu'), (40, 2, True, 'relu'), (80, 2, False, 'h_swish'), (112, 1, True, 'h_swish'), (160, 2, True, 'h_swish')]


def make_divisible(value, divisor=8):
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def named(*modules):
    return nn.Sequential(OrderedDict(modules))


def activation(name):
    return nn.ReLU(inplace=True) if name == 'relu' else nn.Hardswish(inplace=True)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        middle = make_divisible(channels // 4)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = named(('reduce', nn.Conv2d(channels, middle, 1)), ('relu', nn.ReLU(inplace=True)), ('expand', nn.Conv2d(middle, channels, 1)), ('h_sigmoid', nn.Hardsigmoid()))

    def forward(self, x):
        return x * self.fc(self.pool(x))


class InvertedConv(nn.Sequential):
    def __init__(self, inputs, outputs, kernel, stride, expand, act, squeeze):
        middle = make_divisible(round(inputs * expand))
        parts = OrderedDict()
        if expand != 1:
            parts['inverted_bottleneck'] = named(('conv', nn.Conv2d(inputs, middle, 1, bias=False)), ('bn', nn.BatchNorm2d(middle)), ('act', activation(act)))
        depth = [('conv', nn.Conv2d(middle, middle, kernel, stride, kernel // 2, groups=middle, bias=False)), ('bn', nn.BatchNorm2d(middle)), ('act', activation(act))]
        parts['depth_conv'] = named(*depth, *([('se', SqueezeExcitation(middle))] if squeeze else []))
        parts['point_linear'] = named(('conv', nn.Conv2d(middle, outputs, 1, bias=False)), ('bn', nn.BatchNorm2d(outputs)))
        super().__init__(parts)


class Residual(nn.Module):
    def __init__(self, conv, shortcut):
        super().__init__()
        self.mobile_inverted_conv = conv
        self.shortcut = shortcut

    def forward(self, x):
        y = self.mobile_inverted_conv(x)
        return x + y if self.shortcut else y


class OfaMobileNetV3(nn.Module):
    def __init__(self, depths, kernels, expands, width, classes):
        super().__init__()
        stem = make_divisible(16 * width)
        self.first_conv = named(('conv', nn.Conv2d(3, stem, 3, 2, 1, bias=False)), ('bn', nn.BatchNorm2d(stem)), ('act', activation('h_swish')))
        blocks = [Residual(InvertedConv(stem, stem, 3, 1, 1, 'relu', False), True)]
        choices = iter(zip(kernels, expands))
        inputs = stem
        for depth, (channels, stride, squeeze, act) in zip(depths, STAGES):
            outputs = make_divisible(channels * width)
            for position in range(depth):
                kernel, expand = next(choices)
                step = stride if position == 0 else 1
                blocks.append(Residual(InvertedConv(inputs, outputs, kernel, step, expand, act, squeeze), step == 1 and inputs == outputs))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        wide, last = make_divisible(960 * width), make_divisible(1280 * width)
        self.final_expand_layer = named(('conv', nn.Conv2d(inputs, wide, 1, bias=False)), ('bn', nn.BatchNorm2d(wide)), ('act', activation('h_swish')))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.feature_mix_layer = named(('conv', nn.Conv2d(wide, last, 1, bias=False)), ('act', activation('h_swish')))
        self.classifier = named(('linear', nn.Linear(last, classes)))

    def forward(self, x):
        x = self.final_expand_layer(self.blocks(self.first_conv(x)))
        return self.classifier(self.feature_mix_layer(self.pool(x)).flatten(1))
