"""Golden values for crop and equalisation, made by Pillow without any code of the program.

    python3 -m venv VENV && VENV/bin/pip install numpy pillow
    VENV/bin/python test/golden/make_tones_golden.py

Writes tones.json beside itself: SHA-256 and first values of ImageOps.equalize of a cropped image by formula.
"""
import hashlib
import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps

# width, height, divisor (fewer grey levels), crop in pixels: left, upper, right, lower
CASES = [
    (300, 200, 1, (0, 0, 300, 200)), (300, 200, 1, (37, 12, 251, 190)), (256, 256, 7, (10, 20, 200, 250)), (61, 128, 1, (5, 0, 61, 77)),
    (1001, 777, 3, (100, 50, 900, 700)), (40, 40, 64, (0, 0, 40, 40)), (20, 12, 1, (0, 0, 20, 12)), (64, 64, 255, (0, 0, 64, 64)), (300, 200, 1, (298, 198, 300, 200)),
]


def synthetic(width, height):
    """The image by integer formula of make_inference_golden.py."""
    y, x = np.mgrid[0:height, 0:width]
    value = (x * 3 + y * 5) % 200 + ((x * y) % 31) + np.where((x - width // 2) ** 2 + (y - height // 2) ** 2 < (min(width, height) // 3) ** 2, 20, 0)
    return value.astype(np.uint8)


def main():
    cases = []
    for width, height, divisor, crop in CASES:
        image = Image.fromarray(synthetic(width, height) // divisor).crop(crop)
        equal = np.asarray(ImageOps.equalize(image))
        cases.append({"size": [width, height], "divisor": divisor, "crop": crop, "cropped": hashlib.sha256(np.asarray(image).tobytes()).hexdigest(),
                      "equalised": hashlib.sha256(equal.tobytes()).hexdigest(), "start": equal.ravel()[:12].tolist()})
    (Path(__file__).parent / "tones.json").write_text(json.dumps({"pillow": PIL.__version__, "cases": cases}, separators=(",", ":")) + "\n")


main()
