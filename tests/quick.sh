#!/bin/sh
# quick.sh: the quick tests over build/dev, which must be built. Prints what failed and a closing line.
exec sh "$(dirname "$0")/suite.sh" "${1:-dev}" quick
