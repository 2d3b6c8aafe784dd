#!/bin/sh
# suite.sh PRESET [quick]: C units, Lua tests and structure tests over build/PRESET, which must be built.
# Each test file runs in a process of its own, JOBS at a time (2). Prints what failed and a closing line.
set -u
cd "$(dirname "$0")/.."
preset=${1:-dev}
jobs=${JOBS:-2}
MOONSIFT=build/$preset/moonsift
export MOONSIFT
work=build/$preset/suite
rm -rf "$work" && mkdir -p "$work" || exit 1
passed=0 failed=0 skipped=0

# C units: ctest prints nothing but what failed.
if [ -d "build/$preset/unit" ]; then
  ctest --preset "$preset" -j "$jobs" --quiet -O "$work/ctest.log" >/dev/null 2>&1
  set -- $(sed -n 's/^\([0-9]*\)% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\2 \3/p' "$work/ctest.log")
  if [ $# -ne 2 ]; then
    cat "$work/ctest.log"
    set -- 1 1
  fi
  [ "$1" = 0 ] || grep -vE '^ *[0-9]+/[0-9]+ Test .* Passed |^ *Start ' "$work/ctest.log"
  failed=$((failed + $1)) passed=$((passed + $2 - $1))
fi

# Lua: the runner prints failures and ends with "N passed, N failed[, N skipped]".
if [ "$("$MOONSIFT" -e 'io.write("ready")' 2>/dev/null)" = ready ]; then
  find tests -name '*_test.lua' -not -path 'tests/bench/*' | LC_ALL=C sort >"$work/lua.list"
  : >"$work/lua.tally"
  [ -s "$work/lua.list" ] && xargs -P"$jobs" -n1 sh tests/suite_file.sh "$work" <"$work/lua.list"
  set -- $(awk '{p += $1; f += $2; s += $3} END {print p + 0, f + 0, s + 0}' "$work/lua.tally")
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
fi

closing="$passed passed, $failed failed"
[ $skipped = 0 ] || closing="$closing, $skipped skipped"
echo "$closing"
[ $failed = 0 ] && [ $passed != 0 ]
