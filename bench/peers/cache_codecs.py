#!/usr/bin/env python3
"""Random reads of the faces of an encoded cache with h5py and Pillow, each decoded into a batch. Prints faces/s.

    python3 bench/peers/cache_codecs.py faces.h5 order.bin batch_size
"""
import io
import sys
import time

import h5py
import numpy as np
from PIL import Image


def main(path, order_path, batch_size):
    order = np.fromfile(order_path, dtype=np.int64)
    with h5py.File(path, "r") as cache:
        encoded, offsets = cache["encoded"], cache["offsets"][:]
        shape = (int(cache.attrs["height"]), int(cache.attrs["width"]), 3)
        batch = np.empty((batch_size, *shape), np.uint8)
        start = time.perf_counter()
        for i, face in enumerate(order):
            begin, end = int(offsets[face]), int(offsets[face + 1])
            batch[i % batch_size] = np.asarray(Image.open(io.BytesIO(encoded[begin:end].tobytes())))
        print(len(order) / (time.perf_counter() - start))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
