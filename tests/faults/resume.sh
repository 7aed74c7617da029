#!/usr/bin/env bash
# Kills training runs (SIGKILL) at random moments and resumes them, until they end: metrics, weights and all other states must
# have the bytes of a run that nobody disturbed.
#
# usage: tests/faults/resume.sh [KILLS [SEED [METHOD...]]]      50 kills for each of five methods where they are left out
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${FERGRAPH_PROGRAM:-$root/build/release/fergraph}
kills=${1:-50}
seed=${2:-$(date +%s)}
methods=("${@:3}")
[ ${#methods[@]} -gt 0 ] || methods=(pt ada-cm resup asm lion)
[ -x "$program" ] || { echo "There is no program $program; build it first (./dev build)." >&2; exit 2; }
RANDOM=$((seed % 32768))

scratch=$(mktemp -d "${TMPDIR:-/tmp}/fergraph-resume-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
echo "seed $seed, $kills kills for each of ${methods[*]}"
"$program" synthesize "$scratch/photographs" --train 280 --test 70 --quiet >/dev/null
"$program" run "$root/pipelines/faces/demo.yaml" --quiet --set photographs="$scratch/photographs" --set cache="$scratch/faces.h5" \
  --out "$scratch/preprocessing" >/dev/null

milliseconds() { echo $(($(date +%s%N) / 1000000)); }
# A random time below so many milliseconds; the shell's random numbers have 15 bits.
moment_below() {
  local moment=$(((RANDOM * 32768 + RANDOM) % ($1 + 1)))
  printf '%d.%03d' $((moment / 1000)) $((moment % 1000))
}
results() { (cd "$1" && sha256sum metrics.jsonl checkpoints/last/*); }

begin() {  # METHOD OUT
  local settings=(cache="$scratch/faces.h5" labels=70 epochs=3 steps=12 batch_labeled=14 lr=1e-3)
  grep -q batch_unlabeled "$root/pipelines/methods/$1.yaml" && settings+=(batch_unlabeled=14)
  local arguments=()
  for setting in "${settings[@]}"; do arguments+=(--set "$setting"); done
  exec "$program" run "$root/pipelines/methods/$1.yaml" "${arguments[@]}" --seed 5 --checkpoint-steps 3 --quiet --no-report --out "$2"
}

failed=()
for method in "${methods[@]}"; do
  started=$(milliseconds)
  (begin "$method" "$scratch/$method") >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
  whole=$(($(milliseconds) - started))
  results "$scratch/$method" >"$scratch/wanted"
  done_kills=0 ends=0 differ=0
  while [ "$done_kills" -lt "$kills" ]; do
    run=$scratch/$method-killed
    rm -rf "$run"
    while true; do
      if [ -f "$run/pipeline.yaml" ] && ls "$run"/checkpoints/0*.safetensors >/dev/null 2>&1; then
        "$program" run --resume "$run" --quiet --no-report >"$scratch/log" 2>&1 &
      else
        rm -rf "$run"
        (begin "$method" "$run") >"$scratch/log" 2>&1 &
      fi
      child=$!
      if [ "$done_kills" -lt "$kills" ]; then
        sleep "$(moment_below "$whole")"
        kill -9 "$child" 2>/dev/null && done_kills=$((done_kills + 1))
      fi
      code=0
      wait "$child" 2>/dev/null || code=$?
      [ "$code" -eq 0 ] && break
      [ "$code" -eq 137 ] || { echo "$method: a run failed with $code:"; cat "$scratch/log"; exit 1; }
    done
    ends=$((ends + 1))
    results "$run" | diff -q - "$scratch/wanted" >/dev/null || { differ=$((differ + 1)); results "$run" | diff - "$scratch/wanted" || true; }
  done
  echo "$method: $done_kills kills, $ends runs came to their end, $differ of them differ"
  [ "$differ" -eq 0 ] || failed+=("$method")
done
[ ${#failed[@]} -eq 0 ] || { echo "FAILED: ${failed[*]}"; exit 1; }
echo "PASSED: every run ended as if nobody had disturbed it."
