#!/usr/bin/env bats
# Promise: what a put or an acknowledgement promised survives a power cut.

load helper

cut_power_of() {
  skip_without "mkfs.$1"
  run "$repository/t/fs/run" quick "$1"
  echo "$output"
  [ "$status" -ne 77 ] || skip "${lines[-1]}"
  [ "$status" -eq 0 ]
}

@test "power cuts of ext4 lose nothing that was promised" {
  cut_power_of ext4
}

@test "power cuts of xfs lose nothing that was promised" {
  cut_power_of xfs
}
