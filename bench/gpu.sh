#!/usr/bin/env bash
# Builds fergraph against the LibTorch that it is pointed at and measures training steps there: Ada-CM with resnet18, 112 and
# 224 pixels, batches of 16 and 128, each precision and memory layout, beside PyTorch loops of the same step where Python
# has PyTorch and torchvision.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: bench/gpu.sh [OPTION...]

  --torch DIR     LibTorch's CMake packages (…/torch/share/cmake); default: those of python3's torch
  --deps DIR      an unpacked folder of the other dependencies, with usr/ and lib/, where the machine lacks them
  --build DIR     build here (default: build/gpu)
  --device NAME   cuda (default), cuda:1 or cpu
  --sizes LIST    default: 112,224
  --batches LIST  default: 16,128
  --variants LIST default on a GPU: float32,float32-channels_last,bf16-channels_last,fp16-channels_last; without fp16 on a CPU
  --steps N       measured steps per round (default: 50)
  --rounds N      default: 5
  --help          this text
TEXT
}

torch='' deps='' build=build/gpu device=cuda sizes=112,224 batches=16,128 variants='' steps=50 rounds=5
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --torch | --deps | --build | --device | --sizes | --batches | --variants | --steps | --rounds)
      [ $# -ge 2 ] || { echo "$1 needs a value." >&2; exit 2; }
      declare "${1#--}=$2"
      shift 2
      ;;
    *) echo "There is no option '$1'." >&2; usage >&2; exit 2 ;;
  esac
done
if [ -z "$variants" ]; then
  variants=float32,float32-channels_last,bf16-channels_last
  [[ $device = cpu* ]] || variants+=,fp16-channels_last
fi

if [ -z "$torch" ]; then
  torch=$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)' 2>/dev/null) ||
    { echo "python3 has no torch here. Say with --torch where LibTorch's CMake packages are." >&2; exit 1; }
fi
prefix=$torch
if [ -n "$deps" ]; then
  deps=$(realpath "$deps")
  prefix="$deps/usr;$torch"
  # LibTorch's own libraries come first: the folder may hold others of the same name.
  libraries=$(realpath "$torch/../../lib")
  export LD_LIBRARY_PATH="$libraries:$deps/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
if command -v nvidia-smi >/dev/null; then
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true
elif [[ $device != cpu* ]]; then
  echo "There is no nvidia-smi here, so probably no GPU. Use --device cpu to try the script." >&2
fi

cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF "-DCMAKE_PREFIX_PATH=$prefix" >"$build.log" 2>&1 ||
  { tail -n 30 "$build.log" >&2; exit 1; }
cmake --build "$build" --target fergraph >>"$build.log" 2>&1 || { tail -n 30 "$build.log" >&2; exit 1; }
rm -f "$build.log"

loops=()
python3 -c 'import torch, torchvision, h5py, PIL' 2>/dev/null || loops=(--no-loops)
for size in ${sizes//,/ }; do
  for batch in ${batches//,/ }; do
    python3 bench/method_steps.py --program "$(realpath "$build")/fergraph" --device "$device" --size "$size" --batch "$batch" \
      --steps "$steps" --rounds "$rounds" --warm-up 5 --threads "$(nproc)" --variants "$variants" ${loops[@]+"${loops[@]}"}
  done
done
