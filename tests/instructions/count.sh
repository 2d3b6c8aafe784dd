#!/bin/sh
# count.sh [update]: counts the instructions of the hot paths (tests/instructions/paths.lua) on one thread, and compares them with those
# recorded in tests/golden/instructions.txt: times are noisy, instructions are not. More than 5 % above is a failure; 5 % below asks for
# an update. A build of its own, for any processor of the kind, so that machines agree. Another compiler than the
# recorded one, or no valgrind, skips. Ends with "N passed, N failed[, N skipped]".
set -u
cd "$(dirname "$0")/../.."
recorded=tests/golden/instructions.txt
work=build/instructions/run
compiler=$(cc -dumpmachine 2>/dev/null)-gcc-$(cc -dumpversion 2>/dev/null)
skip() {
  echo "skip  instructions: $1"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
}
command -v valgrind >/dev/null 2>&1 || skip "valgrind is not installed"
if [ "${1:-}" != update ] && [ "$(head -1 $recorded 2>/dev/null)" != "$compiler" ]; then
  skip "recorded with $(head -1 $recorded 2>/dev/null), this is $compiler"
fi
cmake --preset instructions >build/instructions.log 2>&1 &&
  cmake --build --preset instructions -j "${JOBS:-2}" >>build/instructions.log 2>&1 || {
  tail -30 build/instructions.log
  echo "0 passed, 1 failed"
  exit 1
}
rm -rf $work && mkdir -p $work
moonsift=build/instructions/moonsift
$moonsift run tests/instructions/paths.lua $work names >$work/names || exit 1
# A profile is written after every call; without compiled Lua, whose addresses differ from run to run.
valgrind --tool=callgrind --callgrind-out-file=$work/out --collect-atstart=no --toggle-collect=ms_kernel_call \
  --dump-after=ms_kernel_call $moonsift --quiet run tests/instructions/paths.lua $work >$work/log 2>&1 || {
  tail -20 $work/log
  echo "0 passed, 1 failed"
  exit 1
}
paths=$(wc -l <$work/names)
ls $work/out.* | sort -t. -k2 -n | tail -n "$paths" >$work/profiles
while read -r profile; do sed -n 's/^\(summary\|totals\): *\([0-9]*\).*/\2/p' "$profile" | head -1; done <$work/profiles >$work/counts
paste $work/counts $work/names >$work/table
if [ "${1:-}" = update ]; then
  { echo "$compiler"; cat $work/table; } >$recorded
  cat $recorded
  exit 0
fi
sed 1d $recorded | awk -F '\t' -v table=$work/table '
  { recorded[$2] = $1 }
  END {
    while ((getline line < table) > 0) {
      split(line, part, "\t")
      was = recorded[part[2]]
      if (was == "") { printf "FAIL  %s: no count is recorded; sh tests/instructions/count.sh update\n", part[2]; failed++; continue }
      change = 100 * (part[1] / was - 1)
      if (change > 5) { printf "FAIL  %s: %d instructions, %d recorded: %+.1f %%\n", part[2], part[1], was, change; failed++; continue }
      if (change < -5) printf "note  %s: %+.1f %%: sh tests/instructions/count.sh update keeps the gain\n", part[2], change
      passed++
    }
    printf "%d passed, %d failed\n", passed, failed
    exit failed > 0
  }'
