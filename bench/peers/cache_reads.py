"""The peer of bench/cache_reads.cpp: the same random faces of the same cache, in the same order, through h5py.

    python3 cache_reads.py CACHE ORDER BATCH

ORDER is a file of int64 face numbers. Prints faces/s of the better of two ways: `images[i]`, and read_direct() into a
batch that is already there.
"""
import sys
import time

import h5py
import numpy as np


def by_index(images, order, batch):
    for place, index in enumerate(order):
        batch[place % len(batch)] = images[index]


def by_read_direct(images, order, batch):
    for place, index in enumerate(order):
        slot = place % len(batch)
        images.read_direct(batch, np.s_[index:index + 1], np.s_[slot:slot + 1])


def main(path, order_path, batch_size):
    order = np.fromfile(order_path, dtype=np.int64).tolist()
    best = 0.0
    with h5py.File(path, "r") as cache:
        images = cache["images"]
        batch = np.zeros((int(batch_size), *images.shape[1:]), dtype=np.uint8)
        for way in (by_index, by_read_direct):
            start = time.perf_counter()
            way(images, order, batch)
            rate = len(order) / (time.perf_counter() - start)
            print(f"h5py {way.__name__}: {rate:.0f} faces/s", file=sys.stderr)
            best = max(best, rate)
    print(best)


main(*sys.argv[1:])
