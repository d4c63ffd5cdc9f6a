"""
Full training steps in PyTorch, eager, as a peer of bench/train.ts: one JSON question a line, one answer a line.

    {"task": "load", "network": "ofa-595", "encoding": {...}, "classes": 3, "inputSize": 224, "batch": 16, "norm": "batch" | "frozen", "threads": 2, "layout": "contiguous" | "channels_last"}
    {"task": "step"}: forward, cross-entropy, backward, SGD with Nesterov's momentum; its time and the processor's in milliseconds, its loss
    {"task": "memory"}: the most that this process has held, in MiB

Weights, image and answers come from test/golden/formula_weights.py, so that the losses can be compared. No dropout. Frozen norm: running statistics, and
scale and shift are not trained.
"""
import json
import os
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../../test/golden'))

import formula_weights  # noqa: E402
import ofa  # noqa: E402

# Frozen statistics do not fit the formula's weights: with longer steps the loss is soon no number.
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = {'batch': 1e-3, 'frozen': 1e-6}, 0.9, 3e-5


def make(question):
    name, classes = question['network'], question['classes']
    if question.get('encoding'):
        encoding = question['encoding']
        return ofa.OfaMobileNetV3(encoding['depths'], encoding['kernels'], encoding['expands'], encoding['width'], classes)
    if name in ('vgg19', 'densenet121', 'densenet161'):
        import torchvision
        return getattr(torchvision.models, name)(num_classes=classes, **({'dropout': 0} if name == 'vgg19' else {}))
    import timm
    return timm.create_model({'visformer-s': 'visformer_small', 'autoformerv2-t': 'swin_s3_tiny_224'}[name], num_classes=classes, drop_path_rate=0, img_size=question['inputSize'])


class Training:
    def __init__(self, question):
        torch.set_num_threads(question['threads'])
        layout = torch.channels_last if question['layout'] == 'channels_last' else torch.contiguous_format
        self.model = make(question)
        formula_weights.fill(self.model)
        self.model.train()
        if question['norm'] == 'frozen':
            for module in self.model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
                    module.weight.requires_grad_(False)
                    module.bias.requires_grad_(False)
        self.model.to(memory_format=layout)
        batch = question['batch']
        self.image = formula_weights.formula_image(batch, question['inputSize']).to(memory_format=layout)
        self.target = torch.arange(batch) % question['classes']
        self.optimiser = torch.optim.SGD([p for p in self.model.parameters() if p.requires_grad], lr=LEARNING_RATE[question['norm']], momentum=MOMENTUM, weight_decay=WEIGHT_DECAY, nesterov=True)

    def step(self):
        started, used = time.perf_counter(), time.process_time()
        self.optimiser.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(self.model(self.image), self.target)
        loss.backward()
        self.optimiser.step()
        value = loss.item()
        return {'milliseconds': (time.perf_counter() - started) * 1000, 'processor': (time.process_time() - used) * 1000, 'loss': value}


training = None
for line in sys.stdin:
    question = json.loads(line)
    if question['task'] == 'load':
        training = Training(question)
        answer = {'version': torch.__version__, 'threads': torch.get_num_threads()}
    elif question['task'] == 'memory':
        answer = {'mebibytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    else:
        answer = training.step()
    print(json.dumps(answer), flush=True)
