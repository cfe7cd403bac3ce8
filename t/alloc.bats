#!/usr/bin/env bats
# Promise: a failed allocation is told, and costs nothing that was stored.
load helper

@test "no failed allocation loses, doubles, settles or damages anything" {
  [ -e "$build/t/fi/libfi.so" ] || skip "libfi.so is not built"
  cd "$repository"
  run env MQ_BUILD="$build" t/faults/alloc quick
  echo "$output"
  [ "$status" -eq 0 ]
}
