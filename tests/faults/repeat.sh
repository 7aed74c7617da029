#!/usr/bin/env bash
# Trains each method on the synthetic faces in several processes, with 1, 2 and 4 threads that prepare samples: the metrics, the
# weights and all other states at the end must have the same bytes.
#
# usage: tests/faults/repeat.sh [METHOD...]      the five methods where they are left out
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${FERGRAPH_PROGRAM:-$root/build/release/fergraph}
methods=("$@")
[ ${#methods[@]} -gt 0 ] || methods=(pt ada-cm resup asm lion)
[ -x "$program" ] || { echo "There is no program $program; build it first (./dev build)." >&2; exit 2; }

scratch=$(mktemp -d "${TMPDIR:-/tmp}/fergraph-repeat-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
"$program" synthesize "$scratch/photographs" --train 3000 --test 600 --quiet >/dev/null
"$program" run "$root/pipelines/faces/demo.yaml" --quiet --set photographs="$scratch/photographs" --set cache="$scratch/faces.h5" \
  --out "$scratch/preprocessing" >/dev/null

# The demo's data and sizes; two epochs of 100 steps, so that thresholds and partitions have been made.
train() {  # METHOD OUT THREADS
  "$program" run "$root/pipelines/methods/$1.yaml" --data "$root/pipelines/data/demo.yaml" --set cache="$scratch/faces.h5" \
    --set epochs=2 --set steps=100 --seed 3 --threads "$3" --quiet --no-report --out "$2" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
}

failed=()
for method in "${methods[@]}"; do
  hashes=()
  for threads in 1 1 2 4; do
    run=$scratch/$method-${#hashes[@]}
    train "$method" "$run" "$threads"
    hashes+=("$(cd "$run" && cat metrics.jsonl checkpoints/last/* | sha256sum | cut -c1-16)")
    rm -rf "$run"
  done
  echo "$method: ${hashes[0]}, again ${hashes[1]}, with 2 threads ${hashes[2]}, with 4 ${hashes[3]}"
  [ "$(printf '%s\n' "${hashes[@]}" | sort -u | wc -l)" -eq 1 ] || failed+=("$method")
done
[ ${#failed[@]} -eq 0 ] || { echo "FAILED: ${failed[*]}"; exit 1; }
echo "PASSED: every run of a method ended with the same bytes."
