"""Golden maps of the four definitions of Score-CAM, made by the programs that they are named after and without any of this repository's code.

    python3 -m venv VENV && VENV/bin/pip install torch torchvision timm onnxruntime pillow numpy grad-cam==1.5.7 torchcam==0.5.0
    VENV/bin/python test/golden/make_scorecam_golden.py                  writes scorecam.json beside itself
    VENV/bin/python test/golden/make_scorecam_golden.py --full FOLDER    every channel at 224 pixels, for compareScoreCam.ts
        [--only NAME ...] [--step N]                                     some networks, or every N-th channel of their layers

pytorch-grad-cam and torchcam are the packages themselves, called as their documentation says. The authors' code (github.com/haofanwang/Score-CAM,
cam/scorecam.py) is in no registry and is not copied: by_authors() does the steps of its definition, written anew. by_paper() is Algorithm 1 of the paper.

The zoo's networks are torchvision's, timm's and make_zoo_golden.py's OFA-MobileNetV3 with weights by formula; their last linear layer is multiplied by a
gain, because the scores of a network that was never trained hardly depend on the mask, and then all definitions give nearly the same map. Only every
step-th channel of the layer is taken, which both packages allow through reshape_transform, so that a comparison is quick. The student is its ONNX file
itself, run by onnxruntime inside a torch module, with every channel.
"""
import argparse
import importlib.metadata
import json
import os
import re
from pathlib import Path

os.environ['TQDM_DISABLE'] = '1'

import numpy
import onnxruntime
import timm
import torch
import torchvision
from PIL import Image
from pytorch_grad_cam import ScoreCAM as GradCamScoreCam
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn
from torch.nn import functional
from torchcam.methods import ScoreCAM as TorchcamScoreCam

from formula_weights import fill, formula_image
from make_zoo_golden import ENCODINGS, OfaMobileNetV3

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / 'shared' / 'data'
STUDENT = HERE.parents[1] / 'test' / 'packs' / 'cxr3-ofa595-bootstrap' / 'model.onnx'
FILM = 'cxr3/covid19/cxr3_02531.jpg'
CLASSES = 3
LABELS = (0, 1)
MODES = ('paper', 'official', 'pytorch-grad-cam', 'torchcam')
# Name, side of the image, every so many channels, gain of the last layer.
CASES = [('ofa-595', 128, 8, 40), ('vgg19', 64, 16, 12), ('densenet121', 96, 16, 12), ('visformer-s', 96, 16, 1), ('autoformerv2-t', 96, 14, 12)]
FULL = ['ofa-595', 'vgg19', 'densenet121', 'densenet161', 'visformer-s', 'autoformerv2-t']
# Of maps at the size of the image so many rows and columns are left out between two that are stored.
EVERY = 7
# As in make_zoo_transformer_golden.py.
SMALLER = re.compile(r'\.(attn\.(qkv|proj)|mlp\.conv3)\.weight$')


class Ofa(OfaMobileNetV3):
    def forward(self, x):
        return super().forward(x)[0]


class DenseNet(nn.Module):
    """torchvision's with the ReLU after its last norm as a module, so that it can be named."""

    def __init__(self, make):
        super().__init__()
        model = make(num_classes=CLASSES)
        self.features, self.relu, self.classifier = model.features, nn.ReLU(), model.classifier

    def forward(self, x):
        return self.classifier(functional.adaptive_avg_pool2d(self.relu(self.features(x)), (1, 1)).flatten(1))


class OnnxNetwork(nn.Module):
    """An ONNX file as a torch module whose submodule `layer` has the layer's activations as its output."""

    def __init__(self, path, layer):
        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self.session = onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])
        self.output, self.layer = layer, nn.Identity()
        # Where the packages look for the device.
        self.nothing = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        logits, activations = self.session.run(['logits', self.output], {'input': x.numpy()})
        self.layer(torch.from_numpy(activations))
        return torch.from_numpy(logits)


def network(name, size, gain):
    """The network, the layer of its maps, and whether that has tokens [N, side, side, C]."""
    torch.manual_seed(0)
    if name == 'ofa-595':
        model = Ofa(**ENCODINGS[name], classes=CLASSES)
        layer, head = model.final_expand_layer, model.classifier.linear
    elif name == 'vgg19':
        model = torchvision.models.vgg19(num_classes=CLASSES)
        layer, head = model.features[35], model.classifier[6]
    elif name.startswith('densenet'):
        model = DenseNet(getattr(torchvision.models, name))
        layer, head = model.relu, model.classifier
    else:
        model = timm.create_model({'visformer-s': 'visformer_small', 'autoformerv2-t': 'swin_s3_tiny_224'}[name], num_classes=CLASSES, img_size=size)
        layer, head = (model.stage3, model.head) if name == 'visformer-s' else (model.norm, model.head.fc)
    fill(model)
    with torch.no_grad():
        if name == 'visformer-s':
            for key, tensor in model.state_dict().items():
                if SMALLER.search(key):
                    tensor.mul_(0.25)
        head.weight.mul_(gain)
        head.bias.mul_(gain)
    return model.eval(), layer, name == 'autoformerv2-t'


