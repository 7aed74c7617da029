#!/usr/bin/env bash
# Ada-CM against the baseline on the synthetic faces: several seeds, paired (the same labels, the same seed), equal numbers
# of steps. Prints each pair, the mean difference and its standard error.
#   bench/demo_seeds.sh [SEEDS] [SETTING...]     e.g. bench/demo_seeds.sh 5 epochs=10 labels=200
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./dev build >/dev/null
seeds=${1:-5}
shift || true
settings=()
for setting in "$@"; do settings+=(--set "$setting"); done
program=build/release/fergraph
$program synthesize demo/photographs --quiet
$program run pipelines/faces/demo.yaml --quiet

# The mean of the last five epochs: no choice of an epoch by its test accuracy.
accuracy() { sed -n 's/^test.accuracy: .*mean of the last [0-9]* epochs \([0-9.]*\) %.*/\1/p'; }
pairs=$(mktemp)
trap 'rm -f "$pairs"' EXIT
for seed in $(seq 1 "$seeds"); do
  common=(--data pipelines/data/demo.yaml --seed "$seed" --set "split_seed=$seed" "${settings[@]}" --quiet)
  baseline=$($program run pipelines/methods/baseline.yaml "${common[@]}" | accuracy)
  ada_cm=$($program run pipelines/methods/ada-cm.yaml "${common[@]}" | accuracy)
  echo "seed $seed: baseline $baseline %, Ada-CM $ada_cm %"
  echo "$baseline $ada_cm" >>"$pairs"
done
awk '{d = $2 - $1; n++; s += d; q += d * d; a += $1; b += $2}
     END {m = s / n; e = n > 1 ? sqrt((q - n * m * m) / (n - 1) / n) : 0
          printf "mean of %d seeds: baseline %.2f %%, Ada-CM %.2f %%; difference %.2f points, standard error %.2f\n", n, a / n, b / n, m, e}' "$pairs"
