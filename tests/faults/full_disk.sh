#!/usr/bin/env bash
# Takes the room for a cache away, in each way that a system does: the run must say so with the remedy and exit with 1,
# leave nothing half-written under a final name, and go on to the same bytes where there is room again.
#
# usage: tests/faults/full_disk.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${FERGRAPH_PROGRAM:-$root/build/release/fergraph}
[ -x "$program" ] || { echo "There is no program $program; build it first (./dev build)." >&2; exit 2; }

scratch=$(mktemp -d "${TMPDIR:-/tmp}/fergraph-full-XXXXXX")
chmod 755 "$scratch"  # another user reads the photographs
mounted=()
clean() {
  for place in "${mounted[@]}"; do umount "$place"; done
  rm -rf "$scratch"
}
trap clean EXIT
mkdir "$scratch/runs"
chmod 777 "$scratch/runs"  # where it writes too
# 300 of 32x32 pixels: 922 kB of pixels, 307 kB a shard.
"$program" synthesize "$scratch/photographs" --train 250 --test 50 --quiet >/dev/null
failures=0 cases=0 skipped=0

complain() {
  failures=$((failures + 1))
  echo "  WRONG: $1"
  sed 's/^/    | /' "$scratch/log"
}

# One run into "$place/faces"; the words before `--` start the program. Sets `code`; what it says is in the log.
place=""
run_with() {  # STARTER... -- file|shards
  local starter=() shard=100
  while [ "$1" != -- ]; do starter+=("$1"); shift; done
  [ "$2" = file ] && shard=1000
  code=0
  # The cache keeps its pipeline's text: the name of the cache must be the same everywhere.
  (cd "$place" && exec "${starter[@]}" "$program" run "$root/pipelines/faces/demo.yaml" --out "$scratch/runs/run" --quiet \
    --set photographs="$scratch/photographs" --set cache=faces --set streams.faces.cache.shard=$shard) \
    >"$scratch/log" 2>&1 || code=$?
  rm -rf "$scratch/runs/run"
}

# The run has failed as it should: exit code, a sentence with the remedy, and no final name that is not whole.
expect_failure() {  # file|shards WHOLE_SHARDS WORDS REMEDY
  cases=$((cases + 1))
  [ "$code" -eq 1 ] || complain "the exit code is $code instead of 1"
  # Only for the eye: what a user reads.
  grep -v '^The run failed' "$scratch/log" | tail -n 1 | sed "s|$scratch|SCRATCH|g; s|$root/||g; s/^/    /"
  grep -qF "$3" "$scratch/log" || complain "the message does not say '$3'"
  grep -qF "$4" "$scratch/log" || complain "the message has no remedy '$4'"
  local left whole=0 file
  left=$(find "$place" -name '*.partial*' 2>/dev/null | wc -l)
  [ "$left" -eq 0 ] || complain "$left partial files are left"
  while IFS= read -r file; do
    if cmp -s "$file" "$scratch/whole-$1/${file#"$place/"}"; then whole=$((whole + 1)); else complain "${file#"$place/"} is half-written"; fi
  done < <(find "$place" -path '*faces*' -type f ! -name '*.partial*' 2>/dev/null)
  [ "$2" = any ] || [ "$whole" -eq "$2" ] || complain "$whole files are whole instead of $2"
}

# With room again, the next run goes on to the same bytes.
expect_recovery() {  # STARTER... -- file|shards
  run_with "$@"
  local kind=${*: -1}
  [ "$code" -eq 0 ] || complain "the run with room again fails with $code"
  diff -r "$place/faces" "$scratch/whole-$kind/faces" >/dev/null || complain "the cache has other bytes than an undisturbed one"
  rm -rf "${place:?}/faces"
}

skip() {
  skipped=$((skipped + 1))
  echo "$1: skipped, because $2."
}

for kind in file shards; do
  mkdir "$scratch/whole-$kind"
  place=$scratch/whole-$kind
  run_with env -- $kind
  [ "$code" -eq 0 ] || { echo "FAILED: an undisturbed run fails:"; cat "$scratch/log"; exit 1; }
done

