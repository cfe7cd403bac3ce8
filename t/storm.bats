#!/usr/bin/env bats
# Promise: kill -9 of any process at any time loses nothing and blocks nobody.
# The storm is t/storm/storm.py, what may not happen in it t/storm/check.py;
# `make storm` lets it rage for ten minutes.

load helper

storm=$BATS_TEST_DIRNAME/storm
export PYTHONDONTWRITEBYTECODE=1

# A storm of $1 seconds in a spool of its own.
rage() {
  /usr/bin/python3 "$storm/storm.py" "$build/bin" "$helpers/stormworker" \
    "$BATS_TEST_TMPDIR/storm" "$1"
}

# Each bad history must be refused for what it is called, and nothing else.
@test "the checker refuses every bad history for its anomaly" {
  for history in "$storm"/bad/*.json; do
    kind=$(basename "$history")
    kind=${kind%%.*}
    run /usr/bin/python3 "$storm/check.py" "$history"
    if [ "$status" -ne 1 ] || [ "${lines[-1]}" != "anomalies 1, $kind 1" ]; then
      echo "$history: status $status: $output"
      return 1
    fi
  done
}

@test "the checker knows no anomaly that no bad history shows" {
  grep -hoE 'report\("[a-z-]+"|kind = "[a-z]+" if|else "[a-z]+"$' \
    "$storm"/history_*.py | grep -oE '"[a-z-]+"' | tr -d '"' | sort -u >kinds
  (cd "$storm/bad" && ls) | sed 's/\..*//' | sort -u >shown
  diff kinds shown
}

@test "the checker takes what is unknown for no failure" {
  run /usr/bin/python3 "$storm/check.py" "$storm"/good/*.json
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "kills and stops of any tool every few ms lose, double, resurrect and block nothing" {
  run rage "${STORM_SECONDS:-20}"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "${lines[-1]}" == "storm: anomalies 0, errors 0" ]]
}
