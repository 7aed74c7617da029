"""The training steps of published methods as straightforward PyTorch loops: the peers of bench/method_steps.py.

    python3 method_loops.py METHOD --faces FOLDER --weights FILE [--size 112] [--batch 16] [--steps 10] [--warm-up 2]
                            [--precision float32|bf16] [--memory-format contiguous|channels_last] [--device cpu]
                            [--data memory|loader] [--per-sample]

FOLDER has the aligned faces of SIZE pixels as JPEG files, a folder per class; FILE a state dict of torchvision's
resnet18. `--data memory` takes uint8 batches that are in memory already and normalises them in the step: the compute
alone. `--data loader` is torchvision's way: ImageFolder, transforms on Pillow images, DataLoader with two workers.
Prints the seconds of each step after the warm-up and the seconds that it waited for data, as JSON.
"""
import argparse
import json
import pathlib
import sys
import time

import torch
import torchvision
from torch.nn import functional as F
from torch.utils.data import DataLoader

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from views import Cutout, RandAugment  # noqa: E402

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
transforms = torchvision.transforms


class FaceNetwork(torch.nn.Module):
    """torchvision's resnet18 with what the published code puts between its pooling and its classifier."""

    def __init__(self, classes, dropout, normalize):
        super().__init__()
        self.net = torchvision.models.resnet18(num_classes=classes)
        self.classifier, self.net.fc = self.net.fc, torch.nn.Identity()
        self.dropout, self.normalize = torch.nn.Dropout(dropout), normalize

    def forward(self, images):
        features = self.dropout(self.net(images).float())
        if self.normalize:
            features = F.normalize(features, dim=1)
        return self.classifier(features), features


def networks(count, options, dropout=0.0, normalize=False):
    made = []
    for _ in range(count):
        net = FaceNetwork(7, dropout, normalize)
        state = {k: v for k, v in torch.load(options.weights).items() if not k.startswith("fc.")}
        net.net.load_state_dict(state)
        net.to(options.device)
        if options.memory_format == "channels_last":
            net = net.to(memory_format=torch.channels_last)
        made.append(net.train())
    return made


class AdaCM:
    """Ada-CM (Li et al., CVPR 2022): four forwards, supervised, pseudo-label and contrastive loss, one Adam step."""

    views = {"labeled": ["weak"], "unlabeled": ["weak", "weak", "strong"]}

    def __init__(self, options):
        (self.net,) = networks(1, options, dropout=0.5, normalize=True)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=5e-4)
        self.margin = torch.full((7,), 0.8, device=options.device)
        self.batches = {"labeled": options.batch, "unlabeled": options.batch}

    def loss(self, labeled, unlabeled):
        (weak,), labels = labeled
        (weak_a, weak_b, strong), _ = unlabeled
        seen, _ = self.net(weak)
        logits_a, features_a = self.net(weak_a)
        logits_b, features_b = self.net(weak_b)
        strong, _ = self.net(strong)
        with torch.no_grad():
            score, guess = ((logits_a.softmax(1) + logits_b.softmax(1)) / 2).max(1)
            confident = score >= self.margin[guess]
        loss = 0.5 * F.cross_entropy(seen, labels)
        if confident.any():
            loss = loss + F.cross_entropy(strong[confident], guess[confident])
        rest = ~confident
        if rest.any():
            a, b = F.normalize(features_a[rest], dim=1), F.normalize(features_b[rest], dim=1)
            scores = a @ torch.cat([a, b]).t() / 0.07
            n = len(a)
            scores = scores.masked_fill(torch.eye(n, 2 * n, dtype=torch.bool, device=a.device), float("-inf"))
            loss = loss + 0.1 * F.cross_entropy(scores, torch.arange(n, 2 * n, device=a.device))
        return loss


