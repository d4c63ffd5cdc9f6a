"""Hashes of decoded pixels by an independent reader: pydicom with pylibjpeg (libjpeg, OpenJPEG, RLE) and CharLS.

Run from the repository root:
  python -m venv VENV && VENV/bin/pip install pydicom==3.0.2 pylibjpeg==2.1.0 pylibjpeg-libjpeg==2.5.0 pylibjpeg-openjpeg==2.6.0 pylibjpeg-rle==2.2.0 pyjpegls==1.5.1 numpy pillow==13.0.0
  node test/support/synthetic/write.ts FOLDER
  VENV/bin/python test/golden/decode_dicom.py FOLDER ../shared/data/dicom > test/golden/decode_dicom.json

For each file: SHA-256 of the stored values of the first frame as little-endian samples of their allocated size, interleaved,
without any LUT or colour conversion, and their smallest and largest value. Files that pydicom cannot decode are left out.
The libjpeg of pylibjpeg rounds its inverse DCT differently from everyone else's, so 8-bit DCT JPEG is decoded by Pillow
(libjpeg-turbo) and its pixels are hashed after conversion to RGB where they are colour ("pillow").
"""
import hashlib
import io
import json
import pathlib
import sys
import warnings

import pydicom
from PIL import Image
from pydicom.encaps import get_frame
from pydicom.pixels import pixel_array

warnings.filterwarnings("ignore")


def first_frame(path):
    dataset = pydicom.dcmread(path, force=True)
    frames = int(getattr(dataset, "NumberOfFrames", 1) or 1)
    return pixel_array(dataset, index=0, raw=True) if frames > 1 else pixel_array(dataset, raw=True)


DCT = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")


def pillow_rows(folder, paths):
    for path in paths:
        try:
            dataset = pydicom.dcmread(path, force=True)
            if dataset.file_meta.TransferSyntaxUID not in DCT or dataset.BitsAllocated != 8:
                continue
            pixels = Image.open(io.BytesIO(get_frame(dataset.PixelData, 0, number_of_frames=1)))
            yield str(path.relative_to(folder)), hashlib.sha256(pixels.tobytes()).hexdigest()
        except Exception as error:
            print(f"{path}: {error!r}"[:160], file=sys.stderr)


def rows(folder, paths):
    for path in paths:
        try:
            pixels = first_frame(path)
        except Exception as error:
            print(f"{path}: {error!r}"[:160], file=sys.stderr)
            continue
        if getattr(pydicom.dcmread(path, force=True).file_meta, "TransferSyntaxUID", "") in DCT:
            continue
        little = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
        yield str(path.relative_to(folder)), {
            "sha256": hashlib.sha256(little.tobytes()).hexdigest(),
            "min": int(pixels.min()),
            "max": int(pixels.max()),
        }


synthetic = pathlib.Path(sys.argv[1])
shared = pathlib.Path(sys.argv[2])
print(json.dumps({
    "synthetic": dict(rows(synthetic, sorted(p for p in synthetic.glob("*.dcm") if p.name != "phantom.dcm"))),
    "shared": dict(rows(shared, sorted(shared.glob("*/*.dcm")))),
    "pillow": dict(pillow_rows(shared, sorted(shared.glob("*/*.dcm")))),
}, indent=1))
