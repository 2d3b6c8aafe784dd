#!/bin/sh
# run.sh: installs what is missing, builds moonsift in every way that counts, and runs all tests.
# A line a step with its seconds; what fails is shown; the closing line counts steps and tests.
# Status 0 only if nothing failed. Logs: build/tests/.
set -u
cd "$(dirname "$0")/.."
sh examples/packages.sh build test || exit 1
JOBS=${JOBS:-$(nproc)}
export JOBS LC_ALL=C.UTF-8
logs=build/tests
rm -rf "$logs" && mkdir -p "$logs" || exit 1
passed=0 failed=0 skipped=0

# step NAME COMMAND…: a command that passes or fails. Its numbers count if its last line is a tally.
step() {
  name=$1 log=$logs/$1.log
  shift
  begun=$(date +%s)
  "$@" >"$log" 2>&1 </dev/null
  status=$?
  seconds=$(($(date +%s) - begun))
  set -- $(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed\(, \([0-9]*\) skipped\)*$/\1 \2 \4/p' "$log")
  if [ $# -lt 2 ]; then
    if [ $status = 0 ]; then set -- 1 0; else set -- 0 1; fi
  elif [ $status != 0 ] && [ "$2" = 0 ]; then
    set -- "$1" 1
  fi
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + ${3:-0}))
  if [ "$2" = 0 ]; then
    echo "ok    $name: $1 passed${3:+, $3 skipped} (${seconds} s)"
  else
    tail -60 "$log"
    echo "FAIL  $name: $1 passed, $2 failed, exit status $status (${seconds} s), all of it in $log"
    return 1
  fi
}

build() { cmake --preset "$1" && cmake --build --preset "$1" -j "$JOBS"; }
compile() { cmake --preset "$1" && cmake --build --preset "$1" -j "$JOBS" --target moonsift_core; }

step format sh tests/format.sh
step luacheck luacheck -q --no-color .
# What -O3 for this very processor warns of is known only here: a fault here, not for those who only build.
release() { build release && ! grep -q 'warning:' "$logs/build-release.log"; }

# The full tests: what can be tried more often is, once.
export MOONSIFT_KILLS=200 MOONSIFT_RULE_SETS=1000 MOONSIFT_TEST_TIME=400
step build-release release && step suite-release sh tests/suite.sh release &&
  step quickstart sh examples/quickstart.sh
step interrupts sh tests/interrupts.sh
unset MOONSIFT_KILLS MOONSIFT_RULE_SETS MOONSIFT_TEST_TIME
step build-dev build dev && step suite-dev sh tests/suite.sh dev
step instructions sh tests/instructions/count.sh
step build-clang compile clang
# Sanitizers slow the tests down: they get more time, and the suites leave the largest inputs out.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1 MOONSIFT_TEST_TIME=600
step build-asan build asan && step suite-asan sh tests/suite.sh asan
step build-tsan build tsan && step suite-tsan sh tests/tsan.sh

closing="$passed passed, $failed failed"
[ $skipped = 0 ] || closing="$closing, $skipped skipped"
echo "$closing"
[ $failed = 0 ]
