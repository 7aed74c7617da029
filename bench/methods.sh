#!/usr/bin/env bash
# The methods against the baseline on the synthetic faces: several seeds, paired (the same labels, the same wrong ones, the
# same seed), equal numbers of steps; some 40 minutes on two cores for five seeds. Two settings:
#   noisy  1,400 labels, 30 % of them wrong (pipelines/data/demo-noisy.yaml): ReSup, ASM and PT, 840 steps
#   few    100 labels, the rest without (pipelines/data/demo.yaml): Ada-CM, LION and FixMatch, 2,400 steps
# Schedules that their papers give in epochs are scaled to the epochs here; nothing else is changed. What is done is kept in
# demo/methods.csv, and not done again.
#   bench/methods.sh [SEEDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit ;; esac
seeds=${1:-5}
./dev build >/dev/null
program=build/release/fergraph
$program synthesize demo/photographs --quiet
$program run pipelines/faces/demo.yaml --quiet
results=demo/methods.csv
[ -f "$results" ] || echo "setting,method,seed,accuracy" >"$results"

settings_of() {  # SETTING METHOD
  case $1-$2 in
    noisy-asm) echo warmup_epochs=3 lambda_epoch=27 ;;                    # 10 and 90 of 100 epochs
    noisy-pt) echo forget_rate=0.4 lr_drop_after=15 lr=1e-2 ;;            # r' + 0.1; after 3 of 6 epochs; SGD's own rate
  esac
}

one() {  # SETTING METHOD SEED
  local setting=$1 method=$2 seed=$3 data=demo arguments=() accuracy
  grep -q "^$setting,$method,$seed," "$results" && return
  [ "$setting" = noisy ] && data=demo-noisy
  for each in $(settings_of "$setting" "$method"); do arguments+=(--set "$each"); done
  # The mean of the last five epochs: no choice of an epoch by its test accuracy.
  accuracy=$($program run "pipelines/methods/$method.yaml" --data "pipelines/data/$data.yaml" --seed "$seed" --set "split_seed=$seed" \
    "${arguments[@]}" --threads 1 --compute-threads 1 --quiet --out "runs/bench-methods/$setting-$method-$seed-$$" |
    sed -n 's/^test.accuracy: .*mean of the last [0-9]* epochs \([0-9.]*\) %.*/\1/p')
  echo "$setting,$method,$seed,$accuracy" >>"$results"
  echo "$setting, $method, seed $seed: $accuracy %"
}
export -f one settings_of
export program results

# Two at a time, on one thread each.
for seed in $(seq 1 "$seeds"); do
  for method in baseline resup asm pt; do echo noisy "$method" "$seed"; done
  for method in baseline ada-cm lion fixmatch; do echo few "$method" "$seed"; done
done | xargs -P 2 -L 1 bash -c 'set -euo pipefail; one "$@"' one

awk -F, -v seeds="$seeds" '
  NR > 1 && $3 <= seeds {value[$1, $2, $3] = $4; if (!($1 SUBSEP $2 in seen)) {seen[$1, $2] = 1; order[++count] = $1 SUBSEP $2}}
  END {
    printf "%-6s %-10s %10s %10s %12s %10s\n", "", "", "mean", "baseline", "difference", "std. error"
    for (i = 1; i <= count; ++i) {
      split(order[i], key, SUBSEP)
      if (key[2] == "baseline") continue
      n = s = q = a = b = 0
      for (seed = 1; seed <= seeds; ++seed) {
        if (!((key[1], key[2], seed) in value) || !((key[1], "baseline", seed) in value)) continue
        mine = value[key[1], key[2], seed]; base = value[key[1], "baseline", seed]; d = mine - base
        ++n; s += d; q += d * d; a += mine; b += base
      }
      if (n == 0) continue
      m = s / n
      e = n > 1 ? sqrt((q - n * m * m) / (n - 1) / n) : 0
      printf "%-6s %-10s %8.2f %% %8.2f %% %+12.2f %10.2f\n", key[1], key[2], a / n, b / n, m, e
    }
  }' "$results"
