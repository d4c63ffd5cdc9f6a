"""Golden values of the faithfulness of maps, computed without any of the program's code.

    python3 -m venv VENV && VENV/bin/pip install numpy onnx onnxruntime
    VENV/bin/python test/golden/make_faithfulness_golden.py

Python's onnxruntime runs a small network whose weights come from a formula; NumPy does the rest, one image at a time. Writes faithfulness.json
beside itself, with the network in it. Random places come from Philox4x32-10 as docs/explanations.md says, written down here a second time.
"""
import base64
import json
import math
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

HEIGHT, WIDTH = 24, 20
LABELS = ["first", "second", "third"]
FINE, COARSE, RANDOM_MAPS = 100, 10, 19
BLUR = 0.1
MASK_32 = 0xFFFFFFFF


def wave(count, offset):
    """Values by formula, between -1 and 1."""
    return np.array([math.sin(1.7 * index + offset + 0.013 * index * index) for index in range(count)])


def weights(name, shape, scale, offset):
    return numpy_helper.from_array((wave(int(np.prod(shape)), offset) * scale).reshape(shape).astype(np.float32), name)


def network():
    initializers = [
        weights("w1", (6, 3, 3, 3), 0.4, 0.3), weights("b1", (6,), 0.2, 1.1),
        weights("w2", (8, 6, 3, 3), 0.3, 2.2), weights("b2", (8,), 0.2, 0.7),
        weights("w3", (3, 8), 2.5, 4.1), weights("b3", (3,), 0.5, 0.2),
    ]
    nodes = [
        helper.make_node("Conv", ["input", "w1", "b1"], ["c1"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["c2"], ["cam"]),
        helper.make_node("GlobalAveragePool", ["cam"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("Gemm", ["features", "w3", "b3"], ["logits"], transB=1),
    ]
    value = lambda name, dims: helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
    graph = helper.make_graph(nodes, "small", [value("input", ["batch", 3, HEIGHT, WIDTH])],
                              [value("logits", ["batch", 3]), value("features", ["batch", 8]), value("cam", ["batch", 8, HEIGHT // 4, WIDTH // 4])], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def philox(words, key):
    x, k = list(words), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(p1 >> 32) ^ x[1] ^ k[0], p1 & MASK_32, (p0 >> 32) ^ x[3] ^ k[1], p0 & MASK_32]
        k = [(k[0] + 0x9E3779B9) & MASK_32, (k[1] + 0xBB67AE85) & MASK_32]
    return x


def permutation(length, seed, name, index=None):
    """Fisher-Yates from the end, over the words of the stream (seed, name, index)."""
    key = [seed & MASK_32, seed >> 32]
    text = name + "\0" + ("0" if index is None else "1")
    for start in range(0, len(text) + 1, 4):
        key = philox([ord(text[start + i]) + 1 if start + i < len(text) else 0 for i in range(4)], key)[:2]
    words = (word for block in range(1 << 32) for word in philox([block, index or 0, 0, 0], key))
    order = list(range(length))
    for last in range(length - 1, 0, -1):
        bound = last + 1
        limit = (1 << 32) - (1 << 32) % bound
        other = next(word for word in words if word < limit) % bound
        order[last], order[other] = order[other], order[last]
    return order


def fnv(values):
    seed = 0x811C9DC5
    for bits in np.asarray(values, np.float32).view(np.uint32).tolist():
        seed = ((seed ^ bits) * 0x01000193) & MASK_32
    return seed


def upsample(cells):
    """Bilinear with half-pixel centres, edges repeated: one matrix per axis."""
    def matrix(source, target):
        rows = np.zeros((target, source))
        for index in range(target):
            position = min(max((index + 0.5) * source / target - 0.5, 0), source - 1)
            low = int(position)
            rows[index, low] += 1 - (position - low)
            rows[index, min(low + 1, source - 1)] += position - low
        return rows
    return (matrix(cells.shape[0], HEIGHT) @ cells @ matrix(cells.shape[1], WIDTH).T).astype(np.float32)


def blurred(plane):
    def along(axis, sigma, values):
        radius = math.ceil(3 * sigma)
        kernel = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2 * sigma * sigma))
        kernel /= kernel.sum()
        return np.apply_along_axis(lambda line: np.convolve(np.pad(line, radius, mode="edge"), kernel, mode="valid"), axis, values)
    return along(0, BLUR * HEIGHT, along(1, BLUR * WIDTH, plane.astype(np.float64)))


def image():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [np.sin(0.31 * x + 0.17 * y * (c + 1)) + 1.5 * np.exp(-((x - 6) ** 2 + (y - 8) ** 2) / 18) - 0.5 * np.cos(0.9 * y - 0.4 * x + c) for c in range(3)]
    return np.stack(planes).astype(np.float32)


def maps():
    """One at the layer's resolution, clipped by ReLU, and one at the input's resolution without equal values."""
    coarse = np.maximum(np.round(wave(30, 0.4) * 48 + 10), 0).reshape(HEIGHT // 4, WIDTH // 4)
    fine = np.argsort(np.argsort(wave(HEIGHT * WIDTH, 2.0))).reshape(HEIGHT, WIDTH) / 512
    return [coarse / 64, fine]


def softmax(logits, temperature):
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum()


CALIBRATIONS = {
    "multiclass": ({"method": "temperature", "temperature": 1.3}, lambda logits: softmax(logits, 1.3)),
    "multilabel": (
        {"method": "platt", "labels": [{"slope": 0.8, "offset": 0.2}, {"slope": 1.4, "offset": -0.3}, {"slope": 1.0, "offset": 0.1}]},
        lambda logits: 1 / (1 + np.exp(-(np.array([0.8, 1.4, 1.0]) * logits + np.array([0.2, -0.3, 0.1])))),
    ),
}


def trapezoids(values):
    return float(sum((a + b) / 2 for a, b in zip(values, values[1:])) / (len(values) - 1))


def measure(session, picture, cells, label, probabilities_of):
    def probability(planes):
        logits = session.run(["logits"], {"input": planes.astype(np.float32)[None]})[0][0].astype(np.float64)
        return float(probabilities_of(logits)[label])

    soft = np.stack([blurred(plane) for plane in picture])
    ties = np.array(permutation(HEIGHT * WIDTH, 1, "equal pixels"))
    place = np.empty(len(ties), int)
    place[ties] = np.arange(len(ties))

    def curves(values, steps):
        heat = upsample(values).ravel()
        order = np.lexsort((place, -heat))
        deletion, insertion = [], []
        for step in range(steps + 1):
            count = math.floor(HEIGHT * WIDTH * step / steps + 0.5)
            gone, back = picture.reshape(3, -1).copy(), soft.reshape(3, -1).copy()
            gone[:, order[:count]] = 0
            back[:, order[:count]] = picture.reshape(3, -1)[:, order[:count]]
            deletion.append(probability(gone.reshape(picture.shape)))
            insertion.append(probability(back.reshape(picture.shape)))
        return deletion, insertion

    deletion, insertion = curves(cells, FINE)
    coarse = lambda pair: trapezoids(pair[1]) - trapezoids(pair[0])
    score = coarse(curves(cells, COARSE))
    seed = fnv(cells.ravel())
    scores = []
    for index in range(RANDOM_MAPS):
        places = permutation(cells.size, seed, "random map", index)
        scores.append(coarse(curves(cells.ravel()[places].reshape(cells.shape), COARSE)))
    whole, masked = probability(picture), probability(picture * upsample(cells))
    return {
        "deletion": deletion[::5], "insertion": insertion[::5], "deletionArea": trapezoids(deletion), "insertionArea": trapezoids(insertion),
        "probability": whole, "maskedProbability": masked, "drop": max(0, whole - masked) / whole, "increased": masked > whole,
        "score": score, "randomScores": scores, "chance": (1 + sum(other >= score for other in scores)) / (1 + len(scores)),
    }


def main():
    graph = network()
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    picture = image()
    cases = []
    for task, (calibration, probabilities_of) in CALIBRATIONS.items():
        for cells in maps():
            for label, name in enumerate(LABELS):
                print(task, cells.shape, name)
                cases.append({"task": task, "calibration": calibration, "label": name, "map": cells.shape, **measure(session, picture, cells, label, probabilities_of)})
    digits = lambda value: round(value, 9) if isinstance(value, float) else value
    for case in cases:
        for key, value in case.items():
            case[key] = [digits(each) for each in value] if isinstance(value, (list, tuple)) else digits(value)
    golden = {
        "network": base64.b64encode(graph).decode(), "image": [float(value) for value in picture.ravel()],
        "maps": [{"height": cells.shape[0], "width": cells.shape[1], "values": cells.ravel().tolist()} for cells in maps()], "labels": LABELS, "cases": cases,
    }
    (Path(__file__).with_suffix("").parent / "faithfulness.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