def own_scores(model, activations, image):
    """Logits [channels, classes] under the mask of each channel: upsampled by pixel centres, then stretched; 0 where a channel is constant."""
    size = image.shape[-2:]
    logits = []
    for start in range(0, activations.shape[1], 16):
        planes = functional.interpolate(activations[0, start:start + 16, None], size=size, mode='bilinear', align_corners=False)
        least, most = planes.amin((2, 3), keepdim=True), planes.amax((2, 3), keepdim=True)
        masks = torch.where(most > least, (planes - least) / torch.where(most > least, most - least, 1), 0)
        logits.append(model(image * masks))
    return torch.cat(logits).double()


def by_paper(activations, logits, _image, label):
    """Wang et al. 2020, Algorithm 1: softmax of the logits over the channels, ReLU of the weighted sum; here divided by its largest value."""
    weights = torch.softmax(logits[:, label], 0)
    total = torch.relu((weights[:, None, None] * activations[0].double()).sum(0))
    return total / total.max() if total.max() > 0 else total


def by_authors(activations, logits, image, label):
    """
    What the authors' ScoreCAM does, channel by channel: upsample; pass over a channel that is constant; score = the class's softmax probability under the
    stretched mask; add score * upsampled channel. Then ReLU, and the result stretched to 0..1; None where it is the same everywhere, here zeros.
    """
    probabilities = torch.softmax(logits, 1)[:, label]
    total = torch.zeros(image.shape[-2:], dtype=torch.float64)
    for channel, probability in enumerate(probabilities):
        plane = functional.interpolate(activations[:, channel:channel + 1], size=image.shape[-2:], mode='bilinear', align_corners=False)[0, 0]
        if plane.max() == plane.min():
            continue
        total += probability * plane.double()
    total = torch.relu(total)
    return stretched(total)


def maps_of(model, layer, tokens, image, step, labels):
    """Of each label the map by each definition as its program gives it out; and how the logits vary with the masks."""
    def pick(output):
        return (output.permute(0, 3, 1, 2) if tokens else output)[:, ::step]

    kept = []
    hook = layer.register_forward_hook(lambda _module, _inputs, output: kept.append(pick(output).clone()))
    with torch.no_grad():
        logits = model(image)
        hook.remove()
        activations, = kept
        scores = own_scores(model, activations, image)
    found = {}
    for label in labels:
        maps = {'paper': by_paper(activations, scores, image, label), 'official': by_authors(activations, scores, image, label)}
        with GradCamScoreCam(model, [layer], reshape_transform=pick) as cam, torch.no_grad():
            maps['pytorch-grad-cam'] = torch.from_numpy(cam(image, [ClassifierOutputTarget(label)])[0])
        with TorchcamScoreCam(model, layer, reshape_transform=pick) as extractor, torch.no_grad():
            answer = model(image)
            maps['torchcam'] = extractor(label, answer)[0][0]
        found[label] = {mode: maps[mode].double().numpy() for mode in MODES}
    return {'logits': logits[0].tolist(), 'layer': list(activations.shape[1:]), 'spread': scores.std(0).tolist(), 'maps': found}


def at_size(cam, side):
    return functional.interpolate(torch.from_numpy(cam)[None, None], size=(side, side), mode='bilinear', align_corners=False)[0, 0].numpy()


def stretched(cam):
    return (cam - cam.min()) / (cam.max() - cam.min()) if cam.max() > cam.min() else cam * 0


def check(title, answer, side, least_apart=0.003):
    """Maps that are empty, alike for all labels or alike by all definitions would prove nothing."""
    whole = {label: {mode: stretched(at_size(cam, side)) for mode, cam in maps.items()} for label, maps in answer['maps'].items()}
    apart = {}
    for label, maps in answer['maps'].items():
        for mode, cam in maps.items():
            assert numpy.isfinite(cam).all() and cam.min() >= 0 and 0.999 < cam.max() <= 1.000001, (title, label, mode, cam.min(), cam.max())
            assert cam.std() > 0.02, (title, label, mode, cam.std())
        for first in MODES:
            for second in MODES:
                if first < second:
                    apart[f'{label} {first} {second}'] = float(abs(whole[label][first] - whole[label][second]).max())
    labels = list(whole)
    for other in labels[1:]:
        for mode in MODES:
            apart[f'{mode} {labels[0]} {other}'] = float(abs(whole[labels[0]][mode] - whole[other][mode]).max())
    print(f'{title}: spread of the logits {[round(one, 3) for one in answer["spread"]]}')
    for what, distance in apart.items():
        print(f'    {what}: {distance:.4f}', flush=True)
    least = min(apart.items(), key=lambda pair: pair[1])
    assert least[1] > least_apart, (title, least)


