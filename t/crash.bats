# After any crash what was promised is there.
load helper

setup() {
  [ -z "${MQ_SANITIZED:-}" ] ||
    skip "the disk in memory takes the place of calls that sanitizers take"
  cd "$repository"
}

@test "no crash state of any workload breaks a promise, in 50,000" {
  run t/crash/run quick
  echo "$output" | grep -A 12 FAILED || true
  [ "$status" -eq 0 ]
  echo "# ${lines[-1]}" >&3
  [ "$(echo "${lines[-1]}" | awk '{ print $3 }')" -ge 50000 ]
}
