#!/bin/sh
# Installs the Debian packages of the named sets that are missing here.
#
#   packages.sh build [test] [fuzz] [conformance] [bench]
#
# Asks dpkg first: a second run installs nothing and needs no network.
set -eu

# The codecs' headers are for the build; their libraries, opened on first use,
# come along.
build='gcc libc6-dev libsqlite3-dev libyaml-dev libevent-dev
  zlib1g-dev liblz4-dev libzstd-dev libsnappy-dev'
test='bats patch sqlite3 kcat zsh fish mandoc procps util-linux strace mount
  e2fsprogs xfsprogs nbdkit libnbd-bin fuse3
  python3-kafka python3-snappy python3-lz4 python3-zstandard'
fuzz='clang libclang-rt-14-dev afl++'
# Toolchains of other languages are not brought: their clients are skipped.
conformance='g++ libssl-dev'
bench='redis-server redis-tools nats-server librdkafka-dev nq'

say() {
  echo "packages.sh: $*" >&2
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>&1)" = installed ]
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "neither root nor sudo: run this as root: $*"
    return 1
  fi
}

wanted=
for set in "$@"; do
  case $set in
    build) wanted="$wanted $build" ;;
    test) wanted="$wanted $test" ;;
    fuzz) wanted="$wanted $fuzz" ;;
    conformance) wanted="$wanted $conformance" ;;
    bench) wanted="$wanted $bench" ;;
    *) say "no such set: $set (build, test, fuzz, conformance, bench)"; exit 64 ;;
  esac
done

if ! command -v dpkg-query >/dev/null; then
  say "not a Debian system; these are needed:" $wanted
  exit 0
fi

missing=
for package in $wanted; do
  is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

say "installing$missing"
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -qq -y --no-install-recommends $missing >/dev/null
