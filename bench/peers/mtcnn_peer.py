"""The peer of bench/mtcnn.cpp: the MTCNN cascade in PyTorch, batched over photographs and candidates.

    python3 mtcnn_peer.py FOLDER WEIGHTS COUNT THREADS

FOLDER/images has the photographs, of which the first COUNT of 350 x 350 pixels count; WEIGHTS has pnet.pt, rnet.pt and
onet.pt. Eight photographs pass through P-Net together, and all their candidates through R-Net and O-Net. Prints
photographs/s and the processor's milliseconds for each, decoding left out.
"""
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torchvision.ops import batched_nms

SIDE, BATCH, SMALLEST, FACTOR, THRESHOLDS = 350, 8, 20, 0.709, (0.6, 0.7, 0.7)


class Cascade:
    def __init__(self, folder):
        self.weights = {}
        for name in ("pnet", "rnet", "onet"):
            arrays = torch.load(folder / f"{name}.pt")
            self.weights[name] = {key: value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value
                                  for key, value in arrays.items()}

    def conv(self, net, number, x):
        w = self.weights[net]
        return F.prelu(F.conv2d(x, w[f"conv{number}.weight"], w[f"conv{number}.bias"]), w[f"prelu{number}.weight"])

    def linear(self, net, name, x):
        return F.linear(x, self.weights[net][f"{name}.weight"], self.weights[net][f"{name}.bias"])

    def pnet(self, x):
        w = self.weights["pnet"]
        x = F.max_pool2d(self.conv("pnet", 1, x), 2, 2, ceil_mode=True)
        x = self.conv("pnet", 3, self.conv("pnet", 2, x))
        probs = F.softmax(F.conv2d(x, w["conv4_1.weight"], w["conv4_1.bias"]), 1)[:, 1]
        return probs, F.conv2d(x, w["conv4_2.weight"], w["conv4_2.bias"])

    def rnet(self, x):
        x = F.max_pool2d(self.conv("rnet", 1, x), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.conv("rnet", 2, x), 3, 2, ceil_mode=True)
        x = self.conv("rnet", 3, x).permute(0, 3, 2, 1).reshape(len(x), -1)
        x = F.prelu(self.linear("rnet", "dense4", x), self.weights["rnet"]["prelu4.weight"])
        return F.softmax(self.linear("rnet", "dense5_1", x), 1)[:, 1], self.linear("rnet", "dense5_2", x)

    def onet(self, x):
        x = F.max_pool2d(self.conv("onet", 1, x), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.conv("onet", 2, x), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.conv("onet", 3, x), 2, 2, ceil_mode=True)
        x = self.conv("onet", 4, x).permute(0, 3, 2, 1).reshape(len(x), -1)
        x = F.prelu(self.linear("onet", "dense5", x), self.weights["onet"]["prelu5.weight"])
        return (F.softmax(self.linear("onet", "dense6_1", x), 1)[:, 1], self.linear("onet", "dense6_2", x),
                self.linear("onet", "dense6_3", x))


def normalised(x):
    return ((x - 127.5) * 0.0078125).contiguous(memory_format=torch.channels_last)


def shifted(boxes, shifts, more):
    size = (boxes[:, 2:] - boxes[:, :2] + more).repeat(1, 2)
    return boxes + shifts * size


def squared(boxes):
    size = boxes[:, 2:] - boxes[:, :2]
    side = size.max(1, keepdim=True).values
    corner = boxes[:, :2] + (size - side) * 0.5
    return torch.cat([corner, corner + side], 1)


def crops(photographs, boxes, owner, side):
    height, width = photographs.shape[2:]
    parts = []
    for (x1, y1, x2, y2), n in zip(boxes.trunc().int().tolist(), owner.tolist()):
        x1, y1, x2, y2 = max(x1, 1), max(y1, 1), min(x2, width), min(y2, height)
        if x2 <= x1 - 1 or y2 <= y1 - 1:
            parts.append(photographs.new_zeros(1, 3, side, side))
        else:
            parts.append(F.adaptive_avg_pool2d(photographs[n:n + 1, :, y1 - 1:y2, x1 - 1:x2], side))
    return normalised(torch.cat(parts))


