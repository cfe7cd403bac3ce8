# A promise that is broken after a crash is found, each in a trace that lies.
load helper

setup() {
  [ -z "${MQ_SANITIZED:-}" ] ||
    skip "the disk in memory takes the place of calls that sanitizers take"
  cd "$repository"
  mkdir -p "$BATS_TEST_TMPDIR/scratch"
}

try_trace() { # ONE-IN
  "$build/t/crash/crash" try "$BATS_TEST_TMPDIR/trace" \
    "$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/scratch" spool 1 4 40 0 "$1"
}

# found_out LIE WHAT [ONE-IN]: the trace of such a lie is refused, and says so.
found_out() {
  t/crash/record "$1" "$BATS_TEST_TMPDIR"
  run -1 try_trace "${3:-4}"
  [[ $output == "# FAILED: "*"$2"* ]]
}

@test "a log that was not synced is found out" {
  CRASH_ALL=1 found_out lie-log "one is not in t"
}

@test "a segment, a topic or its settings without a sync are found out" {
  found_out lie-segment 'has no segment'
  found_out lie-topics 'is not in t'
  found_out lie-settings 'topic.yaml'
}

@test "an index that was not synced is found out" {
  found_out lie-settled 'settled for g, has come back'
}

@test "a message that is lost, misplaced, refused or doubled is found out" {
  found_out lie-promised 'ghost is not in t'
  found_out lie-offset 'one is at 0:0, not 0:7'
  found_out lie-refused 'never put, or refused'
  found_out lie-twice '2 times'
}

@test "deliveries that come back, are lost, or letters that lack are found out" {
  found_out lie-ack 'settled for g, has come back'
  found_out lie-lost 'is lost to g' 400
  found_out lie-held 'is not leased for g any more' 400
  found_out lie-dead 'there is not one letter'
}

@test "a topic that comes back or lacks a partition is found out" {
  found_out lie-gone 'topic t has come back'
  found_out lie-partitions 'has 1 partitions, not 2'
}

@test "a log start that was not synced, and what was trimmed and comes back, are found out" {
  CRASH_ALL=1 found_out lie-trim 'a hole after recovery'
  found_out lie-trimmed 'was trimmed, and has come back'
}

@test "what mq-fsck would report is found out" {
  found_out lie-foreign 'does not belong here'
}

@test "a recovery that sees something else the second time is found out" {
  CRASH_ALL=1 CRASH_SPOIL=1 found_out put 'recovered twice, it differs'
}

@test "a trace means the same when it is tried after a lease of it has ended" {
  export FI_CLOCK=$BATS_TEST_TMPDIR/clock
  "$helpers/clockjump" "$FI_CLOCK" boot -61
  "$helpers/clockjump" "$FI_CLOCK" wall -61
  t/crash/record held "$BATS_TEST_TMPDIR"
  run -0 try_trace 400
  [[ $output == *" states "*" 0 failed" ]]
}
