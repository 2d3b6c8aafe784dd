#!/bin/sh
# quickstart.sh: installs what is missing, builds moonsift, and runs the main job on a small shop of its own.
set -eu
cd "$(dirname "$0")/.."
sh examples/packages.sh build
if ! { cmake --preset release && cmake --build --preset release; } >build.log 2>&1; then
  tail -30 build.log >&2
  echo "quickstart: the build failed; build.log has all of it" >&2
  exit 1
fi
rm -f build.log
build/release/moonsift --version
