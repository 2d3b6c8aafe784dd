#!/bin/sh
# format.sh [--fix]: is every C file laid out as .clang-format says? --fix makes it so.
cd "$(dirname "$0")/.." || exit 1
case ${1:-} in
  --fix) set -- -i ;;
  *) set -- --dry-run -Werror ;;
esac
find core tests -name '*.[ch]' -print0 | xargs -0 clang-format "$@"
