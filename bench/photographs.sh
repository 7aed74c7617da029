#!/usr/bin/env bash
# Methods on real photographs: found by MTCNN and aligned at 64 x 64, then resnet18 from scratch, one seed, one thread each;
# some 25 minutes on two cores. The folder FACES has images/, legend.csv (image,emotion) and split.csv (image,split).
#   baseline        all labels of the training split
#   resup-noisy     the same with 30 % of the labels made wrong, beside baseline-noisy
#   ada-cm-400      400 labels, the rest without, beside baseline-400
# All share one schedule: Adam at 1e-3, falling linearly to a fiftieth over the second half, and one light augmentation
# (flip, crop, colour), since the papers' are meant for networks that come from face recognition.
#   bench/photographs.sh [FACES [MTCNN_WEIGHTS]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit ;; esac
faces=${1:-../shared/faces}
mtcnn=${2:-../shared/models/mtcnn}
[ -f "$faces/legend.csv" ] && [ -d "$mtcnn" ] || { echo "skipped: there are no photographs in $faces, or no weights in $mtcnn"; exit; }
program=${FERGRAPH_PROGRAM:-build/release/fergraph}
[ -n "${FERGRAPH_PROGRAM:-}" ] || ./dev build >/dev/null
mkdir -p demo
$program run pipelines/faces/csv-mtcnn.yaml --quiet --set csv="$faces/legend.csv" --set root="$faces/images" --set label=emotion \
  --set "join={file: $faces/split.csv, key: image}" --set weights="$mtcnn" --set size=64 \
  --set "aliases={happy: happiness, contempt: ~}" --set cache=demo/photographs-64.h5

train() {  # NAME METHOD SETTING...
  local arguments=(--set 'lr=1e-3*clip(2*(1-iteration/(epochs*steps)), 0.02, 1)'
                   --set "weak=[{flip: 0.5}, {crop: {padding: 6}}, {colour: {strength: 0.3}}]")
  for setting in cache=demo/photographs-64.h5 backbone=resnet18 'weights=~' weight_decay=5e-4 "${@:3}"; do arguments+=(--set "$setting"); done
  $program run "pipelines/methods/$2.yaml" --data pipelines/data/csv.yaml --seed 1 --threads 1 --compute-threads 1 --quiet --no-report \
    --out "runs/bench-photographs/$1-$$" "${arguments[@]}" | sed -n "s/^test.accuracy:/$1:/p"
}

case_of() {  # NAME
  local all="epochs=12 steps=labeled" few="epochs=8 steps=100 part=labeled labels=400 batch_labeled=32"
  local noisy="noise={kind: symmetric, rate: 0.3, seed: 1}"
  case $1 in
    baseline) train "$1" baseline $all batch_labeled=64 ;;
    baseline-noisy) train "$1" baseline $all batch_labeled=64 "$noisy" ;;
    resup-noisy) train "$1" resup $all batch_labeled=64 lr_gamma=1 "$noisy" ;;
    baseline-400) train "$1" baseline $few ;;
    ada-cm-400) train "$1" ada-cm $few batch_unlabeled=32 ;;
  esac
}
export -f train case_of
export program

# Two at a time, on one thread each; the longest first.
printf '%s\n' ada-cm-400 resup-noisy baseline-400 baseline-noisy baseline |
  xargs -P 2 -L 1 bash -c 'set -euo pipefail; case_of "$@"' case_of