# The limit on a file's size; a system sends SIGXFSZ where it is passed, unless that is ignored.
place=$scratch/limited
mkdir "$place"
for kind in file shards; do
  for signal in - ''; do  # as it is by default, ignored
    echo "A limit on the file's size of 200 KiB (SIGXFSZ $([ -z "$signal" ] && echo ignored || echo 'not ignored')), $kind:"
    # shellcheck disable=SC2016
    run_with bash -c 'trap "$0" XFSZ; ulimit -f 200; exec "$@"' "$signal" -- $kind
    expect_failure $kind 0 "The file may not grow so large" "raise the limit (ulimit -f) or write the cache elsewhere"
    expect_recovery env -- $kind
  done
done
# Room for the pixels but not for the tables behind them: it shows when the file is published.
echo "A limit on the file's size that the tables pass, file:"
# shellcheck disable=SC2016
run_with bash -c 'ulimit -f 920; exec "$@"' limit -- file
expect_failure file 0 "The file may not grow so large" "raise the limit (ulimit -f) or write the cache elsewhere"
expect_recovery env -- file

# File systems of their own.
place=$scratch/small
mkdir "$place"
can_mount=no
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=64k none "$place" 2>/dev/null; then
  umount "$place"
  can_mount=yes
fi
mount_small() {  # OPTIONS
  mount -t tmpfs -o "$1" none "$place"
  mounted=("$place")
}
unmount_small() {
  umount "$place"
  mounted=()
}
if [ $can_mount = yes ]; then
  for kind in file shards; do
    echo "A file system of 600 KiB, $kind:"
    mount_small size=600k
    run_with env -- $kind
    expect_failure $kind any "free" "Free some, or choose another place"
    mount -o remount,size=8m "$place"
    expect_recovery env -- $kind
    unmount_small
  done
  # By the free bytes there is room, but only for so many names: the root, the folder and two shards.
  echo "A file system with names (inodes) for two shards of three:"
  mount_small size=8m,nr_inodes=4
  run_with env -- shards
  expect_failure shards 2 "No space left on device" "free some space or write the cache elsewhere"
  mount -o remount,nr_inodes=100 "$place"
  expect_recovery env -- shards
  unmount_small
  # Somebody else takes the room while the run is under way, as soon as its first shard is there.
  echo "A disk that another program fills meanwhile, shards:"
  mount_small size=8m
  (
    until [ -e "$place/faces/00000-of-00003.h5" ]; do :; done
    head -c 9000000 /dev/zero >"$place/other" 2>/dev/null || true
  ) &
  filler=$!
  run_with env -- shards
  # shellcheck disable=SC2015
  [ "$code" -eq 0 ] && kill $filler 2>/dev/null || true
  wait $filler 2>/dev/null || true
  if [ "$code" -eq 0 ]; then
    echo "    (the run was faster)"
  else
    expect_failure shards any "full" "free some space or write the cache elsewhere"
  fi
  rm -f "$place/other"
  expect_recovery env -- shards
  unmount_small
  echo "A file system that may only be read, file:"
  mount_small size=8m
  mount -o remount,ro "$place"
  run_with env -- file
  expect_failure file 0 "Read-only file system" "Give write access to its folder or write the cache elsewhere"
  mount -o remount,rw "$place"
  expect_recovery env -- file
  unmount_small
else
  skip "File systems without room" "only root may mount them"
fi

# A folder that this user may not write.
place=$scratch/locked
mkdir "$place"
chmod 555 "$place"
as_user=()
if [ "$(id -u)" -eq 0 ]; then as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups env "HOME=$scratch/runs"); fi
if [ "$(id -u)" -ne 0 ] || { command -v setpriv >/dev/null && "${as_user[@]}" "$program" --help >/dev/null 2>&1; }; then
  for kind in file shards; do
    echo "A folder that the user may not write, $kind:"
    run_with "${as_user[@]}" -- $kind
    expect_failure $kind 0 "Permission denied" "Give write access to its folder or write the cache elsewhere"
    chmod 755 "$place"
    expect_recovery env -- $kind
    chmod 555 "$place"
  done
else
  skip "A folder that the user may not write" "this is root, and no other user can be had (setpriv) who may run the program"
fi
chmod 755 "$place"

result=PASSED
[ $failures -eq 0 ] || result=FAILED
echo "$result: $cases ways to have no room, $failures things wrong, $skipped skipped."
[ $result = PASSED ]
