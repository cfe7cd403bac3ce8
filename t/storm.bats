#!/usr/bin/env bats
# Promise: kill -9 of any process at any time loses nothing and blocks nobody.

load helper

@test "kill -9 of producers and consumers every few ms loses, doubles and resurrects nothing" {
  run /usr/bin/python3 "$BATS_TEST_DIRNAME/storm/storm.py" "$build/bin" "$BATS_TEST_TMPDIR/spool" "${STORM_SECONDS:-60}"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"errors 0"* ]]
}
