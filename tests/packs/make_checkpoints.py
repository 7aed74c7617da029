#!/usr/bin/env python3
"""Makes the small checkpoints of tests/packs/checkpoints: one state dict of many dtypes and strides as torch.save writes it.

zip.pt and legacy.pt hold the same; nested.pt has it under state_dict, with "module." before the names, beside an epoch, an
optimizer and tied weights; deflated.pt is zip.pt with compressed entries; big_endian.pt says that its numbers are
big-endian; numpy.pt has a NumPy number, an instance of a class that state dicts do not need; script.pt is TorchScript.

  apt-get install python3-torch
  /usr/bin/python3 tests/packs/make_checkpoints.py
"""
import collections
import io
import pathlib
import zipfile

import numpy
import torch

HERE = pathlib.Path(__file__).parent / "checkpoints"


def tensors():
    counted = torch.arange(24, dtype=torch.float32)
    return collections.OrderedDict([
        ("conv.weight", counted.reshape(2, 3, 2, 2) / 8),
        ("conv.bias", torch.nn.Parameter(torch.tensor([0.5, -1.25]))),
        ("transposed", counted[:6].reshape(2, 3).t()),
        ("slice", counted.reshape(4, 6)[1:3, 1::2]),
        ("expanded", torch.tensor([7.0]).expand(3)),
        ("scalar", torch.tensor(2.5)),
        ("empty", torch.zeros(0, 4)),
        ("double", torch.tensor([1 / 3], dtype=torch.float64)),
        ("half", torch.tensor([1.5, -2.0], dtype=torch.float16)),
        ("bfloat16", torch.tensor([1.5, -2.0], dtype=torch.bfloat16)),
        ("int64", torch.tensor([-(2**40)])),
        ("int32", torch.tensor([-70000], dtype=torch.int32)),
        ("int16", torch.tensor([-300], dtype=torch.int16)),
        ("int8", torch.tensor([-3], dtype=torch.int8)),
        ("uint8", torch.tensor([250], dtype=torch.uint8)),
        ("bool", torch.tensor([True, False])),
    ])


def recompressed(source, change=None):
    """The archive's entries deflated, or stored with some of them changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(out, "w") as write:
        for info in read.infolist():
            write.writestr(zipfile.ZipInfo(info.filename), read.read(info),
                           zipfile.ZIP_STORED if change else zipfile.ZIP_DEFLATED)
        for name, content in (change or {}).items():
            write.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def main():
    HERE.mkdir(exist_ok=True)
    torch.manual_seed(1)
    torch.save(tensors(), HERE / "zip.pt")
    torch.save(tensors(), HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    (HERE / "deflated.pt").write_bytes(recompressed(HERE / "zip.pt"))
    (HERE / "big_endian.pt").write_bytes(recompressed(HERE / "zip.pt", {"zip/byteorder": "big"}))

    model = torch.nn.Sequential(collections.OrderedDict(first=torch.nn.Linear(2, 2), norm=torch.nn.BatchNorm1d(2)))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.rand(4, 2)).sum().backward()
    optimizer.step()
    state = model.state_dict()  # with its attribute _metadata
    named = collections.OrderedDict(("module." + name, value) for name, value in state.items())
    named["module.tied"] = state["first.weight"]
    named["version"] = 3
    named._metadata = state._metadata
    torch.save({"epoch": 3, "best": 0.5, "loss": torch.tensor(1.0), "name": "tiny", "done": False, "state_dict": named,
                "optimizer": optimizer.state_dict()}, HERE / "nested.pt")
    torch.save({"encoder": {"weight": torch.ones(2)}, "head.a": {"weight": torch.zeros(3)}}, HERE / "parts.pt")
    torch.save({"loss": numpy.float64(0.5), "state_dict": tensors()}, HERE / "numpy.pt")
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), HERE / "script.pt")


if __name__ == "__main__":
    main()
