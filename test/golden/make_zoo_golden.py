"""Golden logits of the convolutional networks of the zoo, from PyTorch and without any of this repository's code.

    python3 -m venv VENV && VENV/bin/pip install torch torchvision numpy
    VENV/bin/python test/golden/make_zoo_golden.py

VGG19 and DenseNet are torchvision's, MobileNetV2 too, with the padding and the epsilon of Keras Applications. OFA-MobileNetV3 is written here in plain PyTorch after mit-han-lab/once-for-all (ofa/imagenet_classification/networks/
mobilenet_v3.py, ofa/utils/layers.py): the same modules under the names of its published state dicts. Weights and image come from formula_weights.py. Writes
zoo.json beside itself: logits, the features' first values and the mean of every hint layer's absolute values, all in inference mode.
"""
import json
from collections import OrderedDict
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.nn import functional

from formula_weights import fill, formula_image


class HardSwish(nn.Module):
    def forward(self, x):
        return x * functional.relu6(x + 3) / 6


class HardSigmoid(nn.Module):
    def forward(self, x):
        return functional.relu6(x + 3) / 6


def make_divisible(value, divisor=8):
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def named(*modules):
    return nn.Sequential(OrderedDict(modules))


def activation(name):
    return nn.ReLU() if name == 'relu' else HardSwish()


