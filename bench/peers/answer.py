"""The student's answer and its Score-CAM as one writes them in Python: onnxruntime, Pillow and NumPy.

Started by bench/peers.ts with the model and the number of threads. Each line of JSON on the standard input, {"task": "predict" | "scorecam",
"image": path, "layer": output}, is answered with {"milliseconds": ..., "logits": [...]} or {"milliseconds": ..., "maps": [[...], ...]}.
"""
import json
import sys
import time

import numpy as np
import onnxruntime as ort
from PIL import Image

BATCH = 16
options = ort.SessionOptions()
options.intra_op_num_threads = int(sys.argv[2])
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
side = session.get_inputs()[0].shape[-1]


def tensor_of(path):
    pixels = np.asarray(Image.open(path).convert("L").resize((side, side), Image.Resampling.BILINEAR), np.float32)
    return np.broadcast_to((pixels / 255 - 0.5) / 0.25, (1, 3, side, side)).astype(np.float32)


def upsample(channels):
    """Bilinear, half-pixel centres, edges repeated."""
    count = channels.shape[-1]
    position = np.clip((np.arange(side) + 0.5) * count / side - 0.5, 0, count - 1)
    low = np.floor(position).astype(int)
    high = np.minimum(low + 1, count - 1)
    weights = np.zeros((side, count), np.float32)
    weights[np.arange(side), low] += 1 - (position - low)
    weights[np.arange(side), high] += position - low
    return weights @ channels @ weights.T


def score_cam(tensor, layer):
    activations = session.run([layer], {name: tensor})[0][0]
    scores = []
    for start in range(0, len(activations), BATCH):
        masks = upsample(activations[start:start + BATCH])
        least, most = masks.min(axis=(1, 2), keepdims=True), masks.max(axis=(1, 2), keepdims=True)
        span = most - least
        masks = np.divide(masks - least, span, out=np.zeros_like(masks), where=span > 0)
        scores.append(session.run(["logits"], {name: tensor * masks[:, None]})[0])
    scores = np.concatenate(scores).astype(np.float64)
    weights = np.exp(scores - scores.max(axis=0))
    weights /= weights.sum(axis=0)
    return np.maximum(np.einsum("kc,khw->chw", weights, activations), 0)


for line in sys.stdin:
    question = json.loads(line)
    started = time.perf_counter()
    tensor = tensor_of(question["image"])
    if question["task"] == "predict":
        answer = {"logits": session.run(["logits"], {name: tensor})[0][0].tolist()}
    else:
        answer = {"maps": [label.ravel().tolist() for label in score_cam(tensor, question["layer"])]}
    answer["milliseconds"] = (time.perf_counter() - started) * 1000
    print(json.dumps(answer), flush=True)
