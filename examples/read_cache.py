#!/usr/bin/env python3
"""Reads a fergraph face cache with h5py: what is in it, and its first face as an image.

    python3 examples/read_cache.py faces.h5 [first-face.ppm]

Needs h5py and numpy (Debian: python3-h5py); of a cache that keeps its faces as JPEGs also Pillow (python3-pil) or OpenCV
(python3-opencv). The shards of a folder are such files too.
"""
import io
import json
import sys
from collections import Counter

import h5py
import numpy as np


def decode(jpeg):
    """uint8 [height, width, RGB] of the bytes of a JPEG file."""
    try:
        from PIL import Image
    except ImportError:
        import cv2
        return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    return np.asarray(Image.open(io.BytesIO(jpeg)))


class Faces:
    """The faces of an open cache, uint8 [height, width, RGB] each, whichever way they are kept."""

    def __init__(self, cache):
        self.codec = cache.attrs["codec"].decode() if "codec" in cache.attrs else "raw"
        if self.codec == "raw":
            self.images = cache["images"]  # uint8 [faces, height, width, RGB]
            self.count, self.height, self.width, _ = self.images.shape
        elif self.codec == "jpeg":
            self.encoded = cache["encoded"]  # uint8 [bytes], one JPEG behind the other
            self.offsets = cache["offsets"][:]  # uint64 [faces + 1]
            self.count = len(self.offsets) - 1
            self.height, self.width = int(cache.attrs["height"]), int(cache.attrs["width"])
        else:
            sys.exit(f"the faces are kept as '{self.codec}', which this program cannot read")

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if self.codec == "raw":
            return self.images[index]
        begin, end = int(self.offsets[index]), int(self.offsets[index + 1])
        return decode(self.encoded[begin:end].tobytes())


def main(path, picture=None):
    with h5py.File(path, "r") as cache:
        # Attributes are fixed-width UTF-8 text, which h5py hands out as bytes.
        if cache.attrs.get("format") != b"fergraph face cache":
            sys.exit(f"{path} is not a fergraph face cache")
        classes = json.loads(cache.attrs["class_names"])
        faces = Faces(cache)
        labels = cache["labels"][:]  # int64 [faces], -1 where unknown
        splits = cache["split"].asstr()[:]
        kept = faces.codec + (f" of quality {cache.attrs['quality']}" if faces.codec == "jpeg" else "")
        print(f"{path}: version {cache.attrs['format_version']}, {len(faces)} faces of {faces.height}x{faces.width}, "
              f"{kept}, fingerprint {cache.attrs['fingerprint'].decode()}")
        print("versions:", cache.attrs["versions"].decode())
        print("made from:", cache.attrs["fingerprint_of"].decode())

        for split, count in sorted(Counter(splits).items()):
            names = Counter("unknown" if label < 0 else classes[label] for label in labels[splits == split])
            print(f"  {split}: {count} faces ({', '.join(f'{name} {n}' for name, n in sorted(names.items()))})")
        reasons = Counter(cache["voids/reasons"].asstr()[:])
        print(f"  without a face: {sum(reasons.values())} {dict(reasons)}")

        if len(faces):
            print("first face:", cache["ids"].asstr()[0], "row", cache["rows"][0])
            print("  landmarks:", "none" if np.isnan(cache["landmarks"][0]).any() else cache["landmarks"][0].tolist())
            if picture:
                with open(picture, "wb") as file:
                    file.write(b"P6 %d %d 255\n" % (faces.width, faces.height) + faces[0].tobytes())


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