def stored(cam, layer):
    height, width = cam.shape
    every = 1 if [height, width] == layer[1:] else EVERY
    return {'height': height, 'width': width, 'every': every, 'values': [round(float(value), 6) for value in cam[::every, ::every].ravel()]}


def synthetic_image(width, height):
    """The image by formula of make_inference_golden.py."""
    y, x = numpy.mgrid[0:height, 0:width]
    value = (x * 3 + y * 5) % 200 + ((x * y) % 31) + numpy.where((x - width // 2) ** 2 + (y - height // 2) ** 2 < (min(width, height) // 3) ** 2, 20, 0)
    return Image.fromarray(value.astype(numpy.uint8))


def student_tensor(image, side):
    """As make_inference_golden.py: Pillow's bilinear resize, horizontally first."""
    resized = image.resize((side, image.height), Image.Resampling.BILINEAR).resize((side, side), Image.Resampling.BILINEAR)
    plane = ((numpy.asarray(resized).astype(numpy.float64) / 255 - 0.5) / 0.25).astype(numpy.float32)
    return torch.from_numpy(plane).expand(1, 3, side, side).contiguous()


def students():
    """The built-in student on an image by formula, by its narrow layer, and on a film by its wide one."""
    images = [('synthetic', synthetic_image(300, 200), 'last_block'), (FILM, Image.open(DATA / FILM).convert('L'), 'final_expand')]
    for name, image, layer in images:
        model = OnnxNetwork(STUDENT, f'cam_{layer}')
        answer = maps_of(model, model.layer, False, student_tensor(image, 128), 1, range(CLASSES))
        yield name, layer, answer


def zoo_case(name, size, step, gain, labels):
    model, layer, tokens = network(name, size, gain)
    return maps_of(model, layer, tokens, formula_image(1, size), step, labels)


def versions():
    return {name: importlib.metadata.version(name) for name in ('torch', 'torchvision', 'timm', 'onnxruntime', 'grad-cam', 'torchcam')}


def write_golden():
    golden = {'versions': versions(), 'student': [], 'zoo': []}
    for name, layer, answer in students():
        print(name, layer, answer['logits'])
        golden['student'].append({'image': name, 'layer': layer, 'maps': {label: {mode: stored(cam, answer['layer']) for mode, cam in maps.items()} for label, maps in answer['maps'].items()}})
    for name, size, step, gain in CASES:
        answer = zoo_case(name, size, step, gain, LABELS)
        check(name, answer, size)
        golden['zoo'].append({
            'name': name, 'classes': CLASSES, 'inputSize': size, 'step': step, 'gain': gain, 'layer': answer['layer'], 'logits': answer['logits'],
            'maps': {label: {mode: stored(cam, answer['layer']) for mode, cam in maps.items()} for label, maps in answer['maps'].items()},
        })
    target = HERE / 'scorecam.json'
    target.write_text(json.dumps(golden, separators=(',', ':')) + '\n')
    print(golden['versions'], target.stat().st_size)


def write_full(folder, only, step):
    folder.mkdir(parents=True, exist_ok=True)
    gains = {name: gain for name, _, _, gain in CASES}
    gains['densenet161'] = gains['densenet121']
    for name in only or FULL:
        answer = zoo_case(name, 224, step, gains[name], LABELS[:1])
        check(name, answer, 224, 0.001)
        maps = answer['maps'][LABELS[0]]
        about = {'name': name, 'classes': CLASSES, 'inputSize': 224, 'step': step, 'gain': gains[name], 'layer': answer['layer'], 'logits': answer['logits'], 'label': LABELS[0], 'versions': versions()}
        about['maps'] = {mode: list(maps[mode].shape) for mode in MODES}
        numpy.concatenate([maps[mode].astype(numpy.float32).ravel() for mode in MODES]).tofile(folder / f'{name}.f32')
        (folder / f'{name}.json').write_text(json.dumps(about) + '\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--full', type=Path)
    parser.add_argument('--only', nargs='+', choices=FULL)
    parser.add_argument('--step', type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(2)
    if asked.full:
        write_full(asked.full, asked.only, asked.step)
    else:
        write_golden()


if __name__ == '__main__':
    main()
