"""The peer of bench/preprocess.cpp: photographs with known landmarks to aligned faces in HDF5, by OpenCV in a pool.

    python3 preprocess.py CSV OUT SIZE whole|reduced PROCESSES

Workers decode and warp chunks of 32 photographs and hand back one array; the parent writes it into a dataset that is
there already. `reduced` lets OpenCV decode at a half, a quarter or an eighth where the face stays larger than SIZE.
Prints photographs/s and the processors' milliseconds for each, without starting Python and the pool.
"""
import csv
import multiprocessing
import os
import resource
import sys
import time

import cv2
import h5py
import numpy as np

CHUNK = 32
ARCFACE = np.array([38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041])
FLAGS = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4,
         8: cv2.IMREAD_REDUCED_COLOR_8}


def similarity(points, template):
    """Least squares over complex numbers: template = a * points + t."""
    p, q = points[0::2] + 1j * points[1::2], template[0::2] + 1j * template[1::2]
    centred = p - p.mean()
    a = np.vdot(centred, q - q.mean()) / np.vdot(centred, centred).real
    t = q.mean() - a * p.mean()
    return np.array([[a.real, -a.imag, t.real], [a.imag, a.real, t.imag]])


def faces_of(job):
    first, rows, size, reduced = job
    template = (ARCFACE + 0.5) * size / 112 - 0.5
    faces = np.empty((len(rows), size, size, 3), np.uint8)
    for place, (path, points) in enumerate(rows):
        matrix, step = similarity(points, template), 1
        if reduced:
            shrink = 1 / np.hypot(matrix[0, 0], matrix[1, 0])
            step = max(s for s in FLAGS if s <= max(1, shrink))
        photograph = cv2.imread(path, FLAGS[step])
        if step > 1:
            # x = (x' + 0.5) * step - 0.5
            matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5 * step - 0.5)
            matrix[:, :2] *= step
        face = cv2.warpAffine(photograph, matrix, (size, size), flags=cv2.INTER_LINEAR,
                              borderMode=cv2.BORDER_REPLICATE)
        cv2.cvtColor(face, cv2.COLOR_BGR2RGB, dst=faces[place])
    return first, faces


def processor_seconds():
    return sum(usage.ru_utime + usage.ru_stime
               for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main(table, out, size, decoding, processes):
    size = int(size)
    with open(table, newline="") as file:
        rows = list(csv.reader(file))[1:]
    folder = os.path.dirname(table)
    rows = [(os.path.join(folder, row[0]), np.array(row[3:], dtype=np.float64)) for row in rows]
    jobs = [(i, rows[i:i + CHUNK], size, decoding == "reduced") for i in range(0, len(rows), CHUNK)]
    cv2.setNumThreads(1)
    pool = multiprocessing.Pool(int(processes), initializer=cv2.setNumThreads, initargs=(1,))
    pool.map(abs, range(16))
    worked, start = processor_seconds(), time.perf_counter()
    with h5py.File(out, "w") as file:
        images = file.create_dataset("images", (len(rows), size, size, 3), "u1")
        for first, faces in pool.imap(faces_of, jobs):
            images[first:first + len(faces)] = faces
    seconds = time.perf_counter() - start
    pool.close()
    pool.join()
    # Children count when they have ended: what they did before the start is a few milliseconds.
    print(len(rows) / seconds, 1e3 * (processor_seconds() - worked) / len(rows))


main(*sys.argv[1:])
