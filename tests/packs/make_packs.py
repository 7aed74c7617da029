#!/usr/bin/env python3
"""Makes tests/packs/tiny.h5, a parity pack small enough to keep: two epochs of two Adam steps on random pictures.

The expected numbers are computed here, with PyTorch alone. Initial weights are multiples of 1/256, so that they
compress; of the final tensors only the small ones are kept.

  apt-get install python3-torch python3-h5py
  /usr/bin/python3 tests/packs/make_packs.py
"""
import json
import pathlib

import h5py
import numpy as np
import torch
import torch.nn.functional as F

CLASSES, EPOCHS, STEPS, BATCH, TRAIN, TEST, SIDE = 7, 2, 2, 6, 20, 8, 16
HYPER = {"lr": 1e-3, "weight_decay": 0.0, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "optimizer": "adam"}
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


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    random = np.random.default_rng(1)
    net = TinyNet()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.round(parameter * 256) / 256)
    adam = torch.optim.Adam(net.parameters(), lr=HYPER["lr"], betas=(HYPER["beta1"], HYPER["beta2"]), eps=HYPER["eps"])

    with h5py.File(pathlib.Path(__file__).parent / "tiny.h5", "w", libver=("earliest", "v110")) as pack:
        def put(path, value):
            value = np.asarray(value)
            kwargs = {"compression": "gzip", "compression_opts": 9, "shuffle": True} if value.size > 64 else {}
            pack.create_dataset(path, data=value, track_times=False, **kwargs)

        pack.attrs.update(method="baseline", variant="adam", epochs=EPOCHS, steps_per_epoch=STEPS, batch_labeled=BATCH,
                          batch_unlabeled=0, classes=CLASSES, backbone="tinynet", normalize_feature=0, dropout=0,
                          report_net="net", hyper=json.dumps(HYPER))
        pictures = {"labeled": TRAIN, "test": TEST}
        pictures = {name: random.integers(0, 256, (n, SIDE, SIDE, 3), np.uint8) for name, n in pictures.items()}
        labels = {name: random.integers(0, CLASSES, len(each)) for name, each in pictures.items()}
        for name in pictures:
            put(f"/data/{name}/images", pictures[name])
            put(f"/data/{name}/labels", labels[name])
        for name, tensor in net.state_dict().items():
            put(f"/init/net/{name}", tensor.numpy().copy())

        for epoch in range(1, EPOCHS + 1):
            for step in range(1, STEPS + 1):
                index = random.choice(TRAIN, BATCH, replace=False)
                batch = f"/batches/{epoch}/{step}/labeled"
                weak = pictures["labeled"][index][:, :, ::-1].copy()  # mirrored, to differ from the data
                put(f"{batch}.index", index)
                put(f"{batch}.label", labels["labeled"][index])
                put(f"{batch}.weak", weak)
                net.train()
                loss = F.cross_entropy(net(weak), torch.from_numpy(labels["labeled"][index]))
                for name in ("loss.supervised", "loss.total"):
                    put(f"/expect/{epoch}/{step}/{name}", np.float64(loss.item()))
                adam.zero_grad()
                loss.backward()
                adam.step()
            net.eval()
            with torch.no_grad():
                logits = net(pictures["test"])
            right = logits.argmax(1).numpy() == labels["test"]
            put(f"/expect/{epoch}/end/test.logits", logits.double().numpy())
            put(f"/expect/{epoch}/end/test.accuracy", np.float64(right.mean()))
            put(f"/expect/{epoch}/end/lr", np.float64(HYPER["lr"]))
        for name, tensor in net.state_dict().items():
            if tensor.numel() < 2000:
                put(f"/expect/final/net/{name}", tensor.numpy())


if __name__ == "__main__":
    main()
