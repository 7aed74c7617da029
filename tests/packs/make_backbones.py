#!/usr/bin/env python3
"""Makes tests/packs/backbones.safetensors: what each backbone computes, from PyTorch modules of its own and torchvision's.

Weights are too large to be kept, so both sides draw them by a formula. Number i of the tensor NAME is u = k / 2^24, where
k is the upper 24 bits of splitmix64's output for the state FNV-1a(NAME) + (i+1) * 0x9E3779B97F4A7C15 (mod 2^64), moved to
a range: weights of two or more dimensions to +-sqrt(6 / fan_in), other `weight`s to 0.5 … 1, running_var to 0.5 … 1.5,
the rest to +-0.1; num_batches_tracked is 0. The images are "images", moved to +-1. Expected numbers are computed in float64.

BACKBONE.names          the count of its tensors and the FNV-1a of their lines "NAME SHAPE\\n" in the order of names
BACKBONE.eval.features  of four images, the first 16 features, in eval mode; BACKBONE.eval.logits of seven classes
BACKBONE.train.*        the same with the statistics of the batch
BACKBONE.buffers        after that forward, per running mean and variance in the order of names, the sum of its numbers,
                        each times u of "NAME/probe" at its place

tests/packs/scripts has modules as torch.jit exports them.

  apt-get install python3-torchvision
  /usr/bin/python3 tests/packs/make_backbones.py
"""
import json
import pathlib
import struct

import numpy
import torch
import torchvision
from torch import nn
from torch.nn import functional

HERE = pathlib.Path(__file__).parent
CLASSES = 7


# ---- the formula -----------------------------------------------------------------------------------------------------

def fnv1a(text):
    value = 14695981039346656037
    for byte in text.encode():
        value = (value ^ byte) * 1099511628211 % 2**64
    return value


def uniform(name, count):
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(fnv1a(name)) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    return (z >> numpy.uint64(40)).astype(numpy.float64) / 2**24


def bounds(name, shape):
    if len(shape) > 1:
        bound = numpy.sqrt(6 / numpy.prod(shape[1:], dtype=numpy.float64))
        return -bound, bound
    if name.endswith("running_var"):
        return 0.5, 1.5
    return (0.5, 1.0) if name.endswith("weight") else (-0.1, 0.1)


def drawn(name, shape, low, high):
    numbers = low + (high - low) * uniform(name, int(numpy.prod(shape, dtype=numpy.int64)))
    return torch.from_numpy(numbers.astype(numpy.float32)).reshape(shape)


def fill(model):
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.endswith("num_batches_tracked"):
                tensor.zero_()
            else:
                tensor.copy_(drawn(name, tuple(tensor.shape), *bounds(name, tensor.shape)))


# ---- the networks that torchvision lacks -----------------------------------------------------------------------------

class TinyNet(nn.Module):
    def __init__(self):
        super().__init__()
        for k, (i, o) in enumerate([(3, 32), (32, 64), (64, 128)], 1):
            self.add_module(f"conv{k}", nn.Conv2d(i, o, 3, padding=1, bias=False))
            self.add_module(f"bn{k}", nn.BatchNorm2d(o))
        self.fc = nn.Linear(128, CLASSES)

    def forward(self, x):
        x = functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 2)
        x = functional.max_pool2d(self.bn2(self.conv2(x)).relu(), 2)
        return self.fc(self.bn3(self.conv3(x)).relu().mean((2, 3)))


class ImprovedBlock(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm2d(i), nn.BatchNorm2d(o), nn.BatchNorm2d(o)
        self.conv1 = nn.Conv2d(i, o, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(o, o, 3, stride, padding=1, bias=False)
        self.prelu = nn.PReLU(o)
        self.downsample = None
        if stride != 1 or i != o:
            self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = self.bn3(self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x))))))
        return y + (x if self.downsample is None else self.downsample(x))


class IrResNet18(nn.Module):
    """insightface, recognition/arcface_torch/backbones/iresnet.py: iresnet18, for maps of side x side."""

    def __init__(self, side):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.bn1, self.prelu = nn.BatchNorm2d(64), nn.PReLU(64)
        for k, (i, o) in enumerate([(64, 64), (64, 128), (128, 256), (256, 512)], 1):
            self.add_module(f"layer{k}", nn.Sequential(ImprovedBlock(i, o, 2), ImprovedBlock(o, o, 1)))
        self.bn2, self.fc, self.features = nn.BatchNorm2d(512), nn.Linear(512 * side**2, 512), nn.BatchNorm1d(512)
        self.classifier = nn.Linear(512, CLASSES)

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.classifier(self.features(self.fc(self.bn2(x).flatten(1))))


