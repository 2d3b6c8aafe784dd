#!/bin/sh
# coverage.sh: builds with counters, runs the tests, and prints how much of each C file they executed.
set -eu
cd "$(dirname "$0")/.."
cmake --preset coverage >/dev/null
cmake --build --preset coverage -j "${JOBS:-2}" >/dev/null
find build/coverage -name '*.gcda' -delete
sh tests/suite.sh coverage || true
find build/coverage/CMakeFiles/moonsift_core.dir -name '*.gcda' -print0 | xargs -0 gcov -n 2>/dev/null |
  awk -v root="$PWD/" '/^File/ { file = $0; gsub(/^File .|.$/, "", file); sub(root, "", file) }
    /^Lines executed/ && file ~ /^core\// {
      split($0, part, /[:%]/); count = $NF
      if (!(file in total) || part[2] > share[file]) { share[file] = part[2]; total[file] = count }
      file = ""
    }
    END { for (file in total) { printf "%6.2f%% of %4d  %s\n", share[file], total[file], file
            lines += total[file]; done += total[file] * share[file] / 100 }
          printf "%6.2f%% of %4d  all\n", 100 * done / lines, lines }' | sort -k4
