"""The peer of bench/views.cpp: the same views by torchvision and Pillow in a DataLoader of two workers.

    python3 views.py FACES SIDE SECONDS

FACES is a .npy file of uint8 [N,SIDE,SIDE,3]. Each sample gives the weak, the weak and the strong view of Ada-CM as uint8
[3,SIDE,SIDE], in batches of 16. Prints views/s, and views per second of processor time of all its processes; normalising
is left out here as it is there.
"""
import multiprocessing
import os
import random
import sys
import time

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

WORKERS, BATCH = 2, 16


def affine(image, *matrix):
    return image.transform(image.size, Image.Transform.AFFINE, matrix)


# FixMatch's pool with its ranges.
POOL = [
    (lambda image, v: ImageOps.autocontrast(image), 0, 1),
    (lambda image, v: ImageEnhance.Brightness(image).enhance(v), 0.05, 0.95),
    (lambda image, v: ImageEnhance.Color(image).enhance(v), 0.05, 0.95),
    (lambda image, v: ImageEnhance.Contrast(image).enhance(v), 0.05, 0.95),
    (lambda image, v: ImageOps.equalize(image), 0, 1),
    (lambda image, v: image, 0, 1),
    (lambda image, v: ImageOps.posterize(image, max(1, int(v))), 4, 8),
    (lambda image, v: image.rotate(v), -30, 30),
    (lambda image, v: ImageEnhance.Sharpness(image).enhance(v), 0.05, 0.95),
    (lambda image, v: affine(image, 1, v, 0, 0, 1, 0), -0.3, 0.3),
    (lambda image, v: affine(image, 1, 0, 0, v, 1, 0), -0.3, 0.3),
    (lambda image, v: ImageOps.solarize(image, v), 0, 256),
    (lambda image, v: affine(image, 1, 0, v * image.width, 0, 1, 0), -0.3, 0.3),
    (lambda image, v: affine(image, 1, 0, 0, 0, 1, v * image.height), -0.3, 0.3),
]


class RandAugment:
    def __init__(self, operations):
        self.operations = operations

    def __call__(self, image):
        for change, low, high in random.choices(POOL, k=self.operations):
            image = change(image, random.uniform(low, high))
        return image


class Cutout:
    def __init__(self, side):
        self.side = side

    def __call__(self, image):
        side = random.uniform(0, self.side) * image.width
        left = int(max(0, random.uniform(0, image.width) - side / 2))
        top = int(max(0, random.uniform(0, image.height) - side / 2))
        box = (left, top, min(image.width, left + side), min(image.height, top + side))
        image = image.copy()
        ImageDraw.Draw(image).rectangle(box, (125, 123, 114))
        return image


class Views(Dataset):
    def __init__(self, path, side):
        self.faces = np.load(path, mmap_mode="r")
        moved = [transforms.Resize((side, side)),
                 transforms.RandomApply([transforms.RandomCrop(side, padding=8)], p=0.5),
                 transforms.RandomHorizontalFlip(0.5), transforms.PILToTensor()]
        self.weak = transforms.Compose(moved)
        self.strong = transforms.Compose([RandAugment(3), Cutout(0.5), *moved])

    def __len__(self):
        return len(self.faces)

    def __getitem__(self, index):
        face = Image.fromarray(self.faces[index])
        return self.weak(face), self.weak(face), self.strong(face)


def processor_seconds():
    pids = [os.getpid(), *(child.pid for child in multiprocessing.active_children())]
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            ticks += sum(int(field) for field in stat.read().rsplit(")", 1)[1].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def main(path, side, seconds):
    torch.set_num_threads(1)
    loader = DataLoader(Views(path, int(side)), batch_size=BATCH, shuffle=True, num_workers=WORKERS, drop_last=True,
                        persistent_workers=True, prefetch_factor=4)
    for _ in loader:  # the workers start, the pages are read
        pass
    views, begin, used = 0, time.perf_counter(), processor_seconds()
    while time.perf_counter() - begin < float(seconds):
        for batch in loader:
            views += sum(len(each) for each in batch)
    print(views / (time.perf_counter() - begin), views / (processor_seconds() - used))


if __name__ == "__main__":
    main(*sys.argv[1:])
