"""Makes zoo_transformer.json: what timm's networks answer with weights by formula. Run: python test/golden/make_zoo_transformer_golden.py (torch, timm, numpy)."""
import json
import pathlib
import re

import timm
import torch

import formula_weights

CASES = [
    ('visformer-s', 'visformer_small', 224),
    ('visformer-s', 'visformer_small', 96),
    ('autoformerv2-t', 'swin_s3_tiny_224', 224),
    # Windows that need padding (20 rows in windows of 7) and windows that shrink to the map.
    ('autoformerv2-t', 'swin_s3_tiny_224', 160),
]
CLASSES = 5
BATCH = 2
# Batch normalisation in inference form does not bound the stream, so that branches of full size would let it grow to millions.
SMALLER = re.compile(r'\.(attn\.(qkv|proj)|mlp\.conv3)\.weight$')
SHARE = 0.25


def spots(tensor):
    """Sizes of one image's map and every so many of its values."""
    values = tensor.reshape(-1)
    step = max(1, values.numel() // 24)
    return {'dims': list(tensor.shape[1:]), 'step': step, 'values': values[::step].tolist()}


def answers(name, reference, size):
    model = timm.create_model(reference, num_classes=CLASSES, img_size=size).eval()
    formula_weights.fill(model)
    if name == 'visformer-s':
        with torch.no_grad():
            for key, tensor in model.state_dict().items():
                if SMALLER.search(key):
                    tensor.mul_(SHARE)
    image = formula_weights.formula_image(BATCH, size)
    layers = {}

    def keep(layer):
        def hook(_module, _inputs, output):
            layers[layer] = spots(output.permute(0, 3, 1, 2) if name == 'autoformerv2-t' else output)
        return hook

    if name == 'visformer-s':
        taps = {'stage1': model.stage1, 'stage2': model.stage2, 'stage3': model.stage3, 'norm': model.norm}
    else:
        taps = {**{f'layers.{index}': stage for index, stage in enumerate(model.layers)}, 'norm': model.norm, 'norm1': model.layers[3].blocks[1].norm1}
    for layer, module in taps.items():
        module.register_forward_hook(keep(layer))
    with torch.no_grad():
        logits = model(image)
    parameters = {key: list(value.shape) for key, value in model.state_dict().items() if value.is_floating_point()}
    return {'name': name, 'inputSize': size, 'batch': BATCH, 'classes': CLASSES, 'parameters': parameters, 'logits': logits.tolist(), 'layers': layers}


torch.set_num_threads(1)
golden = {
    'versions': {'torch': torch.__version__.split('+')[0], 'timm': timm.__version__},
    'cases': [answers(*case) for case in CASES],
}
pathlib.Path(__file__).with_name('zoo_transformer.json').write_text(json.dumps(golden, separators=(',', ':')) + '\n')