class Excitation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // 16, 1, bias=False)
        self.fc2 = nn.Conv2d(channels // 16, channels, 1, bias=False)

    def forward(self, x):
        return x * self.fc2(self.fc1(functional.adaptive_avg_pool2d(x, 1)).relu()).sigmoid()


class ExcitedBlock(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.shortcut_layer = nn.MaxPool2d(1, stride) if i == o else nn.Sequential(
            nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(i), nn.Conv2d(i, o, 3, 1, 1, bias=False), nn.PReLU(o),
            nn.Conv2d(o, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), Excitation(o))

    def forward(self, x):
        return self.res_layer(x) + self.shortcut_layer(x)


class SeResNet50Ir(nn.Module):
    """InsightFace_Pytorch, model.py: Backbone(50, mode='ir_se') without its last division by the norm."""

    def __init__(self, side):
        super().__init__()
        self.input_layer = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64))
        self.output_layer = nn.Sequential(nn.BatchNorm2d(512), nn.Dropout(0), nn.Flatten(),
                                          nn.Linear(512 * side**2, 512), nn.BatchNorm1d(512))
        blocks, i = [], 64
        for o, count in ((64, 3), (128, 4), (256, 14), (512, 3)):
            blocks += [ExcitedBlock(i, o, 2)] + [ExcitedBlock(o, o, 1) for _ in range(count - 1)]
            i = o
        self.body = nn.Sequential(*blocks)
        self.classifier = nn.Linear(512, CLASSES)

    def forward(self, x):
        return self.classifier(self.output_layer(self.body(self.input_layer(x))))


