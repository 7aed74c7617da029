"""The peer of bench/predict.py: photographs to expressions by a loop in Python, as one writes it with care.

    python3 predict.py MODEL LIST DETECTOR [WEIGHTS] [--threads N] [--batch N]

OpenCV reads photographs; DETECTOR is mtcnn (the cascade of mtcnn_peer.py with WEIGHTS, batched over photographs of one
size) or haar (OpenCV's cascade, with a second look as fergraph takes it); OpenCV cuts faces out; torchvision's network
with the weights of MODEL/model.safetensors looks at BATCH of them at a time. Prints one JSON object a line for each
photograph to standard output and, last to standard error, photographs/s and the processor's milliseconds for each, from
the first photograph to the last: imports, the reading of weights and a first batch to warm up are left out.
"""
import argparse
import json
import pathlib
import struct
import sys
import time

import cv2
import numpy as np
import torch
import torchvision

ARCFACE = np.float64([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
DETECTED_TOGETHER = 8


def read_safetensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    kinds = {"F32": np.float32, "I64": np.int64}
    arrays = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            numbers = np.frombuffer(data[8 + size + begin:8 + size + end], kinds[entry["dtype"]])
            arrays[name] = torch.from_numpy(numbers.reshape(entry["shape"]).copy())
    return arrays


class Classifier:
    def __init__(self, folder):
        self.card = json.loads((folder / "model.json").read_text())
        network, = self.card["networks"]
        self.size = self.card["input"]["width"]
        self.mean = torch.tensor(network["mean"]).view(1, 3, 1, 1)
        self.std = torch.tensor(network["std"]).view(1, 3, 1, 1)
        self.net = getattr(torchvision.models, network["backbone"])(num_classes=self.card["classes"])
        self.net.load_state_dict(read_safetensors(folder / "model.safetensors"))
        self.net.eval().to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def __call__(self, faces):
        images = torch.from_numpy(np.stack(faces)).permute(0, 3, 1, 2).float().div_(255).sub_(self.mean).div_(self.std)
        return self.net(images.contiguous(memory_format=torch.channels_last)).softmax(1).numpy()


class Mtcnn:
    """Boxes and landmarks, and faces on the template."""

    def __init__(self, weights, size):
        from mtcnn_peer import Cascade, detect
        self.cascade, self.detect, self.size = Cascade(pathlib.Path(weights)), detect, size
        self.template = (ARCFACE + 0.5) * size / 112 - 0.5

    def find(self, photographs):
        boxes, _, landmarks, owner = self.detect(self.cascade, torch.from_numpy(np.stack(photographs)))
        found = [[] for _ in photographs]
        for box, points, n in zip(boxes.tolist(), landmarks.double().numpy() if len(boxes) else [], owner.tolist()):
            found[n].append(((box[0], box[1], box[2] - box[0], box[3] - box[1]), points))
        return found

    def cut(self, photograph, face):
        p, q = face[1] - face[1].mean(0), self.template - self.template.mean(0)
        p, q = p[:, 0] + 1j * p[:, 1], q[:, 0] + 1j * q[:, 1]
        a = (p.conj() * q).sum() / (abs(p) ** 2).sum()
        linear = np.array([[a.real, -a.imag], [a.imag, a.real]])
        shift = self.template.mean(0) - linear @ face[1].mean(0)
        shrink = int(1 / abs(a))
        if shrink > 1:  # a bilinear warp alone would skip pixels
            height, width = photograph.shape[:2]
            photograph = cv2.resize(photograph, (round(width / shrink), round(height / shrink)), interpolation=cv2.INTER_AREA)
            step = np.array([width / photograph.shape[1], height / photograph.shape[0]])
            shift = shift + linear @ (0.5 * step - 0.5)
            linear = linear * step
        return cv2.warpAffine(photograph, np.hstack([linear, shift[:, None]]), (self.size, self.size),
                              flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


class Haar:
    """Boxes, and the squares around them."""

    def __init__(self, size):
        folder = pathlib.Path(getattr(cv2, "data").haarcascades if hasattr(cv2, "data") else "/usr/share/opencv4/haarcascades")
        self.cascade, self.size = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_default.xml")), size

    def look(self, grey):
        side = round(0.2 * min(grey.shape))
        return [tuple(map(float, box)) for box in self.cascade.detectMultiScale(grey, 1.1, 3, 0, (side, side))]

    def find(self, photographs):
        return [[(box, None) for box in self.find_one(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY))] for each in photographs]

    def find_one(self, grey):
        boxes = self.look(grey)
        if boxes:
            return boxes
        shorter = min(grey.shape)
        pad, enlarged = round(0.25 * shorter), max(1, 200 / shorter)
        wider = cv2.copyMakeBorder(grey, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        if enlarged > 1:
            wider = cv2.resize(wider, None, fx=enlarged, fy=enlarged)
        x, y = (grey.shape[1] + 2 * pad) / wider.shape[1], (grey.shape[0] + 2 * pad) / wider.shape[0]
        return [(b[0] * x - pad, b[1] * y - pad, b[2] * x, b[3] * y) for b in self.look(wider)]

    def cut(self, photograph, face):
        x, y, width, height = face[0]
        length = max(width, height)
        side = max(1, round(length * 1.2))
        left, top = round(x + width / 2 - side / 2), round(y + height / 2 + 0.05 * length - side / 2)
        pad = max(0, -left, -top, left + side - photograph.shape[1], top + side - photograph.shape[0])
        if pad:
            photograph = cv2.copyMakeBorder(photograph, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        square = photograph[top + pad:top + pad + side, left + pad:left + pad + side]
        return cv2.resize(square, (self.size, self.size), interpolation=cv2.INTER_AREA if side > self.size else cv2.INTER_LINEAR)


def predict(files, detector, classify, batch, tell):
    waiting, told = [], []  # faces for the network, photographs that are not told yet

    def look():
        if waiting:
            for (_, face), probabilities in zip(waiting, classify([pixels for pixels, _ in waiting])):
                face["probabilities"] = probabilities.tolist()
        waiting.clear()
        for each in told:
            tell(each)
        told.clear()

    def work_on(group):
        for (file, photograph), faces in zip(group, detector.find([photograph for _, photograph in group])):
            faces.sort(key=lambda face: -face[0][2] * face[0][3])
            told.append({"image": str(file), "faces": [{"box": list(face[0])} for face in faces]})
            waiting.extend((detector.cut(photograph, face), entry) for face, entry in zip(faces, told[-1]["faces"]))
        if len(waiting) >= batch:
            look()

    group = []
    for file in files:
        photograph = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if photograph is None:
            print(f"{file}: cannot be read", file=sys.stderr)
            continue
        photograph = cv2.cvtColor(photograph, cv2.COLOR_BGR2RGB)
        if group and (len(group) == DETECTED_TOGETHER or group[0][1].shape != photograph.shape):
            work_on(group)
            group = []
        group.append((file, photograph))
    if group:
        work_on(group)
    look()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("list", type=pathlib.Path)
    parser.add_argument("detector", choices=["mtcnn", "haar"])
    parser.add_argument("weights", nargs="?")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    classify = Classifier(options.model)
    detector = Mtcnn(options.weights, classify.size) if options.detector == "mtcnn" else Haar(classify.size)
    files = options.list.read_text().split("\n")[:-1]
    predict(files[:options.batch], detector, classify, options.batch, lambda each: None)
    start, worked = time.perf_counter(), time.process_time()
    lines = []
    predict(files, detector, classify, options.batch, lambda each: lines.append(json.dumps(each)))
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    print("\n".join(lines))
    print(len(files) / seconds, 1e3 * worked / len(files), file=sys.stderr)


if __name__ == "__main__":
    main()
