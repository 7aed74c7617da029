#!/usr/bin/env bash
# Methods on real photographs: found by MTCNN and aligned at 64 x 64, then resnet18 from scratch, one seed, one thread each;
# some 40 minutes on two cores. The folder FACES has images/, legend.csv (image,emotion) and split.csv (image,split).
#   baseline        all labels of the training split
#   resup-noisy     the same with 30 % of the labels made wrong, beside baseline-noisy; resup-late: weights from epoch 6 on
#   ada-cm-400      400 labels, the rest without, beside baseline-400
#   learned-…       the same labels for 500 steps more, from the network of baseline-400: the baseline, Ada-CM as printed
#                   and as its code computes it
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

made=runs/bench-photographs/$$
train() {  # NAME METHOD SETTING...
  local arguments=(--set 'lr=1e-3*clip(2*(1-iteration/(epochs*steps)), 0.02, 1)'
                   --set "weak=[{flip: 0.5}, {crop: {padding: 6}}, {colour: {strength: 0.3}}]")
  for setting in cache=demo/photographs-64.h5 backbone=resnet18 'weights=~' weight_decay=5e-4 "${@:3}"; do arguments+=(--set "$setting"); done
  $program run "pipelines/methods/$2.yaml" --data pipelines/data/csv.yaml --seed 1 --threads 1 --compute-threads 1 --quiet --no-report \
    --out "$made/$1" "${arguments[@]}" | sed -n "s/^test.accuracy:/$1:/p"
}

case_of() {  # NAME
  local all="epochs=12 steps=labeled" few="epochs=8 steps=100 part=labeled labels=400 batch_labeled=32"
  local more="${few/epochs=8/epochs=5} weights=$made/baseline-400/checkpoints/last/net.safetensors"
  more+=" lr=5e-4*clip(2*(1-iteration/(epochs*steps)),0.02,1)"
  local noisy="noise={kind: symmetric, rate: 0.3, seed: 1}"
  case $1 in
    baseline) train "$1" baseline $all batch_labeled=64 ;;
    baseline-noisy) train "$1" baseline $all batch_labeled=64 "$noisy" ;;
    resup-noisy) train "$1" resup $all batch_labeled=64 lr_gamma=1 "$noisy" ;;
    resup-late) train "$1" resup $all batch_labeled=64 lr_gamma=1 warmup_epochs=6 "$noisy" ;;
    baseline-400) train "$1" baseline $few ;;
    learned-baseline) train "$1" baseline $more ;;
    learned-*) train "$1" "${1#learned-}" $more batch_unlabeled=32 ;;
    ada-cm-400) train "$1" ada-cm $few batch_unlabeled=32 ;;
  esac
}
export -f train case_of
export program made

# Two at a time, on one thread each; the longest first.
for wave in "ada-cm-400 resup-noisy resup-late baseline-400 baseline-noisy baseline" \
  "learned-ada-cm learned-ada-cm.released learned-baseline"; do
  printf '%s\n' $wave | xargs -P 2 -L 1 bash -c 'set -euo pipefail; case_of "$@"' case_of
done
