#!/usr/bin/env python3
"""Photographs a second from files to expressions: `fergraph predict` beside a Python loop with the same detector, the
same network and the same weights (bench/peers/predict.py), in one run.

    bench/predict.py [--faces ../shared/faces] [--mtcnn ../shared/models/mtcnn] [--photographs N]
                     [--runs mtcnn:resnet18:112,...] [--rounds 3] [--threads 2] [--program build/release/fergraph]

The folder of faces has images/ and legend.csv (user.id,image,emotion). For each DETECTOR:BACKBONE:SIZE some photographs
are made into a cache, the network learns from them for a moment (its numbers only have to be none of chance), and the
run is exported. A round runs both, one after the other. Ours is timed as a whole, from the start of the process to its
end; of the loop only the photographs count. `agree` is the share of photographs in which both find as many faces, with
the same expressions; `apart` the largest difference of a probability where they do.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
CLASSES = "surprise, fear, disgust, happiness, sadness, anger, neutral"


def call(command, **more):
    done = subprocess.run([str(part) for part in command], cwd=HERE, capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def make_model(options, scratch, detector, backbone, size):
    """A folder that fergraph export writes."""
    rows = (options.faces / "legend.csv").read_text().splitlines()
    csv = scratch / "faces.csv"
    lines = ["image,label,split"]
    for i, row in enumerate(rows[1:401]):
        _, image, label = row.split(",")
        lines.append(f"{image},{label.lower()},{'test' if i % 8 == 0 else 'train'}")
    csv.write_text("\n".join(lines) + "\n")
    name = f"{detector}-{backbone}-{size}"
    cache, run, model = scratch / f"{name}.h5", scratch / f"{name}-run", scratch / f"{name}-model"
    preprocessing = ["run", HERE / "pipelines/faces" / ("csv-mtcnn.yaml" if detector == "mtcnn" else "csv.yaml"), "-q",
                     "--out", scratch / f"{name}-faces", "--set", f"csv={csv}", "--set", f"root={options.faces / 'images'}",
                     "--set", f"cache={cache}", "--set", f"size={size}", "--set", "aliases={contempt: ~}"]
    if detector == "mtcnn":
        preprocessing += ["--set", f"weights={options.mtcnn}"]
    call([options.program, *preprocessing])
    call([options.program, "run", HERE / "pipelines/methods/baseline.yaml", "-q", "--data", HERE / "pipelines/data/csv.yaml",
          "--out", run, "--set", f"cache={cache}", "--set", f"backbone={backbone}", "--set", "epochs=1",
          "--set", f"steps={options.steps}", "--set", "weights=~"])
    call([options.program, "export", run, "-o", model])
    return model


def ours(options, model, listed):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with open(listed) as paths:
        done = call([options.program, "predict", model, "-", "--json", "-q", "--threads", options.threads], stdin=paths)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = done.stdout.splitlines()
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return len(lines) / seconds, 1e3 * worked / len(lines), [json.loads(line) for line in lines]


def theirs(options, model, listed, detector):
    done = call([options.python, HERE / "bench/peers/predict.py", model, listed, detector, options.mtcnn, "--threads",
                 options.threads], env={**os.environ, "OMP_NUM_THREADS": str(options.threads)})
    rate, worked = map(float, done.stderr.split("\n")[-2].split())
    return rate, worked, [json.loads(line) for line in done.stdout.splitlines()]


def agreement(ours_all, theirs_all, classes):
    """Of photographs, and of probabilities."""
    same, apart = 0, 0.0
    for a, b in zip(ours_all, theirs_all, strict=True):
        assert a["image"] == b["image"]
        if len(a["faces"]) != len(b["faces"]):
            continue
        alike = True
        for x, y in zip(a["faces"], b["faces"]):
            mine = [x["probabilities"][name] for name in classes]
            alike = alike and x["expression"] == classes[max(range(len(classes)), key=y["probabilities"].__getitem__)]
            apart = max(apart, max(abs(p - q) for p, q in zip(mine, y["probabilities"])))
        same += alike
    return same / len(ours_all), apart


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--faces", type=pathlib.Path, default=HERE / "../shared/faces")
    parser.add_argument("--mtcnn", type=pathlib.Path, default=HERE / "../shared/models/mtcnn")
    parser.add_argument("--photographs", type=int, help="only the first so many")
    parser.add_argument("--runs", default="mtcnn:resnet18:112,mtcnn:resnet18:64,haar:resnet18:112")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--program", type=pathlib.Path, default=HERE / "build/release/fergraph")
    parser.add_argument("--python", default=os.environ.get("PYTHON", "/usr/bin/python3"))
    parser.add_argument("--scratch", type=pathlib.Path, help="keeps what is made there")
    options = parser.parse_args()
    options.faces, options.mtcnn = options.faces.resolve(), options.mtcnn.resolve()
    if not (options.faces / "images").is_dir() or not options.mtcnn.is_dir():
        print(f"Skipped: there are no photographs in {options.faces}/images or no weights in {options.mtcnn}.")
        return
    with tempfile.TemporaryDirectory() as temporary:
        scratch = options.scratch or pathlib.Path(temporary)
        scratch.mkdir(parents=True, exist_ok=True)
        files = sorted((options.faces / "images").iterdir())[:options.photographs]
        listed = scratch / "photographs.txt"
        listed.write_text("".join(f"{file}\n" for file in files))
        for run in options.runs.split(","):
            detector, backbone, size = run.split(":")
            model = scratch / f"{detector}-{backbone}-{size}-model"
            if not model.is_dir():
                model = make_model(options, scratch, detector, backbone, size)
            classes = json.loads((model / "model.json").read_text())["class_names"]
            rates, ratios, works = [], [], []
            for _ in range(options.rounds):
                mine, peer = ours(options, model, listed), theirs(options, model, listed, detector)
                rates.append((mine[0], peer[0]))
                works.append((mine[1], peer[1]))
                ratios.append(mine[0] / peer[0])
            same, apart = agreement(mine[2], peer[2], classes)
            middle = [statistics.median(each) for each in zip(*rates)]
            work = [statistics.median(each) for each in zip(*works)]
            print(f"{detector}, {backbone} at {size}: {middle[0]:.1f}/s ({work[0]:.1f} ms of processor each), "
                  f"the loop {middle[1]:.1f}/s ({work[1]:.1f} ms): {statistics.median(ratios):.2f} x "
                  f"({', '.join(f'{each:.2f}' for each in ratios)}); agree {same:.4f}, apart {apart:.1e}", flush=True)


if __name__ == "__main__":
    main()
