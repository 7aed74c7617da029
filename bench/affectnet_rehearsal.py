#!/usr/bin/env python3
"""A rehearsal of AffectNet's size: 287,000 photographs in the layout of its CSV release through the whole pipeline.

    bench/affectnet_rehearsal.py [--rows 287000] [--size 112] [--scratch FOLDER] [--photographs FOLDER] [--codec raw]

The tree is made of hard links to few photographs: those of a folder (images/*.jpg; $FERGRAPH_FACES or ../shared/faces,
of 350 pixels), or synthetic ones. Prints the resident memory, early, late and at most; the rate of each tenth, told by
when its shards were finished; and what AffectNet's 283,901 training photographs of seven classes would take. Ends with
code 1 where memory passes 1.5 GiB or grows, or the last tenth is more than 5 % slower than the first.
The scratch folder needs 11 GB at 112 pixels; what was written there is removed at the end.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = HERE / "build/release/fergraph"
LINKS = 7000  # per photograph: file systems allow some tens of thousands
AFFECTNET = 283_901
# Eyes, nose and corners of the mouth of a mean face in a photograph of 350 pixels, or of the synthetic ones.
MEAN_FACE = [(142, 158), (208, 158), (175, 195), (147, 230), (203, 230)]


def sources(folder, scratch, count):
    if folder and (folder / "images").is_dir():
        files = [f for f in sorted((folder / "images").glob("*.jpg")) if f.stat().st_size > 8000]
        return [(f, MEAN_FACE) for f in files[:count]]
    print("There is no folder of photographs: synthetic ones are drawn.")
    made = scratch / "synthetic"
    subprocess.run([PROGRAM, "synthesize", made, "--train", str(count), "--test", "0", "-q"], check=True)
    rows = [line.split(",") for line in (made / "faces.csv").read_text().splitlines()]
    first = rows[0].index("left_eye_x")
    points = [[float(v) for v in row[first:first + 10]] for row in rows[1:]]
    return [(made / row[0], list(zip(p[0::2], p[1::2]))) for row, p in zip(rows[1:], points)]


def landmarks_68(five):
    """The five in their places among 68: eye contours 36-41 and 42-47, nose tip 30, mouth corners 48 and 54."""
    points = [five[2]] * 68
    points[36:42], points[42:48] = [five[0]] * 6, [five[1]] * 6
    points[48], points[54] = five[3], five[4]
    return ";".join(f"{x:.2f};{y:.2f}" for x, y in points)


def make_tree(root, rows, photographs):
    images = root / "Manually_Annotated_Images"
    lists = root / "Manually_Annotated_file_lists"
    lists.mkdir(parents=True)
    header = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
    marks = [landmarks_68(five) for _, five in photographs]
    copies = []
    for number, (file, _) in enumerate(photographs):
        copies.append(root / f"photograph-{number}.jpg")
        shutil.copyfile(file, copies[-1])
    with open(lists / "training.csv", "w") as table:
        table.write(header)
        for row in range(rows):
            if row % 1000 == 0:
                (images / str(row // 1000)).mkdir(parents=True)
            which = row % len(photographs)
            name = f"{row // 1000}/{row:07d}.jpg"
            os.link(copies[which], images / name)
            table.write(f"{name},90,90,170,190,{marks[which]},{row % 7},0.1,-0.2\n")
    (lists / "validation.csv").write_text("")


def resident(process):
    try:
        with open(f"/proc/{process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=287_000)
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--codec", default="raw")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--scratch", type=pathlib.Path, default=pathlib.Path("/var/tmp"))
    parser.add_argument("--photographs", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("FERGRAPH_FACES", HERE.parent / "shared/faces")))
    given = parser.parse_args()
    scratch = given.scratch / f"fergraph-rehearsal-{os.getpid()}"
    scratch.mkdir()
    try:
        sys.exit(rehearse(given, scratch))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def rehearse(given, scratch):
    start = time.perf_counter()
    photographs = sources(given.photographs, scratch, max(8, -(-given.rows // LINKS)))
    make_tree(scratch / "AffectNet", given.rows, photographs)
    print(f"A tree of {given.rows} photographs ({len(photographs)} different ones) made in "
          f"{time.perf_counter() - start:.0f} s.", flush=True)

    cache = scratch / "affectnet"
    command = [PROGRAM, "run", HERE / "pipelines/faces/affectnet-csv.yaml", "-q", "--out", scratch / "run",
               "--threads", str(given.threads)]
    settings = {"root": scratch / "AffectNet", "cache": cache, "size": given.size,
                "class_names": "[neutral, happiness, sadness, surprise, fear, disgust, anger]",
                "streams.faces.cache.codec": given.codec}
    for name, value in settings.items():
        command += ["--set", f"{name}={value}"]
    begin, begin_clock = time.perf_counter(), time.time()
    process = subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL)
    samples = []
    while process.poll() is None:
        samples.append((time.perf_counter() - begin, resident(process)))
        time.sleep(0.5)
    seconds = time.perf_counter() - begin
    if process.returncode:
        print(f"fergraph ended with code {process.returncode}.")
        return 1

    shards = sorted(cache.glob("*.h5"), key=lambda file: file.stat().st_mtime)
    done = [file.stat().st_mtime - begin_clock for file in shards]
    working = [(at, mib) for at, mib in samples if done[0] < at < done[-1]]
    tenth = max(1, len(working) // 10)
    early = sum(mib for _, mib in working[:tenth]) / tenth
    late = sum(mib for _, mib in working[-tenth:]) / tenth
    most = max(mib for _, mib in samples)
    print(f"{given.rows} photographs in {seconds:.1f} s: {given.rows / seconds:.0f}/s, "
          f"{sum(f.stat().st_size for f in shards) / 1e9:.1f} GB in {len(shards)} shards; "
          f"the first shard was done after {done[0]:.1f} s.")
    print(f"Resident memory: {early:.0f} MiB in the first tenth, {late:.0f} MiB in the last, {most:.0f} MiB at most.")

    # The last shard is seldom full: it is left out of the rates.
    full = done[:-1]
    rates = []
    count = len(full) - 1
    for k in range(10):
        a, b = round(k * count / 10), round((k + 1) * count / 10)
        if b > a:
            rates.append((b - a) * 8192 / (full[b] - full[a]))
    print("Photographs a second, tenth by tenth:", " ".join(f"{rate:.0f}" for rate in rates))
    print(f"The last tenth ran at {rates[-1] / rates[0]:.3f} of the first one's rate.")
    print(f"AffectNet's {AFFECTNET} training photographs would take {AFFECTNET / given.rows * seconds / 60:.1f} min "
          "if they were like these.")
    good = most < 1536 and late < early * 1.05 + 16 and rates[-1] >= 0.95 * rates[0]
    print("Within the bounds." if good else "NOT within the bounds (1.5 GiB, flat, the last tenth within 5 %).")
    return 0 if good else 1


if __name__ == "__main__":
    main()
