#!/bin/sh
# tsan.sh: what runs on several threads, under the thread sanitizer; build/tsan must be built. A race ends its test with
# status 66. Left out: the sweep over failing allocations, which takes too long here, and what interrupts compiled Lua,
# since the sanitizer holds signals back until code that it has instrumented runs.
set -u
cd "$(dirname "$0")/.." || exit 1
work=$PWD/build/tsan/suite
export MOONSIFT=build/tsan/moonsift MOONSIFT_TEST_TIME=${MOONSIFT_TEST_TIME:-300} TSAN_OPTIONS="exitcode=66 ${TSAN_OPTIONS:-}"
rm -rf "$work" && mkdir -p "$work" || exit 1
: >"$work/lua.tally"

ctest --preset tsan -j "${JOBS:-2}" -E '^(sweep|interrupt)/|csv_differential' --quiet -O "$work/ctest.log" >/dev/null 2>&1
set -- $(sed -n 's/^\([0-9]*\)% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\2 \3/p' "$work/ctest.log")
[ $# -eq 2 ] || set -- 1 1
[ "$1" = 0 ] || cat "$work/ctest.log"
units_failed=$1 units_passed=$(($2 - $1))

for name in kernels/threads rows/crew rows/map kernels/rows kernels/group_by kernels/join kernels/sort kernels/window \
  kernels/kmeans kernels/boost kernels/forest; do
  echo "tests/${name}_test.lua"
done | xargs -P"${JOBS:-2}" -n1 sh tests/suite_file.sh "$work"
set -- $(awk '{p += $1; f += $2} END {print p + 0, f + 0}' "$work/lua.tally")
echo "$(($1 + units_passed)) passed, $(($2 + units_failed)) failed"
[ $(($2 + units_failed)) = 0 ]
