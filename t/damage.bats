#!/usr/bin/env bats
# Promise: damage is never delivered, never spreads, and is named.

load helper

@test "no bit of a segment that is flipped, no block that is lost or moved makes a wrong message" {
  run "$BATS_TEST_DIRNAME/damage/run" quick
  echo "$output"
  [ "$status" -eq 0 ]
}
