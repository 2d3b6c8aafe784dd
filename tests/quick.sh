#!/bin/sh
# quick.sh: the quick tests over build/dev, which must be built, and the layout of the sources. Prints what
# failed and a closing line.
cd "$(dirname "$0")/.." || exit 1
layout=0
if command -v clang-format >/dev/null 2>&1 && ! sh tests/format.sh >/dev/null 2>&1; then
  sh tests/format.sh 2>&1 | sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: error.*/\1/p' | sort -u
  echo "FAIL  the files above are not laid out: sh tests/format.sh --fix"
  layout=1
fi
if command -v luacheck >/dev/null 2>&1; then
  luacheck -q --no-color . >build/dev/luacheck.log 2>&1 || { cat build/dev/luacheck.log; layout=1; }
fi
sh tests/suite.sh dev && [ $layout = 0 ]
