#!/usr/bin/env python3
"""Makes the parity packs of this folder, small enough to keep, each of two epochs of two Adam steps on random pictures:
tiny.h5 (baseline), flexmatch.h5 (thresholds by class, a teacher, tables by sample) and uda.h5 (annealing, soft targets).

The expected numbers are computed here, with PyTorch alone. Initial weights are multiples of a power of two, so that they
compress; of the final tensors only the small ones are kept.

  apt-get install python3-torch python3-h5py
  /usr/bin/python3 tests/packs/make_packs.py
"""
import copy
import json
import math
import pathlib

import h5py
import numpy as np
import torch
import torch.nn.functional as F

CLASSES, EPOCHS, STEPS, BATCH, TRAIN, TEST, SIDE = 7, 2, 2, 6, 20, 8, 16
ADAM = {"lr": 1e-3, "weight_decay": 0.0, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "optimizer": "adam"}
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


class TinyNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 32, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(32)
        self.conv2 = torch.nn.Conv2d(32, 64, 3, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(64)
        self.conv3 = torch.nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.bn3 = torch.nn.BatchNorm2d(128)
        self.fc = torch.nn.Linear(128, CLASSES)

    def forward(self, pictures):
        x = (torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255 - MEAN) / STD
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        return self.fc(F.relu(self.bn3(self.conv3(x))).mean((2, 3)))


def rounded(net, grain):
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.round(parameter * grain) / grain)
    return net


def adam_of(net, hyper):
    return torch.optim.Adam(net.parameters(), lr=hyper["lr"], betas=(hyper["beta1"], hyper["beta2"]), eps=hyper["eps"])


class Pack:
    """A pack that is being written."""

    def __init__(self, name, method, variant, report_net, hyper, unlabeled=0):
        self.file = h5py.File(pathlib.Path(__file__).parent / name, "w", libver="v110")
        self.file.attrs.update(method=method, variant=variant, epochs=EPOCHS, steps_per_epoch=STEPS, batch_labeled=BATCH,
                               batch_unlabeled=unlabeled, classes=CLASSES, backbone="tinynet", normalize_feature=0,
                               dropout=0, report_net=report_net, hyper=json.dumps(hyper))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def put(self, path, value):
        value = np.asarray(value)
        kwargs = {"compression": "gzip", "compression_opts": 9, "shuffle": True} if value.nbytes > 2048 else {}
        self.file.create_dataset(path, data=value, track_times=False, **kwargs)

    def put_step(self, epoch, step, **values):
        for name, value in values.items():
            value = value.detach().numpy() if torch.is_tensor(value) else np.asarray(value)
            path = f"/expect/{epoch}/{step}/{name.replace('__', '.')}"
            self.put(path, value if value.dtype == np.int64 else value.astype(np.float64))

    def put_test(self, epoch, net, prefix, pictures, labels):
        net.eval()
        with torch.no_grad():
            logits = net(pictures)
        right = logits.argmax(1).numpy() == labels
        self.put(f"/expect/{epoch}/end/{prefix}.logits", logits.double().numpy())
        self.put(f"/expect/{epoch}/end/{prefix}.accuracy", np.float64(right.mean()))

    def put_final(self, name, net):
        for key, tensor in net.state_dict().items():
            if tensor.numel() < 2000:
                self.put(f"/expect/final/{name}/{key}", tensor.numpy())


def make_baseline():
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    net = rounded(TinyNet(), 256)
    adam = adam_of(net, ADAM)
    with Pack("tiny.h5", "baseline", "adam", "net", ADAM) as pack:
        pictures = {"labeled": TRAIN, "test": TEST}
        pictures = {name: random.integers(0, 256, (n, SIDE, SIDE, 3), np.uint8) for name, n in pictures.items()}
        labels = {name: random.integers(0, CLASSES, len(each)) for name, each in pictures.items()}
        for name in pictures:
            pack.put(f"/data/{name}/images", pictures[name])
            pack.put(f"/data/{name}/labels", labels[name])
        for name, tensor in net.state_dict().items():
            pack.put(f"/init/net/{name}", tensor.numpy().copy())

        for epoch in range(1, EPOCHS + 1):
            for step in range(1, STEPS + 1):
                index = random.choice(TRAIN, BATCH, replace=False)
                batch = f"/batches/{epoch}/{step}/labeled"
                weak = pictures["labeled"][index][:, :, ::-1].copy()  # mirrored, to differ from the data
                pack.put(f"{batch}.index", index)
                pack.put(f"{batch}.label", labels["labeled"][index])
                pack.put(f"{batch}.weak", weak)
                net.train()
                loss = F.cross_entropy(net(weak), torch.from_numpy(labels["labeled"][index]))
                for name in ("loss.supervised", "loss.total"):
                    pack.put(f"/expect/{epoch}/{step}/{name}", np.float64(loss.item()))
                adam.zero_grad()
                loss.backward()
                adam.step()
            pack.put_test(epoch, net, "test", pictures["test"], labels["test"])
            pack.put(f"/expect/{epoch}/end/lr", np.float64(ADAM["lr"]))
        pack.put_final("net", net)


