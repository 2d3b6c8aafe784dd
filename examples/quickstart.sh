#!/bin/sh
# quickstart.sh: installs what is missing, builds moonsift, and runs the main job on a small shop of its own.
set -eu
cd "$(dirname "$0")/.."
sh examples/packages.sh build
echo "Building moonsift (once; a minute or two) …"
if ! { cmake --preset release && cmake --build --preset release; } >build.log 2>&1; then
  tail -30 build.log >&2
  echo "quickstart: the build failed; build.log has all of it" >&2
  exit 1
fi
rm -f build.log
build/release/moonsift --version

database=build/quickstart/shop.db
rm -rf build/quickstart && mkdir -p build/quickstart
echo
echo "A synthetic shop, drawn from known models:"
build/release/moonsift run examples/shop.lua "$database" 2000
echo
echo "Its customers in segments, by scripts/segmentation/rfm.lua:"
build/release/moonsift run scripts/segmentation/rfm.lua --db "$database" --as-of 2025-01-01
echo
echo "Look at them at the prompt:"
echo "  build/release/moonsift --db $database"
echo "  moonsift> shop:table \"rfm_customers\":filter \"segment == 'cannot lose them'\""
