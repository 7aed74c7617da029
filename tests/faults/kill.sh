#!/usr/bin/env bash
# Kills preprocessing runs (SIGKILL) at random moments and lets them go on: in the end the cache must have the bytes of a
# run that nobody disturbed, in one file as well as in a folder of shards, and nothing unfinished may be left.
#
# usage: tests/faults/kill.sh [KILLS [SEED]]      100 kills and a seed from the clock where they are left out
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${FERGRAPH_PROGRAM:-$root/build/release/fergraph}
kills=${1:-100}
seed=${2:-$(date +%s)}
[ -x "$program" ] || { echo "There is no program $program; build it first (./dev build)." >&2; exit 2; }
RANDOM=$((seed % 32768))

scratch=$(mktemp -d "${TMPDIR:-/tmp}/fergraph-kill-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
photographs=960 shards=12
echo "seed $seed, $kills kills, $photographs photographs"
"$program" synthesize "$scratch/photographs" --train $((photographs - 160)) --test 160 --quiet >/dev/null

# The arguments of a run that writes the cache in the file or in shards.
arguments() {  # file|shards
  local shard=$((photographs / shards))
  [ "$1" = file ] && shard=$photographs
  echo run "$root/pipelines/faces/demo.yaml" --quiet --set photographs="$scratch/photographs" --set cache=faces \
    --set streams.faces.cache.shard=$shard
}

run_to_end() {  # FOLDER file|shards
  # shellcheck disable=SC2046
  (cd "$1" && "$program" $(arguments "$2") --out run >log 2>&1) || { echo "A run to the end failed:"; cat "$1/log"; exit 1; }
  rm -rf "$1/run"
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# Until it is published, a file has room for its header and pixels and for nothing else.
bytes_of_pixels() {  # file|shards
  local faces=$photographs
  [ "$1" = shards ] && faces=$((photographs / shards))
  echo $((4096 + faces * 32 * 32 * 3))
}

# What a killed run had reached, from what it left.
reached() {  # FOLDER file|shards
  local whole partial="" size
  whole=$(find "$1" -path '*faces*' -type f ! -name '*.partial' | wc -l)
  partial=$(find "$1" -name 'faces*.partial' -o -path '*/faces/*.partial' | head -n 1)
  if [ -n "$partial" ]; then
    size=$(stat -c %s "$partial" 2>/dev/null || echo 0)
    if [ "$size" -lt "$(bytes_of_pixels "$2")" ]; then partial=", one being begun"
    elif [ "$size" -eq "$(bytes_of_pixels "$2")" ]; then partial=", one being filled"
    else partial=", one being published"; fi
  fi
  if [ "$whole" -eq 0 ] && [ -z "$partial" ]; then echo "nothing written yet"; return; fi
  if [ "$2" = file ]; then
    if [ "$whole" -eq 1 ]; then echo "the file is whole"; else echo "the file${partial#, one}"; fi
  elif [ "$whole" -eq "$shards" ]; then echo "all shards are whole"
  else printf '%2d shards are whole%s\n' "$whole" "$partial"; fi
}

declare -A longest
for kind in file shards; do
  mkdir "$scratch/$kind"
  run_to_end "$scratch/$kind" "$kind"  # the first has the photographs to read from the disk
  rm -r "$scratch/$kind/faces"
  begin=$(milliseconds)
  run_to_end "$scratch/$kind" "$kind"
  longest[$kind]=$(($(milliseconds) - begin))
  told=$("$program" cache verify "$scratch/$kind/faces")
  [ "$told" = "All $photographs faces are whole." ] || { echo "FAILED: the undisturbed cache: $told"; exit 1; }
done
begin=$(milliseconds)
"$program" --version >/dev/null 2>&1 || "$program" --help >/dev/null
start=$(($(milliseconds) - begin))
echo "an undisturbed run takes ${longest[file]} ms into a file and ${longest[shards]} ms into $shards shards; ${start} ms are the program's start"

# Waits until a file has more room than its pixels need, which is so while it is published, or the run ends.
wait_for_publishing() {  # FOLDER file|shards PROCESS
  local partial
  while kill -0 "$3" 2>/dev/null; do
    for partial in "$1"/faces*.partial "$1"/faces/*.partial; do
      [ -e "$partial" ] && [ "$(stat -c %s "$partial" 2>/dev/null || echo 0)" -gt "$(bytes_of_pixels "$2")" ] && return 0
    done
  done
  return 0
}

done_kills=0 late=0 trials=0 different=0 unfinished=0
: >"$scratch/reached"
while [ $done_kills -lt "$kills" ]; do
  trials=$((trials + 1))
  kind=shards
  [ $((trials % 3)) -eq 0 ] && kind="file"
  folder=$scratch/trial
  rm -rf "$folder"
  mkdir "$folder"
  # One to four kills of what shall become one cache.
  chain=$((1 + RANDOM % 4))
  while [ $chain -gt 0 ] && [ $done_kills -lt "$kills" ]; do
    chain=$((chain - 1))
    # From when the program has nearly started to a little after the end; the shell's random numbers have 15 bits.
    first=$((start * 3 / 4)) last=$((longest[$kind] * 102 / 100))
    moment=$((first + (RANDOM * 32768 + RANDOM) % (last - first)))
    # shellcheck disable=SC2046
    (cd "$folder" && exec "$program" $(arguments $kind) --out run >/dev/null 2>&1) &
    child=$!
    # Publishing is short: every fifth run is killed at its beginning.
    if [ $((done_kills % 5)) -eq 4 ]; then
      wait_for_publishing "$folder" $kind $child
    else
      sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
    fi
    killed=no
    if kill -KILL $child 2>/dev/null; then killed=yes; fi
    wait $child 2>/dev/null || true
    rm -rf "$folder/run"
    at=$(reached "$folder" $kind)
    if [ $killed = yes ]; then
      done_kills=$((done_kills + 1))
      echo "$kind: $at" >>"$scratch/reached"
    else
      # The machine is faster than it was when an undisturbed run was timed.
      late=$((late + 1))
      longest[$kind]=$((longest[$kind] * 95 / 100))
    fi
    if [[ $at == "the file is whole" || $at == "all shards are whole" ]]; then break; fi
  done
  run_to_end "$folder" $kind
  if ! diff -r "$folder/faces" "$scratch/$kind/faces" >"$scratch/difference"; then
    different=$((different + 1))
    echo "Trial $trials ($kind) differs:"
    head -n 5 "$scratch/difference"
  fi
  left=$(find "$folder" -name '*.partial*' | wc -l)
  [ "$left" -eq 0 ] || { unfinished=$((unfinished + 1)); echo "Trial $trials ($kind) leaves $left partial files."; }
done

echo "where the runs were when they were killed ($late ended before):"
sort "$scratch/reached" | uniq -c | awk '{count = $1; $1 = ""; bar = ""; for (i = 0; i < count; ++i) bar = bar "#"
                                          printf "  %-48s %3d %s\n", $0, count, bar}'
result=PASSED
[ $different -eq 0 ] && [ $unfinished -eq 0 ] || result=FAILED
echo "$result: $done_kills kills in $trials trials; $different caches differ from an undisturbed one (0: no face lost, none doubled), $unfinished leave partial files."
[ $result = PASSED ]
