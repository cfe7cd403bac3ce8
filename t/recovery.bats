#!/usr/bin/env bats
# Promise: after a kill -9 or a reboot a large spool is usable at once.

load helper

# A quarter of a GiB: sealed segments, and an active one of 100 MB or more.
fill_spool() {
  mq-topic create -X segment.bytes=32M t
  head -c 120000000 /dev/zero | tr '\0' x | fold -w 999 | mq-put t
  mq-topic alter t -X segment.bytes=1G
  head -c 130000000 /dev/zero | tr '\0' x | fold -w 999 | mq-put t
  [ "$(segments_of t | wc -l)" -ge 4 ]
  seq 1000000 >more
  in_background put bash -c 'exec mq-put -v --batch 1 t <more'
  wait_until has_lines put.out 100
  crash "$background"
}

# The CPU time that a command takes, in milliseconds: others may be at work.
cpu_ms() {
  local TIMEFORMAT='%3U %3S' user system
  { time "$@" >out 2>err; } 2>times
  read -r user system <times
  echo $((10#${user/./} + 10#${system/./}))
}

in_another_boot() {
  FI_BOOT=$1 LD_PRELOAD=$build/t/fi/libfi.so "$build/t/crash/bin/$2" "${@:3}"
}

@test "a large spool is usable within a second after kill -9, a reboot and without its page" {
  skip_if_sanitized "nothing is fast"
  [ -x "$build/t/crash/bin/mq-put" ] || skip "no tools for libfi.so"
  fill_spool
  [ "$(cpu_ms mq-put -v -m killed t)" -lt 1000 ]
  grep -q ^t:0: out
  [ "$(cpu_ms in_another_boot 11111111-2222-3333-4444-555555555555 mq-put -v -m reboot t)" -lt 1000 ]
  grep -q ^t:0: out
  rm "$(partition_of t)/control"
  [ "$(cpu_ms mq-get -o -2 t)" -lt 1000 ]
  [ "$(cat out)" = "$(printf 'killed\nreboot')" ]
  mq-fsck -n
}
