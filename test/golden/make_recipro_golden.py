"""Golden Recipro-CAM maps of the first student, computed without any of its code: the head of the network is written out in NumPy.

    python3 -m venv VENV && VENV/bin/pip install numpy onnx onnxruntime pillow
    VENV/bin/python test/golden/make_recipro_golden.py

Byun and Lee, arXiv 2209.14074: the feature map under a 3 x 3 Gaussian at each of its positions (cut off at the edges, as in their code), the head's softmax
there, stretched to 0..1 over the positions. Python's onnxruntime gives the feature maps only. Writes recipro.json beside itself.
"""
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

from PIL import Image

MODEL = Path(__file__).resolve().parents[2] / "test" / "packs" / "cxr3-ofa595-bootstrap" / "model.onnx"
SIDE = 128
LABELS = ["covid19", "normal", "pneumonia"]
GAUSSIAN = np.outer([1, 2, 1], [1, 2, 1]) / 16
model = onnx.load(str(MODEL))
weights = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in model.graph.initializer}


def synthetic(width, height):
    """The image by integer formula of make_inference_golden.py, as the network gets it."""
    y, x = np.mgrid[0:height, 0:width]
    value = (x * 3 + y * 5) % 200 + ((x * y) % 31) + np.where((x - width // 2) ** 2 + (y - height // 2) ** 2 < (min(width, height) // 3) ** 2, 20, 0)
    image = Image.fromarray(value.astype(np.uint8))
    pixels = np.asarray(image.resize((SIDE, height), Image.Resampling.BILINEAR).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    return np.repeat(((pixels.astype(np.float64) / 255 - 0.5) / 0.25).astype(np.float32)[None, None], 3, axis=1)


def weight(name):
    """A weight by name; those stored in half precision are cast in the graph under their own name."""
    return weights[name] if name in weights else weights[f"{name}_f16"]


def hard_swish(x):
    return x * np.clip(x / 6 + 0.5, 0, 1)


def from_final_expand(x):
    """[B, 1152, h, w] -> softmax over the labels."""
    pooled = x.mean(axis=(2, 3))
    mix = weight("m.mix.weight")
    features = hard_swish(pooled @ mix.reshape(mix.shape[0], -1).T)
    logits = features @ weight("m.c.weight").T + weight("m.c.bias")
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def from_last_block(x):
    """[B, 192, h, w]: the last expansion, a convolution of 1 x 1, comes first."""
    node = next(node for node in model.graph.node if node.op_type == "Conv" and node.input[0] == "cam_last_block")
    kernel, bias = weight(node.input[1]), weight(node.input[2])
    return from_final_expand(hard_swish(np.einsum("oi,bihw->bohw", kernel.reshape(kernel.shape[0], -1), x) + bias[:, None, None]))


def recipro(features, head):
    """[1, C, h, w] -> [h * w, labels] of 0..1, and the range of each label."""
    _, _, height, width = features.shape
    masks = np.zeros((height * width, 1, height, width))
    for row in range(height):
        for column in range(width):
            wide = np.zeros((height + 2, width + 2))
            wide[row : row + 3, column : column + 3] = GAUSSIAN
            masks[row * width + column, 0] = wide[1:-1, 1:-1]
    scores = head(features * masks)
    spread = scores.max(axis=0) - scores.min(axis=0)
    return (scores - scores.min(axis=0)) / spread, spread


def main():
    session = ort.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    last, final = session.run(["cam_last_block", "cam_final_expand"], {"input": synthetic(300, 200)})
    golden = {}
    for name, features, head in (("last_block", last, from_last_block), ("final_expand", final, from_final_expand)):
        maps, spread = recipro(features.astype(np.float64), head)
        golden[name] = {
            "maps": {label: [round(float(value), 9) for value in maps[:, index]] for index, label in enumerate(LABELS)},
            "peaks": {label: float(spread[index]) for index, label in enumerate(LABELS)},
        }
    Path(__file__).with_name("recipro.json").write_text(json.dumps(golden) + "\n")


main()
