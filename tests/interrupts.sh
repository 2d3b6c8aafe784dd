#!/bin/sh
# interrupts.sh: how soon calls end that are told to stop, over the release build, where it counts: tests/core/interrupt.
# MOONSIFT_FIGURES=1 prints what was measured, MOONSIFT_STOPS=100 stops each call so often. In build/interrupts.
set -u
cd "$(dirname "$0")/.." || exit 1
cmake --preset release -B build/interrupts -DMOONSIFT_TESTS=ON >/dev/null &&
  cmake --build build/interrupts -j "${JOBS:-2}" --target unit-interrupt-verbs unit-interrupt-stats \
    unit-interrupt-learners unit-interrupt-files >/dev/null || exit 1
passed=0 failed=0
for name in verbs stats learners files; do
  if "build/interrupts/unit/unit-interrupt-$name"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
