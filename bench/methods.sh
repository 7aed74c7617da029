#!/usr/bin/env bash
# The methods against the baseline on the synthetic faces: several seeds, paired (the same labels, the same wrong ones, the
# same seed), equal numbers of steps; some 25 minutes on two cores for five seeds. Two settings:
#   noisy  1,400 labels, 30 % of them wrong (pipelines/data/demo-noisy.yaml): ReSup, ASM and PT, 840 steps; the accuracy is the
#          mean of the last five epochs
#   few    100 labels, the rest without (pipelines/data/demo.yaml): Ada-CM, LION and FixMatch, 2,400 steps; the accuracy is
#          that of the last epoch, before which the learning rate falls to next to nothing
# In the papers networks come from face recognition. Here all start from the same one, which first learned from 3,000 other
# synthetic faces, and the second network of ReSup, ASM and PT from another of the same kind: two that begin alike, head and
# all, would stay alike. The learning rate falls to a tenth in the second half of `noisy` for all;
# schedules that papers give in epochs are scaled to the epochs here; ASM runs as printed and with the confidence that its
# text suggests. PT learns by SGD at its own rate, so that the baseline runs by SGD at that rate too. FixMatch is tested by the
# moving average of its network; `fixmatch-student` is the network itself. Nothing else is changed. What is done is kept in
# demo/methods.csv, and not done again.
#   bench/methods.sh [SEEDS [CASE...]]     cases are patterns: bench/methods.sh 5 'noisy-base*' noisy-pt
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit ;; esac
seeds=${1:-5}
shift || true
wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=('*')
program=${FERGRAPH_PROGRAM:-build/release/fergraph}
[ -n "${FERGRAPH_PROGRAM:-}" ] || ./dev build >/dev/null
$program synthesize demo/photographs --quiet
$program run pipelines/faces/demo.yaml --quiet
$program synthesize demo/other-photographs --train 3000 --test 16 --seed 2 --quiet
$program run pipelines/faces/demo.yaml --quiet --set photographs=demo/other-photographs --set cache=demo/other-faces.h5
results=demo/methods.csv
[ -f "$results" ] || echo "setting,method,seed,accuracy" >"$results"

train() {  # OUT METHOD DATA SEED ARGUMENT...
  $program run "pipelines/methods/$2.yaml" --data "pipelines/data/$3.yaml" --seed "$4" --threads 1 --compute-threads 1 --quiet \
    --out "$1" "${@:5}"
}

begin_with() {  # NUMBER: demo/start-NUMBER.safetensors, a network that has learned from other faces
  [ -f "demo/start-$1.safetensors" ] && return
  local out=runs/bench-methods/start-$1-$$
  train "$out" baseline demo-noisy "10$1" --set epochs=25 --set lr=1e-3 \
    --set "labeled={cache: demo/other-faces.h5, split: train, part: all}" | sed -n "s/^test.accuracy:/start $1:/p"
  cp "$out/checkpoints/last/net.safetensors" "demo/start-$1.safetensors"
}

settings_of() {  # SETTING VARIANT
  case $1-$2 in
    noisy-resup) echo weights1=demo/start-1.safetensors weights2=demo/start-2.safetensors lr_gamma=1 ;;
    noisy-asm) echo state.net2.weights=demo/start-2.safetensors warmup_epochs=3 lambda_epoch=27 lr_gamma=1 ;;  # 10 and 90 of 100 epochs
    noisy-asm-given) echo "$(settings_of noisy asm)" confidence=given threshold_floor=0.5 ;;
    noisy-baseline-sgd) echo optimizer=sgd "lr=1e-2*0.1^(epoch>15)" momentum=0.9 weight_decay=5e-4 ;;
    noisy-pt) echo state.student2.weights=demo/start-2.safetensors forget_rate=0.4 lr_drop_after=15 lr=1e-2 \
      mean=[0.485,0.456,0.406] std=[0.229,0.224,0.225] ;;  # r' + 0.1; after 3 of 6 epochs; SGD's own rate; as the start saw them
  esac
}

one() {  # SETTING VARIANT SEED
  local setting=$1 variant=$2 seed=$3 method=$2 data=demo pick=last arguments=()
  case $variant in asm-given | baseline-sgd) method=${variant%-*} ;; esac
  grep -q "^$setting,$variant,$seed," "$results" && return
  [ "$setting" = noisy ] && data=demo-noisy pick="mean of the last [0-9]* epochs"
  for each in weights=demo/start-1.safetensors $(settings_of "$setting" "$variant"); do arguments+=(--set "$each"); done
  train "runs/bench-methods/$setting-$variant-$seed-$$" "$method" "$data" "$seed" --set "split_seed=$seed" "${arguments[@]}" |
    sed -n "s/^test\(_student\)\{0,1\}\.accuracy: .*$pick \([0-9.]*\) %.*/$variant\1 \2/p" | tr _ - | while read -r name accuracy; do
      echo "$setting,$name,$seed,$accuracy" >>"$results"
      echo "$setting, $name, seed $seed: $accuracy %"
    done
}
export -f train begin_with one settings_of
export program results

# Two at a time, on one thread each.
printf '%s\n' 1 2 | xargs -P 2 -L 1 bash -c 'set -euo pipefail; begin_with "$@"' begin_with
for seed in $(seq 1 "$seeds"); do
  for case in noisy-{baseline,baseline-sgd,resup,asm,asm-given,pt} few-{baseline,ada-cm,lion,fixmatch}; do
    # shellcheck disable=SC2053  # a pattern
    for pattern in "${wanted[@]}"; do [[ $case != $pattern ]] || echo "${case%%-*}" "${case#*-}" "$seed"; done
  done
done | xargs -P 2 -L 1 bash -c 'set -euo pipefail; one "$@"' one

awk -F, -v seeds="$seeds" '
  NR > 1 && $3 <= seeds {value[$1, $2, $3] = $4; if (!($1 SUBSEP $2 in seen)) {seen[$1, $2] = 1; order[++count] = $1 SUBSEP $2}}
  END {
    printf "%-6s %-16s %10s %10s %12s %10s\n", "", "", "mean", "baseline", "difference", "std. error"
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
      printf "%-6s %-16s %8.2f %% %8.2f %% %+12.2f %10.2f\n", key[1], key[2], a / n, b / n, m, e
    }
  }' "$results"
