"""Prints the 256 entries of matplotlib's inferno and viridis (CC0) as hexadecimal RGB for src/common/imaging/colourMap.ts.

Run: pip install matplotlib; python colour_maps.py
"""
import matplotlib

for name in ("inferno", "viridis"):
    colours = matplotlib.colormaps[name](range(256), bytes=True)[:, :3]
    text = "".join(f"{r:02x}{g:02x}{b:02x}" for r, g, b in colours)
    print(name)
    for start in range(0, len(text), 96):
        print(f"\t{text[start:start + 96]}")
