"""Golden values for the inference host, computed without any of its code.

    python3 -m venv VENV && VENV/bin/pip install numpy pillow onnxruntime
    VENV/bin/python test/golden/make_inference_golden.py

Python's onnxruntime runs test/packs/cxr3-ofa595-bootstrap/model.onnx; Pillow resizes; NumPy does the rest. Writes inference.json beside
itself. Films are named by their path in ../shared/data; nothing of them is stored but small numbers.
"""
import hashlib
import json
import math
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
MODEL = ROOT / "test" / "packs" / "cxr3-ofa595-bootstrap" / "model.onnx"
SIDE = 128
FILMS = [
    "cxr3/normal/cxr3_00008.jpg", "cxr3/covid19/cxr3_02531.jpg", "cxr3/covid19/cxr3_00000.jpg",
    "cxr3/pneumonia/cxr3_00001.jpg", "cxr3/pneumonia/cxr3_00003.jpg", "cxr3/normal/cxr3_00002.jpg",
]
RESIZES = [(300, 200, 128, 128), (128, 97, 128, 128), (61, 128, 128, 128), (50, 40, 128, 128), (1001, 777, 128, 128), (17, 1000, 33, 7), (128, 128, 128, 128)]
session = ort.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])


def synthetic(width, height):
    """An image by integer formula: gradients, a disc and a texture."""
    y, x = np.mgrid[0:height, 0:width]
    value = (x * 3 + y * 5) % 200 + ((x * y) % 31) + np.where((x - width // 2) ** 2 + (y - height // 2) ** 2 < (min(width, height) // 3) ** 2, 20, 0)
    return value.astype(np.uint8)


def resize(pixels, width, height):
    """Pillow's bilinear resize, its horizontal pass first: up to version 12 it always is, from 13 on not for images that lose much more height than width."""
    image = Image.fromarray(pixels)
    return np.asarray(image.resize((width, image.height), Image.Resampling.BILINEAR).resize((width, height), Image.Resampling.BILINEAR))


def tensor_of(pixels):
    resized = resize(pixels, SIDE, SIDE)
    plane = ((resized.astype(np.float64) / 255 - 0.5) / 0.25).astype(np.float32)
    return np.repeat(plane[None, None], 3, axis=1)


def ramp():
    tensor = np.empty((1, 3, SIDE, SIDE), np.float32)
    for c in range(3):
        for y in range(SIDE):
            for x in range(SIDE):
                tensor[0, c, y, x] = x / (SIDE - 1) + y / (SIDE - 1) - 1 + 0.1 * c + 0.5 * math.sin(0.37 * x + 0.11 * y + c)
    return tensor


def upsample(channel, size):
    """Bilinear, half-pixel centres, edges repeated: align_corners=False of PyTorch, one weight matrix per axis."""
    def matrix(n):
        weights = np.zeros((size, n))
        for target in range(size):
            position = max((target + 0.5) * n / size - 0.5, 0.0)
            low = min(int(math.floor(position)), n - 1)
            high = min(low + 1, n - 1)
            weights[target, low] += 1 - (position - low)
            weights[target, high] += position - low
        return weights
    return matrix(channel.shape[0]) @ channel.astype(np.float64) @ matrix(channel.shape[1]).T


def score_cam(tensor, output):
    """Algorithm 1 of Wang et al. 2020, one channel at a time: ReLU(sum of softmax(logits)_k A_k), per label, not divided by anything."""
    activations = session.run([output], {"input": tensor})[0][0]
    scores = []
    for channel in activations:
        if channel.max() == channel.min():
            mask = np.zeros((SIDE, SIDE))
        else:
            up = upsample(channel, SIDE)
            mask = (up - up.min()) / (up.max() - up.min())
        masked = (tensor * mask[None, None].astype(np.float32)).astype(np.float32)
        scores.append(session.run(["logits"], {"input": masked})[0][0].astype(np.float64))
    scores = np.array(scores)
    alpha = np.exp(scores - scores.max(axis=0))
    alpha /= alpha.sum(axis=0)
    maps = np.maximum(np.einsum("kl,khw->lhw", alpha, activations.astype(np.float64)), 0)
    return {"maps": {name: [round(float(v), 9) for v in maps[i].ravel()] for i, name in enumerate(["covid19", "normal", "pneumonia"])},
            "constant": int(sum(c.max() == c.min() for c in activations))}


def logits_of(tensor):
    return [round(float(v), 6) for v in session.run(["logits"], {"input": tensor})[0][0]]


def main():
    golden = {"versions": {"onnxruntime": ort.__version__, "numpy": np.__version__, "pillow": Image.__version__},
              "ramp": logits_of(ramp()), "resizes": [], "synthetic": {}, "films": []}
    for width, height, new_width, new_height in RESIZES:
        resized = resize(synthetic(width, height), new_width, new_height)
        golden["resizes"].append({"from": [width, height], "to": [new_width, new_height], "sha256": hashlib.sha256(resized.tobytes()).hexdigest(), "start": resized.ravel()[:8].tolist()})
    tensor = tensor_of(synthetic(300, 200))
    golden["synthetic"] = {"size": [300, 200], "logits": logits_of(tensor), "finalExpand": score_cam(tensor, "cam_final_expand"), "lastBlock": score_cam(tensor, "cam_last_block")}
    for name in FILMS:
        pixels = np.asarray(Image.open(DATA / name).convert("L"))
        golden["films"].append({"file": name, "tensorSha256": hashlib.sha256(tensor_of(pixels).tobytes()).hexdigest(), "logits": logits_of(tensor_of(pixels))})
    film = tensor_of(np.asarray(Image.open(DATA / FILMS[1]).convert("L")))
    golden["films"][1]["lastBlock"] = score_cam(film, "cam_last_block")
    golden["films"][1]["finalExpand"] = score_cam(film, "cam_final_expand")
    (Path(__file__).parent / "inference.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
