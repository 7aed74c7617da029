#!/usr/bin/env python3
"""Reads a fergraph face cache with h5py: what is in it, and its first face as an image.

    python3 examples/read_cache.py faces.h5 [first-face.ppm]

Needs h5py and numpy only (Debian: python3-h5py).
"""
import json
import sys
from collections import Counter

import h5py
import numpy as np


def main(path, picture=None):
    with h5py.File(path, "r") as cache:
        # Attributes are fixed-width UTF-8 text, which h5py hands out as bytes.
        if cache.attrs.get("format") != b"fergraph face cache":
            sys.exit(f"{path} is not a fergraph face cache")
        classes = json.loads(cache.attrs["class_names"])
        images = cache["images"]  # uint8 [faces, height, width, RGB]
        labels = cache["labels"][:]  # int64 [faces], -1 where unknown
        splits = cache["split"].asstr()[:]
        print(f"{path}: version {cache.attrs['format_version']}, {images.shape[0]} faces of "
              f"{images.shape[1]}x{images.shape[2]}, fingerprint {cache.attrs['fingerprint'].decode()}")
        print("versions:", cache.attrs["versions"].decode())
        print("made from:", cache.attrs["fingerprint_of"].decode())

        for split, count in sorted(Counter(splits).items()):
            names = Counter("unknown" if label < 0 else classes[label] for label in labels[splits == split])
            print(f"  {split}: {count} faces ({', '.join(f'{name} {n}' for name, n in sorted(names.items()))})")
        reasons = Counter(cache["voids/reasons"].asstr()[:])
        print(f"  without a face: {sum(reasons.values())} {dict(reasons)}")

        if len(images):
            print("first face:", cache["ids"].asstr()[0], "row", cache["rows"][0])
            print("  landmarks:", "none" if np.isnan(cache["landmarks"][0]).any() else cache["landmarks"][0].tolist())
            if picture:
                with open(picture, "wb") as file:
                    file.write(b"P6 %d %d 255\n" % (images.shape[2], images.shape[1]) + images[0].tobytes())


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
