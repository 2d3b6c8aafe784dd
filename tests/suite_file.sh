#!/bin/sh
# suite_file.sh WORK FILE: runs one Lua test file for suite.sh; adds "passed failed skipped" to WORK/lua.tally.
work=$1 file=$2
log=$work/$(echo "$file" | tr / -).log
timeout "${MOONSIFT_TEST_TIME:-120}" "$MOONSIFT" test "$file" >"$log" 2>&1 </dev/null
status=$?
set -- $(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed\(, \([0-9]*\) skipped\)*$/\1 \2 \4/p' "$log")
verdict=fine
if [ $# -lt 2 ]; then
  verdict="ended with status $status before its closing line"
elif [ "$2" = 0 ] && [ "$1" != 0 ] && [ $status != 0 ]; then
  verdict="ended with status $status although no test failed"
elif [ "$1$2${3:-0}" = 000 ]; then
  verdict="has no tests"
fi
if [ "$verdict" != fine ]; then
  tail -30 "$log"
  echo "FAIL  $file: $verdict"
  set -- "${1:-0}" $((${2:-0} + 1)) "${3:-0}"
elif [ "$2" != 0 ]; then
  sed '$d' "$log"
fi
echo "$1 $2 ${3:-0}" >>"$work/lua.tally"