class Curriculum:
    """FlexMatch: a threshold per class, by how many samples were selected as it."""

    def __init__(self, hyper, samples):
        self.threshold = hyper["threshold"]
        self.selected = torch.full((samples,), -1)
        self.status = torch.zeros(CLASSES)

    def losses(self, progress, logits, labels, weak, strong, index):
        score, guess = weak.softmax(1).max(1)
        used = self.threshold * self.status / (2 - self.status)
        mask = score >= used[guess]
        for row in torch.nonzero(score >= self.threshold).flatten():
            self.selected[index[row]] = guess[row]
        counts = torch.stack([(self.selected == c).sum() for c in range(-1, CLASSES)])
        if counts[1:].sum() > 0:
            self.status = counts[1:] / counts.max()
        each = F.cross_entropy(strong, guess, reduction="none")
        return F.cross_entropy(logits, labels), (each * mask).sum() / len(each), dict(
            pseudo__label=guess, mask__confident=mask, pseudo__confidence=score, threshold__used=used,
            class__status=self.status, selected__label_rows=self.selected[index])

    def end(self):
        return {"selected.label": self.selected.numpy(), "class.status": self.status.double().numpy()}


class Annealing:
    """UDA: labeled samples below a rising threshold, soft targets for the others."""

    def __init__(self, hyper, samples):
        self.threshold, self.temperature = hyper["threshold"], hyper["temperature"]

    def losses(self, progress, logits, labels, weak, strong, index):
        rising = math.exp(5 * (progress - 1)) * (1 - 1 / CLASSES) + 1 / CLASSES
        easy = logits.detach().softmax(1).amax(1) <= rising
        supervised = (F.cross_entropy(logits, labels, reduction="none") * easy).sum() / len(labels)
        score = weak.softmax(1).amax(1)
        mask = score >= self.threshold
        target = (weak / self.temperature).softmax(1)
        each = -(target * strong.log_softmax(1)).sum(1)
        return supervised, (each * mask).sum() / len(each), dict(
            mask__confident=mask, pseudo__confidence=score, mask__supervised=easy, targets__unlabeled=target,
            tsa__threshold=rising)

    def end(self):
        return {}


def make_semi_supervised(name, method, variant, rule, more, seed):
    hyper = {**ADAM, "lr": 5e-4, "ema_decay": 0.9, "lambda_unsupervised": 0.8, **more}
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    net = rounded(TinyNet(), 64)
    with torch.no_grad():
        net.fc.weight.mul_(24).round_().div_(4)  # sure enough for rows on both sides of the thresholds
    teacher = copy.deepcopy(net)
    adam = adam_of(net, hyper)
    samples = {"labeled": TRAIN, "unlabeled": 8, "test": TEST}
    rule = rule(hyper, samples["unlabeled"])
    with Pack(name, method, variant, "teacher", hyper, BATCH) as pack:
        # Blocks of four levels, so that they compress.
        pictures = {kind: random.integers(0, 4, (n, 4, 4, 3), np.uint8).repeat(4, 1).repeat(4, 2) * 85
                    for kind, n in samples.items()}
        labels = {kind: random.integers(0, CLASSES, n) for kind, n in samples.items()}
        for kind in samples:
            pack.put(f"/data/{kind}/images", pictures[kind])
            if kind != "unlabeled":
                pack.put(f"/data/{kind}/labels", labels[kind])
        for key, tensor in net.state_dict().items():
            pack.put(f"/init/net/{key}", tensor.numpy().copy())
        pack.file["/init/teacher"] = pack.file["/init/net"]

        for epoch in range(1, EPOCHS + 1):
            for step in range(1, STEPS + 1):
                rows = {kind: random.choice(samples[kind], BATCH, replace=kind == "unlabeled")
                        for kind in ("labeled", "unlabeled")}
                views = {f"{kind}.weak": pictures[kind][index][:, :, ::-1].copy() for kind, index in rows.items()}
                views["unlabeled.strong"] = np.roll(pictures["unlabeled"][rows["unlabeled"]], 6, axis=2) // 2
                batch = f"/batches/{epoch}/{step}"
                for kind, index in rows.items():
                    pack.put(f"{batch}/{kind}.index", index)
                pack.put(f"{batch}/labeled.label", labels["labeled"][rows["labeled"]])
                for view, pixels in views.items():
                    pack.put(f"{batch}/{view}", pixels)

                net.train()
                joint = net(np.concatenate([views["labeled.weak"], views["unlabeled.weak"], views["unlabeled.strong"]]))
                logits, weak, strong = joint.split(BATCH)
                supervised, unsupervised, told = rule.losses(
                    ((epoch - 1) * STEPS + step - 1) / (EPOCHS * STEPS), logits,
                    torch.from_numpy(labels["labeled"][rows["labeled"]]), weak.detach(), strong,
                    torch.from_numpy(rows["unlabeled"]))
                total = supervised + hyper["lambda_unsupervised"] * unsupervised
                pack.put_step(epoch, step, loss__supervised=supervised, loss__unsupervised=unsupervised,
                              loss__total=total, **told)
                adam.zero_grad()
                total.backward()
                adam.step()
                with torch.no_grad():
                    for mine, students in zip(teacher.parameters(), net.parameters()):
                        mine.copy_(hyper["ema_decay"] * mine + (1 - hyper["ema_decay"]) * students)
                    for mine, students in zip(teacher.buffers(), net.buffers()):
                        mine.copy_(students)
            pack.put_test(epoch, teacher, "test", pictures["test"], labels["test"])
            pack.put_test(epoch, net, "test_student", pictures["test"], labels["test"])
            for key, value in rule.end().items():
                pack.put(f"/expect/{epoch}/end/{key}", value.copy())
        pack.put_final("net", net)
        pack.put_final("teacher", teacher)


def main():
    torch.set_num_threads(1)
    make_baseline()
    make_semi_supervised("flexmatch.h5", "flexmatch", "released", Curriculum, {"threshold": 0.4}, seed=5)
    make_semi_supervised("uda.h5", "uda", "paper", Annealing,
                         {"threshold": 0.6, "temperature": 0.5, "tsa_schedule": "exp"}, seed=3)


if __name__ == "__main__":
    main()
