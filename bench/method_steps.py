#!/usr/bin/env python3
"""Training steps of Ada-CM and ReSup with resnet18: fergraph's beside Python loops of the same step, in one run.

    bench/method_steps.py [--method ada-cm] [--size 112] [--batch 16] [--steps 10] [--rounds 3] [--device cpu]
                          [--program build/release/fergraph] [--variants float32,bf16,…] [--scratch FOLDER] [--no-loops]

Synthetic faces are drawn, aligned to SIZE pixels and put into a cache for fergraph, and as JPEG files for the loops.
All begin with the same weights. A round runs each variant once, one after the other, so that a machine whose speed
changes slows all of them; the ratios are medians over the rounds of (the loop's seconds per step / fergraph's), so above
1 fergraph is faster. `same` is a loop of the same dtype and memory layout over batches in memory (compared with the
compute of fergraph's steps alone); `plain` is the loop as it is usually written: float32, default layout, torchvision's
loader (compared with whole steps, waiting included). Variants are PRECISION or PRECISION-channels_last (fergraph's own
choice on a CPU is float32-channels_last). With --no-loops only
fergraph is measured, from scratch, and Python needs nothing beyond itself.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent
BATCHES = {"ada-cm": 16, "resup": 96}


def call(command):
    done = subprocess.run([str(part) for part in command], cwd=HERE, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def prepare(options, scratch):
    call([options.program, "synthesize", scratch / "photographs", "--train", "600", "--test", "16", "-q"])
    call([options.program, "run", "pipelines/faces/demo.yaml", "-q", "--out", scratch / "faces-run",
          "--set", f"photographs={scratch / 'photographs'}", "--set", f"size={options.size}",
          "--set", f"cache={scratch / 'faces.h5'}"])
    if options.no_loops:
        return
    import h5py
    import torch
    import torchvision
    from PIL import Image

    with h5py.File(scratch / "faces.h5") as cache:
        for row, (image, label) in enumerate(zip(cache["images"], cache["labels"])):
            folder = scratch / "jpegs" / str(int(label))
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / f"{row}.jpg", quality=95)
    torch.manual_seed(1)
    torch.save(torchvision.models.resnet18().state_dict(), scratch / "weights.pth")


def ours(options, scratch, variant):
    precision, _, layout = variant.partition("-")
    method = HERE / "pipelines" / "methods" / f"{options.method}.yaml"
    settings = [f"cache={scratch / 'faces.h5'}", "backbone=resnet18", "epochs=1", f"steps={options.warm_up + options.steps}", "batch_test=16", f"batch_labeled={options.batch}"]
    if not options.no_loops:
        settings.append(f"weights={scratch / 'weights.pth'}")
    if "batch_unlabeled" in method.read_text():
        settings += [f"batch_unlabeled={options.batch}", "labels=100"]
    for net in {"ada-cm": ["net"], "resup": ["net1", "net2"]}[options.method]:
        settings += [f"state.{net}.precision={precision}"] + [f"state.{net}.memory_format={layout or 'contiguous'}"]
    command = [options.program, "run", method, "-q", "--device", options.device, "--compute-threads", options.threads,
               "--out", scratch / "run", "--trace", scratch / "trace.json"]
    for setting in settings:
        command += ["--set", setting]
    shutil.rmtree(scratch / "run", ignore_errors=True)
    call(command)
    spans = {}
    for event in json.loads((scratch / "trace.json").read_text())["traceEvents"]:
        if event.get("cat") != "step":
            continue
        begin, end = spans.get(event["args"]["id"], (float("inf"), 0.0))
        spans[event["args"]["id"]] = min(begin, event["ts"]), max(end, event["ts"] + event["dur"])
    order = [spans[i] for i in sorted(spans)]
    compute = [(end - begin) / 1e6 for begin, end in order][options.warm_up:]
    # A step lasts from the end of the one before it: waiting for data and what is recorded included.
    whole = [(now[1] - before[1]) / 1e6 for before, now in zip(order, order[1:])][max(0, options.warm_up - 1):]
    return compute, whole


def loop(options, scratch, data, variant="float32", *more):
    precision, _, layout = variant.partition("-")
    out = call([sys.executable, HERE / "bench/peers/method_loops.py", options.method, "--faces", scratch / "jpegs",
                "--weights", scratch / "weights.pth", "--size", options.size, "--batch", options.batch, "--steps",
                options.steps, "--warm-up", options.warm_up, "--precision", precision, "--device", options.device,
                "--memory-format", layout or "contiguous", "--threads", options.threads, "--data", data, *more])
    return json.loads(out.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", choices=BATCHES, default="ada-cm")
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2, help="inside one operation, ours and theirs")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--program", type=pathlib.Path, default=HERE / "build/release/fergraph")
    parser.add_argument("--variants", default="float32,float32-channels_last,bf16-channels_last")
    parser.add_argument("--scratch", type=pathlib.Path)
    parser.add_argument("--no-loops", action="store_true", help="measure fergraph alone")
    options = parser.parse_args()
    options.batch = options.batch or BATCHES[options.method]
    variants = options.variants.split(",")
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        scratch = pathlib.Path(folder)
        prepare(options, scratch)
        middle = statistics.median
        ratios, seconds = {}, {}

        def note(table, name, value):
            table.setdefault(name, []).append(value)

        for _ in range(options.rounds):
            peers = {} if options.no_loops else {"plain": loop(options, scratch, "loader")["steps"]}
            if peers and options.method == "resup":
                peers["plain, per sample"] = loop(options, scratch, "loader", "float32", "--per-sample")["steps"]
            for name, steps in peers.items():
                note(seconds, f"loop, {name}", middle(steps))
            for variant in variants:
                compute, whole = ours(options, scratch, variant)
                note(seconds, f"fergraph, {variant}, compute", middle(compute))
                note(seconds, f"fergraph, {variant}, whole steps", middle(whole))
                note(ratios, f"{variant}: share of a step that is not compute", 1 - sum(compute) / sum(whole))
                if options.no_loops:
                    continue
                same = loop(options, scratch, "memory", variant)["steps"]
                note(seconds, f"loop, same, {variant}", middle(same))
                note(ratios, f"{variant}: compute against the same loop", middle(same) / middle(compute))
                for name, steps in peers.items():
                    note(ratios, f"{variant}: whole steps against the {name} loop", middle(steps) / middle(whole))
        print(f"{options.method}, resnet18, {options.size} pixels, batch {options.batch}, {options.device}, "
              f"{options.rounds} rounds of {options.steps} steps")
        for name, values in seconds.items():
            print(f"  {name:58s} {middle(values) * 1e3:9.1f} ms/step  {1 / middle(values):8.2f} steps/s")
        for name, values in ratios.items():
            print(f"  {name:58s} {middle(values):9.3f}  (rounds: {', '.join(f'{v:.3f}' for v in values)})")


main()