class ReSup:
    """ReSup: two networks weigh each other's samples by a look-up table of a fitted mixture, and are to agree."""

    views = {"labeled": ["weak"]}

    def __init__(self, options):
        self.nets = networks(2, options)
        self.optimizer = torch.optim.Adam([p for net in self.nets for p in net.parameters()], lr=2e-4)
        self.tables = [torch.linspace(1e-4, 1 - 1e-4, 100, device=options.device)] * 2
        self.batches = {"labeled": options.batch}
        self.weights = self.one_by_one if options.per_sample else self.at_once

    @staticmethod
    def similarity(probs, labels):
        return probs.gather(1, labels[:, None])[:, 0] / probs.norm(dim=1)

    def at_once(self, probs, labels, table):
        similarity = self.similarity(probs, labels).clamp(0.001, 0.999)
        return table[(similarity * 100).long().clamp(max=99)]

    def one_by_one(self, probs, labels, table):
        """As the published code does it: a loop over the samples of the batch, each looked up by itself."""
        weights = torch.zeros(len(labels), device=probs.device)
        for i in range(len(labels)):
            one_hot = F.one_hot(labels[i], probs.shape[1]).float()
            similarity = F.cosine_similarity(probs[i], one_hot, dim=0).item()
            similarity = 0.999 if similarity >= 1 else 0.001 if similarity <= 0 else similarity
            weights[i] = table[min(int(100 * similarity), 99)].item()
        return weights

    def loss(self, labeled):
        (images,), labels = labeled
        logits = [net(images)[0] for net in self.nets]
        probs = [each.softmax(1) for each in logits]
        with torch.no_grad():
            weights = [self.weights(p, labels, table) for p, table in zip(probs, self.tables)]
        loss = sum((w * F.cross_entropy(x, labels, reduction="none")).mean() for w, x in zip(reversed(weights), logits))
        return loss + 5 * (probs[0] - probs[1]).square().mean()


METHODS = {"ada-cm": AdaCM, "resup": ReSup}


class Views:
    def __init__(self, names, size):
        moved = [transforms.Resize((size, size)),
                 transforms.RandomApply([transforms.RandomCrop(size, padding=8)], p=0.5),
                 transforms.RandomHorizontalFlip(0.5), transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
        kinds = {"weak": transforms.Compose(moved),
                 "strong": transforms.Compose([RandAugment(3), Cutout(0.5), *moved])}
        self.made = [kinds[name] for name in names]

    def __call__(self, image):
        return [make(image) for make in self.made]


def loaded(options, views, batch):
    faces = torchvision.datasets.ImageFolder(options.faces, transform=Views(views, options.size))
    loader = DataLoader(faces, batch_size=batch, shuffle=True, num_workers=2, drop_last=True, persistent_workers=True)
    while True:
        yield from loader


def in_memory(options, views, batch):
    faces = torchvision.datasets.ImageFolder(options.faces, transform=transforms.PILToTensor())
    chosen = [faces[i] for i in torch.randperm(len(faces))[:batch].tolist()]
    images = torch.stack([image for image, _ in chosen])
    labels = torch.tensor([label for _, label in chosen])
    mean, std = (torch.tensor(v, device=options.device).view(1, 3, 1, 1) for v in (MEAN, STD))
    while True:
        yield [(images.to(options.device).float() / 255 - mean) / std for _ in views], labels


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("--faces", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=["float32", "bf16", "fp16"], default="float32")
    parser.add_argument("--memory-format", choices=["contiguous", "channels_last"], default="contiguous")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--data", choices=["memory", "loader"], default="memory")
    parser.add_argument("--per-sample", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    device = options.device.split(":")[0]
    lower = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(options.precision, torch.bfloat16)
    method = METHODS[options.method](options)
    source = loaded if options.data == "loader" else in_memory
    feeds = [source(options, views, method.batches[stream]) for stream, views in method.views.items()]
    scaler = torch.cuda.amp.GradScaler(enabled=options.precision == "fp16")

    def on_device(batch):
        images, labels = batch
        images = [image.to(options.device, non_blocking=True) for image in images]
        if options.memory_format == "channels_last":
            images = [image.contiguous(memory_format=torch.channels_last) for image in images]
        return images, labels.to(options.device, non_blocking=True)

    steps, waits = [], []
    for step in range(options.warm_up + options.steps):
        begin = time.perf_counter()
        batches = [next(feed) for feed in feeds]
        waited = time.perf_counter() - begin
        batches = [on_device(batch) for batch in batches]
        with torch.autocast(device, dtype=lower, enabled=options.precision != "float32"):
            loss = method.loss(*batches)
        method.optimizer.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.step(method.optimizer)
        scaler.update()
        loss.item()  # shown, as every loop does; a GPU is waited for by it
        if step >= options.warm_up:
            steps.append(time.perf_counter() - begin)
            waits.append(waited if options.data == "loader" else 0)
    print(json.dumps({"steps": steps, "waits": waits}))


if __name__ == "__main__":
    main()
