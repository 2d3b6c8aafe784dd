#!/bin/sh
# packages.sh [GROUP…]: installs from Debian's packages what is missing, and nothing else.
#   build   what building and running moonsift takes (the default)
#   test    what tests/run.sh takes on top
# Where nothing is missing it does nothing and needs no rights.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libluajit-5.1-dev libsqlite3-dev zlib1g-dev
  libxxhash-dev libutf8proc-dev libpcre2-dev libjansson-dev libedit-dev libcsv-dev"
test="ccache clang clang-format lua-check luajit libcmocka-dev sqlite3 python3 binutils valgrind"

wanted=""
for group in "${@:-build}"; do
  case $group in
    build) wanted="$wanted $build" ;;
    test) wanted="$wanted $test" ;;
    *) echo "packages.sh: no group '$group'; there are: build test" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  echo "packages.sh: this machine has no apt. Install these (named as in Debian) in your system's way," >&2
  echo "then go on with the same command; MOONSIFT_PACKAGES=have skips this check:" >&2
  echo $wanted >&2
  [ "${MOONSIFT_PACKAGES:-}" = have ] && exit 0
  exit 1
fi

missing=""
for package in $wanted; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1; then
  as_root="sudo"
else
  echo "packages.sh: packages are missing, and neither root nor sudo is there to install them. As root:" >&2
  echo "  apt-get install$missing" >&2
  exit 1
fi

echo "Installing:$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1
}
install() { apt install --no-install-recommends $missing; }
# The lists may be old or absent: they are fetched when an installation without them fails.
if ! install && ! { apt update && install; }; then
  tail -20 "$log" >&2
  echo "packages.sh: the packages could not be installed:$missing" >&2
  exit 1
fi
