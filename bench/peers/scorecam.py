"""
Score-CAM by pytorch-grad-cam and torchcam on OFA-MobileNetV3 in PyTorch, as a peer of bench/scorecam.ts: one JSON question a line, one answer a line.
Started with a folder of packages to look into first, or without one.

    {"task": "load", "weights": path, "shapes": [[...], ...], "encoding": {...}, "classes": 3, "threads": 2}: weights and biases of all convolutions and of the
        linear layer in the order of the network, float32 one after the other; answers with versions, and with why a library cannot be used
    {"task": "speed", "image": path, "side": 224, "form": FORM, "batches": [...]}: milliseconds per image of bare forward passes in each size of batch
    {"task": "map", "library": "pytorch-grad-cam" | "torchcam", "image": path, "side": 224, "label": 0, "form": FORM, "batch": null | 32}:
        milliseconds, the processor's milliseconds, the logits, and the map as the library gives it: the first at the size of the image, the other at that of the layer
    {"task": "memory"}: the most that this process has held, in MiB

An image is [3, side, side] in float32. FORM: "plain", the network as it is; "folded", batch normalisation folded into the convolutions; "channels last",
folded and in that layout. batch null: the library's own default.
"""
import importlib
import importlib.metadata
import json
import os
import resource
import sys
import time
import types

if len(sys.argv) > 1:
    sys.path.insert(0, sys.argv[1])
# Its bar would be most of what is written.
os.environ['TQDM_DISABLE'] = '1'

import numpy  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import ofa  # noqa: E402

SPEED_RUNS = 3


class Absent(types.ModuleType):
    """Stands in for torchvision where there is none: pytorch-grad-cam imports names of it that Score-CAM never uses."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return None


def stand_in_for_torchvision():
    try:
        import torchvision
        return torchvision.__version__
    except (ImportError, RuntimeError):
        for name in [name for name in sys.modules if name.split('.')[0] == 'torchvision']:
            del sys.modules[name]
        for name in ('torchvision', 'torchvision.transforms', 'torchvision.transforms.functional', 'torchvision.models'):
            sys.modules[name] = Absent(name)
        return None


def library(module, package):
    """The module, or why it cannot be had; and its version."""
    try:
        return importlib.import_module(module), importlib.metadata.version(package)
    except Exception as error:  # whatever an import may do
        return None, f'{type(error).__name__}: {error}'


def build(question):
    encoding = question['encoding']
    model = ofa.OfaMobileNetV3(encoding['depths'], encoding['kernels'], encoding['expands'], encoding['width'], question['classes']).eval()
    values = numpy.fromfile(question['weights'], numpy.float32)
    tensors, start = [], 0
    for shape in question['shapes']:
        count = int(numpy.prod(shape))
        tensors.append(torch.from_numpy(values[start:start + count].reshape(shape).copy()))
        start += count
    assert start == len(values)
    given = iter(tensors)
    last = None
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                weight = next(given)
                assert module.weight.shape == weight.shape, (module, weight.shape)
                module.weight.copy_(weight)
                if module.bias is not None:
                    module.bias.copy_(next(given))
                last = module
            elif isinstance(module, nn.BatchNorm2d):
                # The weights come with the normalisation folded in: what is left of it is the bias.
                module.running_mean.zero_()
                module.running_var.fill_(1 - module.eps)
                module.weight.fill_(1)
                module.bias.copy_(next(given))
    assert last is not None and next(given, None) is None
    return model


def folded(model):
    from torch.nn.utils.fusion import fuse_conv_bn_eval
    for block in model.modules():
        if getattr(block, 'conv', None) is not None and isinstance(getattr(block, 'bn', None), nn.BatchNorm2d):
            block.conv, block.bn = fuse_conv_bn_eval(block.conv, block.bn), nn.Identity()
    return model


def image_of(question):
    side = question['side']
    return torch.from_numpy(numpy.fromfile(question['image'], numpy.float32).reshape(1, 3, side, side))


class Peer:
    def __init__(self, question):
        torch.set_num_threads(question['threads'])
        self.forms = {'plain': build(question), 'folded': folded(build(question)), 'channels last': folded(build(question)).to(memory_format=torch.channels_last)}
        torchvision = stand_in_for_torchvision()
        self.grad_cam, grad_cam = library('pytorch_grad_cam', 'grad-cam')
        self.torchcam, torchcam = library('torchcam.methods', 'torchcam')
        self.about = {
            'torch': torch.__version__, 'threads': torch.get_num_threads(), 'torchvision': torchvision,
            'libraries': {'pytorch-grad-cam': {'version': grad_cam} if self.grad_cam else {'missing': grad_cam}, 'torchcam': {'version': torchcam} if self.torchcam else {'missing': torchcam}},
        }

    def speed(self, question):
        model, image = self.forms[question['form']], image_of(question)
        times = []
        with torch.no_grad():
            for batch in question['batches']:
                images = image.repeat(batch, 1, 1, 1)
                model(images)
                runs = []
                for _ in range(SPEED_RUNS):
                    started = time.perf_counter()
                    model(images)
                    runs.append((time.perf_counter() - started) * 1000 / batch)
                times.append(sorted(runs)[len(runs) // 2])
        return {'perImage': times}

    def map(self, question):
        model, image = self.forms[question['form']], image_of(question)
        started, used = time.perf_counter(), time.process_time()
        logits, cam = (self.by_grad_cam if question['library'] == 'pytorch-grad-cam' else self.by_torchcam)(model, image, question['label'], question['batch'])
        milliseconds, processor = (time.perf_counter() - started) * 1000, (time.process_time() - used) * 1000
        return {'milliseconds': milliseconds, 'processor': processor, 'logits': logits, 'map': cam}

    def by_grad_cam(self, model, image, label, batch):
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        with self.grad_cam.ScoreCAM(model=model, target_layers=[model.final_expand_layer]) as extractor:
            if batch is not None:
                extractor.batch_size = batch
            [cam] = extractor(input_tensor=image, targets=[ClassifierOutputTarget(label)])
            return extractor.outputs.detach()[0].tolist(), cam.ravel().tolist()

    def by_torchcam(self, model, image, label, batch):
        extractor = self.torchcam.ScoreCAM(model, 'final_expand_layer', **({} if batch is None else {'batch_size': batch}))
        try:
            with torch.no_grad():
                logits = model(image)
            [cam] = extractor(label, logits)
            return logits[0].tolist(), cam[0].ravel().tolist()
        finally:
            extractor.remove_hooks()


peer = None
for line in sys.stdin:
    question = json.loads(line)
    if question['task'] == 'load':
        peer = Peer(question)
        answer = peer.about
    elif question['task'] == 'memory':
        answer = {'mebibytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    else:
        answer = getattr(peer, question['task'])(question)
    print(json.dumps(answer), flush=True)