class SqueezeExcitation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        middle = make_divisible(channels // 4)
        self.fc = named(('reduce', nn.Conv2d(channels, middle, 1)), ('relu', nn.ReLU()), ('expand', nn.Conv2d(middle, channels, 1)), ('h_sigmoid', HardSigmoid()))

    def forward(self, x):
        return x * self.fc(x.mean(3, keepdim=True).mean(2, keepdim=True))


class InvertedConv(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, expand, act, squeeze):
        super().__init__()
        middle = make_divisible(round(inputs * expand))
        self.inverted_bottleneck = None
        if expand != 1:
            self.inverted_bottleneck = named(('conv', nn.Conv2d(inputs, middle, 1, bias=False)), ('bn', nn.BatchNorm2d(middle)), ('act', activation(act)))
        depth = [('conv', nn.Conv2d(middle, middle, kernel, stride, kernel // 2, groups=middle, bias=False)), ('bn', nn.BatchNorm2d(middle)), ('act', activation(act))]
        self.depth_conv = named(*depth, *([('se', SqueezeExcitation(middle))] if squeeze else []))
        self.point_linear = named(('conv', nn.Conv2d(middle, outputs, 1, bias=False)), ('bn', nn.BatchNorm2d(outputs)))

    def forward(self, x):
        if self.inverted_bottleneck is not None:
            x = self.inverted_bottleneck(x)
        return self.point_linear(self.depth_conv(x))


class Residual(nn.Module):
    def __init__(self, conv, shortcut):
        super().__init__()
        self.mobile_inverted_conv = conv
        self.shortcut = shortcut

    def forward(self, x):
        y = self.mobile_inverted_conv(x)
        return x + y if self.shortcut else y


class OfaMobileNetV3(nn.Module):
    STAGES = [(24, 2, False, 'relu'), (40, 2, True, 'relu'), (80, 2, False, 'h_swish'), (112, 1, True, 'h_swish'), (160, 2, True, 'h_swish')]

    def __init__(self, depths, kernels, expands, width, classes):
        super().__init__()
        stem = make_divisible(16 * width)
        self.first_conv = named(('conv', nn.Conv2d(3, stem, 3, 2, 1, bias=False)), ('bn', nn.BatchNorm2d(stem)), ('act', HardSwish()))
        blocks = [Residual(InvertedConv(stem, stem, 3, 1, 1, 'relu', False), True)]
        choices = iter(zip(kernels, expands, strict=True))
        inputs, self.ends = stem, []
        for depth, (channels, stride, squeeze, act) in zip(depths, self.STAGES, strict=True):
            outputs = make_divisible(channels * width)
            for position in range(depth):
                kernel, expand = next(choices)
                step = stride if position == 0 else 1
                blocks.append(Residual(InvertedConv(inputs, outputs, kernel, step, expand, act, squeeze), step == 1 and inputs == outputs))
                inputs = outputs
            self.ends.append(len(blocks) - 1)
        self.blocks = nn.ModuleList(blocks)
        wide, last = make_divisible(960 * width), make_divisible(1280 * width)
        self.final_expand_layer = named(('conv', nn.Conv2d(inputs, wide, 1, bias=False)), ('bn', nn.BatchNorm2d(wide)), ('act', HardSwish()))
        self.feature_mix_layer = named(('conv', nn.Conv2d(wide, last, 1, bias=False)), ('act', HardSwish()))
        self.classifier = named(('dropout', nn.Dropout(0.2)), ('linear', nn.Linear(last, classes)))

    def forward(self, x):
        x = self.first_conv(x)
        ends = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.ends:
                ends.append(x)
        x = self.final_expand_layer(x).mean(3, keepdim=True).mean(2, keepdim=True)
        features = self.feature_mix_layer(x).flatten(1)
        return self.classifier(features), features, ends


ENCODINGS = {
    'ofa-595': dict(depths=[3, 4, 4, 4, 4], kernels=[3, 5, 3, 5, 5, 3, 5, 7, 5, 3, 5, 3, 5, 7, 3, 3, 3, 5, 3], expands=[3, 4, 3, 4, 4, 6, 3, 6, 6, 3, 4, 6, 6, 6, 4, 6, 6, 6, 3], width=1.2),
    'eeea-net-c2': dict(depths=[3, 3, 4, 4, 4], kernels=[3, 5, 3, 7, 3, 7, 5, 7, 5, 3, 7, 5, 3, 3, 5, 3, 5, 7], expands=[3, 4, 3, 4, 3, 3, 6, 6, 3, 3, 6, 4, 3, 3, 6, 6, 6, 3], width=1.0),
    # Neither preset: two blocks per stage, every kernel and expansion, the other width.
    'ofa-other': dict(depths=[2, 2, 3, 2, 2], kernels=[7, 3, 5, 5, 3, 7, 7, 3, 5, 5, 3], expands=[6, 3, 4, 6, 3, 4, 6, 6, 3, 4, 4], width=1.0),
}


def vgg(classes):
    model = torchvision.models.vgg19(num_classes=classes)

    def run(x):
        ends = []
        for layer in model.features:
            x = layer(x)
            if isinstance(layer, nn.MaxPool2d):
                ends.append(x)
        features = model.classifier[:-1](model.avgpool(x).flatten(1))
        return model.classifier[-1](features), features, ends
    return model, run


def densenet(make, classes):
    model = make(num_classes=classes)

    def run(x):
        ends = []
        for name, layer in model.features.named_children():
            x = layer(x)
            if name.startswith('denseblock'):
                ends.append(x)
        features = functional.adaptive_avg_pool2d(functional.relu(x), (1, 1)).flatten(1)
        return model.classifier(features), features, ends
    return model, run


class KerasConv(nn.Conv2d):
    def forward(self, x):
        return super().forward(functional.pad(x, (0, 1, 0, 1)))


def mobilenet(classes):
    model = torchvision.models.mobilenet_v2(num_classes=classes)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eps = 1e-3
        if isinstance(layer, nn.Conv2d) and layer.stride == (2, 2):
            layer.padding, layer.__class__ = (0, 0), KerasConv
    last_of_stage = {1, 3, 6, 10, 13, 16, 17}

    def run(x):
        ends = []
        for index, layer in enumerate(model.features):
            x = layer(x)
            if index in last_of_stage:
                ends.append(x)
        features = x.mean((2, 3))
        return model.classifier(features), features, ends
    return model, run


def ofa(name, classes):
    model = OfaMobileNetV3(**ENCODINGS[name], classes=classes)
    return model, model


CASES = [
    ('ofa-595', 3, 2, 224), ('ofa-595', 14, 1, 160), ('eeea-net-c2', 3, 2, 224), ('eeea-net-c2', 14, 1, 192), ('ofa-other', 5, 1, 128),
    ('densenet121', 14, 1, 224), ('densenet161', 14, 1, 224), ('densenet161', 3, 2, 97), ('vgg19', 3, 1, 224), ('vgg19', 3, 1, 96), ('vgg19', 3, 1, 300),
    ('mobilenetv2', 3, 2, 224), ('mobilenetv2', 14, 1, 160),
]


def main():
    torch.set_num_threads(2)
    golden = []
    for name, classes, batch, size in CASES:
        torch.manual_seed(0)
        if name == 'vgg19':
            model, run = vgg(classes)
        elif name.startswith('densenet'):
            model, run = densenet(getattr(torchvision.models, name), classes)
        elif name == 'mobilenetv2':
            model, run = mobilenet(classes)
        else:
            model, run = ofa(name, classes)
        fill(model)
        model.eval()
        with torch.no_grad():
            logits, features, ends = run(formula_image(batch, size))
        golden.append({
            'name': name, 'classes': classes, 'batch': batch, 'inputSize': size,
            'parameters': [[key, list(tensor.shape)] for key, tensor in model.state_dict().items() if tensor.is_floating_point()] if size == 224 and name != 'vgg19' else None,
            'logits': logits.flatten().tolist(), 'features': features[0, :8].tolist(), 'hints': [end.abs().mean().item() for end in ends],
        })
        print(name, size, golden[-1]['logits'][:3], golden[-1]['features'][:3], golden[-1]['hints'])
    target = Path(__file__).with_name('zoo.json')
    target.write_text('[\n' + ',\n'.join(json.dumps(one, separators=(',', ':')) for one in golden) + '\n]\n')
    print(torch.__version__, torchvision.__version__, target.stat().st_size)


if __name__ == '__main__':
    main()
