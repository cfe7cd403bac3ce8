#!/usr/bin/env bats
# Promise: what a put or an acknowledgement promised survives a power cut.

load helper

setup() {
  fresh_spool
  mount="$BATS_TEST_TMPDIR/mount"
  image="$BATS_TEST_TMPDIR/image"
  mkdir "$mount"
  command -v xfs_io >/dev/null || skip "xfs_io is not installed"
  truncate -s 512M "$image"
}

teardown() {
  umount -l "$mount" 2>/dev/null || true
  [ -z "${device:-}" ] || losetup -d "$device" 2>/dev/null || true
}

cut_power_on() { # mkfs command...
  "$@" "$image" >/dev/null 2>&1 || skip "cannot make this file system"
  device=$(losetup -f --show "$image" 2>/dev/null) || skip "no loop devices here"
  mount "$device" "$mount" 2>/dev/null || skip "cannot mount this file system"
  run /usr/bin/python3 "$BATS_TEST_DIRNAME/storm/powercut.py" "$build/bin" "$mount" "$device" "${CUTS:-25}"
  echo "$output"
  [ "$status" -ne 77 ] || skip "this file system cannot be shut down"
  [ "$status" -eq 0 ]
}

@test "power cuts of ext4 lose nothing that was promised" {
  cut_power_on mkfs.ext4 -q -F
}

@test "power cuts of xfs lose nothing that was promised" {
  cut_power_on mkfs.xfs -q -f
}
