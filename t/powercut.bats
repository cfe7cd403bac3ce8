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

@test "a machine without loop devices says last that they lack" {
  skip_without mkfs.ext4
  unshare -m true 2>/dev/null || skip "no mounts of our own here"
  # shellcheck disable=SC2016 # for the inner shell
  run unshare -m sh -c '[ ! -e /dev/loop-control ] ||
    mount --bind /dev/null /dev/loop-control
    exec "$1" 1 ext4' sh "$repository/t/fs/run"
  echo "$output"
  [ "$status" -eq 77 ]
  [[ ${lines[-1]} == "powercut: no loop device can be set up here: /dev/"* ]]
}
