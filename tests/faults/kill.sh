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

# A random time below so many milliseconds; the shell's random numbers have 15 bits.
sleep_below() {
  local moment=$(((RANDOM * 32768 + RANDOM) % ($1 + 1)))
  sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
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

has_partial() {  # FOLDER
  compgen -G "$1/faces*.partial" >/dev/null || compgen -G "$1/faces/*.partial" >/dev/null
}

wait_for_writing() {  # FOLDER PROCESS
  while kill -0 "$2" 2>/dev/null && ! has_partial "$1"; do :; done
}

declare -A starting writing  # milliseconds until the first byte of a cache is written, and from there to the end
for kind in file shards; do
  for round in 1 2; do  # the first has the program and the photographs to read from the disk
    rm -rf "${scratch:?}/$kind"
    mkdir "$scratch/$kind"
    begin=$(milliseconds)
    # shellcheck disable=SC2046
    (cd "$scratch/$kind" && exec "$program" $(arguments $kind) --out run >log 2>&1) &
    wait_for_writing "$scratch/$kind" $!
    starting[$kind]=$(($(milliseconds) - begin))
    wait $! || { echo "FAILED: round $round of an undisturbed run:"; cat "$scratch/$kind/log"; exit 1; }
    writing[$kind]=$(($(milliseconds) - begin - starting[$kind]))
  done
  told=$("$program" cache verify "$scratch/$kind/faces")
  [ "$told" = "All $photographs faces are whole." ] || { echo "FAILED: the undisturbed cache: $told"; exit 1; }
  echo "an undisturbed run into $kind starts for ${starting[$kind]} ms and writes for ${writing[$kind]} ms"
done

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
    # shellcheck disable=SC2046
    (cd "$folder" && exec "$program" $(arguments $kind) --out run >/dev/null 2>&1) &
    child=$!
    # Of five runs one is killed while it starts, three while they write, and one at the beginning of publishing, which
    # is short.
    case $((done_kills % 5)) in
      0) sleep_below "${starting[$kind]}" ;;
      4) wait_for_publishing "$folder" $kind $child ;;
      *) wait_for_writing "$folder" $child; sleep_below "${writing[$kind]}" ;;
    esac
    killed=no
    if kill -KILL $child 2>/dev/null; then killed=yes; fi
    wait $child 2>/dev/null || true
    rm -rf "$folder/run"
    at=$(reached "$folder" $kind)
    if [ $killed = yes ]; then
      done_kills=$((done_kills + 1))
      echo "$kind: $at" >>"$scratch/reached"
    else
      # The rest of a cache is written sooner than all of it.
      late=$((late + 1))
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