class WideBlock(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.bn1, self.bn2 = (nn.BatchNorm2d(c, eps=0.001, momentum=0.001) for c in (i, o))
        self.conv1, self.conv2 = nn.Conv2d(i, o, 3, stride, 1), nn.Conv2d(o, o, 3, 1, 1)
        self.convShortcut = None if i == o else nn.Conv2d(i, o, 1, stride)

    def forward(self, x):
        active = functional.leaky_relu(self.bn1(x), 0.1)
        y = self.conv2(functional.leaky_relu(self.bn2(self.conv1(active)), 0.1))
        return y + (x if self.convShortcut is None else self.convShortcut(active))


class WideResNet28(nn.Module):
    """USB, semilearn/nets/wrn/wrn.py: wrn_28_2."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        i = 16
        for k, o in enumerate((32, 64, 128), 1):
            layer = [WideBlock(i, o, 1 if k == 1 else 2)] + [WideBlock(o, o, 1) for _ in range(3)]
            block = nn.Module()
            block.layer = nn.Sequential(*layer)
            self.add_module(f"block{k}", block)
            i = o
        self.bn1 = nn.BatchNorm2d(128, eps=0.001, momentum=0.001)
        self.fc = nn.Linear(128, CLASSES)

    def forward(self, x):
        x = self.block3.layer(self.block2.layer(self.block1.layer(self.conv1(x))))
        return self.fc(functional.leaky_relu(self.bn1(x), 0.1).mean((2, 3)))


class Cnn7(nn.Module):
    """JoCoR, model/cnn.py: CNN, for maps of side x side."""

    def __init__(self, side):
        super().__init__()
        channels = [3, 64, 64, 128, 128, 196, 16]
        for k in range(1, 7):
            self.add_module(f"c{k}", nn.Conv2d(channels[k - 1], channels[k], 3, padding=1))
            self.add_module(f"bn{k}", nn.BatchNorm2d(channels[k]))
        self.linear1 = nn.Linear(16 * side**2, CLASSES)

    def forward(self, x):
        for k in range(1, 7):
            x = getattr(self, f"bn{k}")(getattr(self, f"c{k}")(x)).relu()
            if k % 2 == 0:
                x = functional.max_pool2d(x, 2, 2)
        return self.linear1(x.flatten(1))


class Normed(nn.Module):
    def __init__(self, i, o, kernel=1, stride=1, padding=0, groups=1, active=True):
        super().__init__()
        self.conv = nn.Conv2d(i, o, kernel, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(o)
        self.prelu = nn.PReLU(o) if active else nn.Identity()

    def forward(self, x):
        return self.prelu(self.bn(self.conv(x)))


class Depthwise(nn.Module):
    def __init__(self, i, inner, o, stride):
        super().__init__()
        self.conv = Normed(i, inner)
        self.conv_dw = Normed(inner, inner, 3, stride, 1, groups=inner)
        self.project = Normed(inner, o, active=False)
        self.residual = stride == 1

    def forward(self, x):
        y = self.project(self.conv_dw(self.conv(x)))
        return x + y if self.residual else y


class MobileFaceNet(nn.Module):
    """InsightFace_Pytorch, model.py: MobileFaceNet without its last division by the norm."""

    def __init__(self, side, embedding):
        super().__init__()

        def residuals(channels, inner, count):
            group = nn.Module()
            group.model = nn.Sequential(*(Depthwise(channels, inner, channels, 1) for _ in range(count)))
            group.forward = group.model.forward
            return group

        self.conv1, self.conv2_dw = Normed(3, 64, 3, 2, 1), Normed(64, 64, 3, 1, 1, groups=64)
        self.conv_23, self.conv_3 = Depthwise(64, 128, 64, 2), residuals(64, 128, 4)
        self.conv_34, self.conv_4 = Depthwise(64, 256, 128, 2), residuals(128, 256, 6)
        self.conv_45, self.conv_5 = Depthwise(128, 512, 128, 2), residuals(128, 256, 2)
        self.conv_6_sep = Normed(128, 512)
        self.conv_6_dw = Normed(512, 512, side, groups=512, active=False)
        self.linear, self.bn = nn.Linear(512, embedding, bias=False), nn.BatchNorm1d(embedding)
        self.classifier = nn.Linear(embedding, CLASSES)

    def forward(self, x):
        for name in ("conv1", "conv2_dw", "conv_23", "conv_3", "conv_34", "conv_4", "conv_45", "conv_5", "conv_6_sep",
                     "conv_6_dw"):
            x = getattr(self, name)(x)
        return self.classifier(self.bn(self.linear(x.flatten(1))))


# Name, model, the path of its classifier, the side of the images.
def backbones():
    models = torchvision.models
    yield "tinynet", TinyNet(), "fc", 16
    yield "resnet18", models.resnet18(num_classes=CLASSES), "fc", 64
    yield "resnet34", models.resnet34(num_classes=CLASSES), "fc", 64
    yield "resnet50", models.resnet50(num_classes=CLASSES), "fc", 64
    yield "ir_resnet18", IrResNet18(2), "classifier", 32
    yield "se_resnet50_ir", SeResNet50Ir(2), "classifier", 32
    yield "wide_resnet28_2", WideResNet28(), "fc", 16
    yield "mobilenet_v2", models.mobilenet_v2(num_classes=CLASSES, dropout=0), "classifier.1", 64
    yield "vgg16_bn", models.vgg16_bn(num_classes=CLASSES, dropout=0), "classifier.6", 32
    yield "cnn7", Cnn7(4), "linear1", 32
    yield "mobilefacenet", MobileFaceNet(2, 128), "classifier", 32


def expected(name, model, classifier, size):
    fill(model)
    names = sorted(model.state_dict().items())
    lines = "".join(f"{key} {list(tensor.shape)}\n" for key, tensor in names)
    yield f"{name}.names", numpy.array([len(names), fnv1a(lines)], dtype=numpy.uint64).view(numpy.int64)

    seen = []
    model.get_submodule(classifier).register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    images = drawn("images", (4, 3, size, size), -1, 1)
    results = {}
    for dtype in (torch.float32, torch.float64):
        fill(model.float())
        model.to(dtype)
        for mode in ("eval", "train"):
            model.train(mode == "train")
            with torch.no_grad():
                results[mode, dtype] = model(images.to(dtype)), seen.pop()
    for mode in ("eval", "train"):
        for part, exact, single in zip(("logits", "features"), results[mode, torch.float64], results[mode, torch.float32]):
            error = ((exact - single).abs().max() / exact.abs().max()).item()
            print(f"{name:16} {mode:5} {part:8} float32 is off by {error:.1e} of {exact.abs().max().item():.3g}")
            yield f"{name}.{mode}.{part}", exact[:, :16].float().numpy()
    yield f"{name}.buffers", numpy.array(
        [float(tensor.numpy() @ uniform(key + "/probe", tensor.numel()))
         for key, tensor in sorted(model.state_dict().items()) if "running_" in key])


def write_safetensors(path, arrays):
    header, data = {}, b""
    for name, array in arrays.items():
        dtype = {"float32": "F32", "float64": "F64", "int64": "I64"}[str(array.dtype)]
        begin, data = len(data), data + numpy.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class Maps(nn.Module):
    """A small network as users export them."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout(0.5))

    def forward(self, x):
        return self.body(x)


class Features(Maps):
    def forward(self, x):
        return self.body(x).mean((2, 3))


class Pair(Maps):
    def forward(self, x):
        maps = self.body(x)
        return maps.mean((2, 3)), maps


def export_scripts():
    torch.manual_seed(1)
    folder = HERE / "scripts"
    folder.mkdir(exist_ok=True)
    for name, model in (("maps", Maps()), ("features", Features())):
        fill(model)
        model.body[1].running_mean.zero_()
        torch.jit.script(model).save(str(folder / f"{name}.pt"))
    torch.jit.trace(Pair().eval(), torch.zeros(1, 3, 8, 8)).save(str(folder / "pair.pt"))
    torch.jit.freeze(torch.jit.script(Maps().eval())).save(str(folder / "frozen.pt"))


def main():
    export_scripts()
    arrays = {}
    for backbone in backbones():
        arrays.update(expected(*backbone))
    write_safetensors(HERE / "backbones.safetensors", arrays)


if __name__ == "__main__":
    main()