@torch.inference_mode()
def detect(cascade, photographs):
    """Boxes, probabilities, landmarks and the photograph of each, of uint8 [N,H,W,3]."""
    photographs = photographs.permute(0, 3, 1, 2).float()
    height, width = photographs.shape[2:]
    scale, shorter, proposals = 12 / SMALLEST, min(height, width) * 12 / SMALLEST, []
    while shorter >= 12:
        level = normalised(F.adaptive_avg_pool2d(photographs, (int(height * scale + 1), int(width * scale + 1))))
        probs, shifts = cascade.pnet(level)
        n, y, x = (probs >= THRESHOLDS[0]).nonzero(as_tuple=True)
        cells = torch.stack([x, y], 1).float() * 2
        boxes = torch.cat([((cells + 1) / scale).floor(), ((cells + 12) / scale).floor()], 1)
        score = probs[n, y, x]
        kept = batched_nms(boxes, score, n, 0.5)
        proposals.append((boxes[kept], score[kept], n[kept], shifts[n, :, y, x][kept]))
        scale, shorter = scale * FACTOR, shorter * FACTOR
    boxes, score, owner, shifts = (torch.cat(parts) for parts in zip(*proposals))
    kept = batched_nms(boxes, score, owner, 0.7)
    boxes, owner = squared(shifted(boxes[kept], shifts[kept], 0)), owner[kept]
    if len(boxes) == 0:
        return boxes, boxes[:, 0], boxes[:, :0], owner

    score, shifts = cascade.rnet(crops(photographs, boxes, owner, 24))
    good = score > THRESHOLDS[1]
    boxes, score, owner, shifts = boxes[good], score[good], owner[good], shifts[good]
    kept = batched_nms(boxes, score, owner, 0.7)
    boxes, owner = squared(shifted(boxes[kept], shifts[kept], 1)), owner[kept]
    if len(boxes) == 0:
        return boxes, boxes[:, 0], boxes[:, :0], owner

    score, shifts, points = cascade.onet(crops(photographs, boxes, owner, 48))
    good = score > THRESHOLDS[2]
    boxes, score, owner, shifts, points = boxes[good], score[good], owner[good], shifts[good], points[good]
    size = boxes[:, 2:] - boxes[:, :2] + 1
    landmarks = torch.stack([size[:, :1] * points[:, :5] + boxes[:, :1] - 1, size[:, 1:] * points[:, 5:] + boxes[:, 1:2] - 1], 2)
    boxes = shifted(boxes, shifts, 1)
    # Over the smaller box: a face within a face goes. There are few boxes left.
    kept = []
    for i in score.argsort(descending=True).tolist():
        for k in kept:
            inner = (torch.minimum(boxes[i, 2:], boxes[k, 2:]) - torch.maximum(boxes[i, :2], boxes[k, :2]) + 1).clamp_min(0)
            least = min(float((boxes[j, 2:] - boxes[j, :2] + 1).prod()) for j in (i, k))
            if owner[i] == owner[k] and float(inner.prod()) / least > 0.7:
                break
        else:
            kept.append(i)
    return boxes[kept], score[kept], landmarks[kept], owner[kept]


def main(folder, weights, count, threads):
    torch.set_num_threads(int(threads))
    photographs = []
    for path in sorted((pathlib.Path(folder) / "images").iterdir()):
        if len(photographs) == int(count):
            break
        image = Image.open(path).convert("RGB")
        if image.size == (SIDE, SIDE):
            photographs.append(np.array(image))
    photographs = torch.from_numpy(np.stack(photographs))
    cascade = Cascade(pathlib.Path(weights))
    detect(cascade, photographs[:BATCH])
    faces, start, worked = 0, time.perf_counter(), time.process_time()
    for part in photographs.split(BATCH):
        faces += len(detect(cascade, part)[0])
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    print(f"{len(photographs)} photographs, {faces} faces", file=sys.stderr)
    print(len(photographs) / seconds, 1e3 * worked / len(photographs))


if __name__ == "__main__":
    main(*sys.argv[1:])
