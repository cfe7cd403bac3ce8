#!/usr/bin/env bats
# Promise: whatever system call fails, nothing promised is lost, and the tool says what failed.

load helper

faults() {
  MQ_BUILD=$build "$repository/t/faults/run" "$@"
}

# A tool in place of mq-put, and the words that must be said of it.
caught_with() { # SCRIPT WORDS CALL ACTION NUMBER
  local bin=$BATS_TEST_TMPDIR/build/t/crash/bin
  mkdir -p "$bin" "$BATS_TEST_TMPDIR/build/t/fi"
  ln -s "$build/t/fi/libfi.so" "$BATS_TEST_TMPDIR/build/t/fi/"
  ln -s "$build/t/faults" "$BATS_TEST_TMPDIR/build/t/"
  ln -s "$build/bin" "$BATS_TEST_TMPDIR/build/"
  ln -s "$build/t/crash/bin/mq-get" "$build/t/crash/bin/mq-ack" "$bin/"
  printf '#!/bin/sh\nreal=%s\n%s\n' "$build/t/crash/bin/mq-put" "$1" >"$bin/mq-put"
  chmod +x "$bin/mq-put"
  MQ_BUILD=$BATS_TEST_TMPDIR/build run "$repository/t/faults/run" one put "$3" "$4" "$5"
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"$2"* ]]
}

@test "some thousand faults of all tools: nothing is lost, and each is named" {
  skip_if_sanitized "a library goes before the program"
  run faults quick
  echo "$output"
  [ "$status" -eq 0 ]
  read -r _ _ _ _ _ _ _ count _ <<<"${lines[-1]}"
  [ "$count" -ge 2000 ]
}

@test "a tool that exits 0 in spite of an error is caught" {
  skip_if_sanitized "a library goes before the program"
  caught_with '"$real" "$@" || { echo t:0:5; exit 0; }' "a sync failed, and yet it exits 0" \
    fdatasync 'errno(EIO)' 1
}

@test "a tool that says it stored what it did not is caught" {
  skip_if_sanitized "a library goes before the program"
  caught_with '"$real" "$@" || { s=$?; echo t:0:5; exit $s; }' \
    "promised, and not there" pwrite 'errno(ENOSPC)' 3
}

@test "a tool that fails without a reason is caught" {
  skip_if_sanitized "a library goes before the program"
  caught_with '"$real" "$@" 2>/dev/null || { s=$?; echo "mq-put: failed: sorry" >&2; exit $s; }' \
    "an error without its reason" fdatasync 'errno(EIO)' 1
}

@test "a tool with the wrong exit status is caught" {
  skip_if_sanitized "a library goes before the program"
  caught_with '"$real" "$@" || exit 75' "wrong exit status 75" fdatasync 'errno(EIO)' 1
}

@test "a tool that a signal kills is caught" {
  skip_if_sanitized "a library goes before the program"
  caught_with '"$real" "$@" || kill -SEGV $$' "died of signal 11" fdatasync 'errno(EIO)' 1
}

@test "a tool that gives up at an interrupted call is caught" {
  skip_if_sanitized "a library goes before the program"
  caught_with '"$real" "$@"; [ -z "$FI" ] || echo "mq-put: write: Interrupted system call" >&2; [ -z "$FI" ] || exit 71' \
    "exit 71, not 0" pwrite 'errno(EINTR)' 1
}

@test "a settlement that is done, but not durable, is not called a lost lease" {
  skip_if_sanitized "a library goes before the program"
  for workload in take-all take-follow worker worker-parallel; do
    run -0 faults one "$workload" fdatasync 'errno(EDQUOT)' 1
    [[ $output == *"exit 74"*"sync the WAL: Disk quota exceeded"* ]]
  done
}

@test "a rejected message without its letter is named, though its sync fails, too" {
  skip_if_sanitized "a library goes before the program"
  run -0 faults one reject fdatasync 'errno(EIO)+forever' 2
  [[ $output == *"no dead letter yet"*"sync the WAL: Input/output error"* ]]
}

@test "a ring that a signal interrupts is heard" {
  skip_if_sanitized "a library goes before the program"
  run -0 faults one worker-parallel futex 'errno(EINTR)' 5
}

@test "whoever reads dead letters survives any failed look at the index" {
  skip_if_sanitized "a library goes before the program"
  for number in {27..32}; do
    run -0 faults one redrive fstatat 'errno(EIO)' "$number"
  done
}

@test "an index that cannot be looked at is not taken for another one" {
  skip_if_sanitized "a library goes before the program"
  for number in {15..19}; do
    run -0 faults one reset fstatat 'errno(EIO)' "$number"
  done
  [[ $output == *"exit 74"*"index.db: Input/output error"* ]]
  run -0 faults one reset pwrite 'errno(EIO)' 9
  [[ $output == *"pwrite of "*"/commit,"*"exit 0"* ]]
}

@test "a topic whose files cannot be looked at is not half removed without a reason" {
  skip_if_sanitized "a library goes before the program"
  for number in 2 3; do
    run -0 faults one delete fstatat 'errno(EIO)' "$number"
    [[ $output == *"exit 74"*"Input/output error"* ]]
  done
}

@test "mq-fsck names what it cannot read among its findings" {
  skip_if_sanitized "a library goes before the program"
  run -0 faults one fsck openat 'errno(EIO)' 13
  [[ $output == *"exit 4"*"topics/t/0: "*"open: Input/output error"* ]]
  run -0 faults one fsck pread 'errno(EIO)' 3
  [[ $output == *"exit 4"*"control: read: Input/output error"* ]]
}

@test "mq-fsck that cannot tell its findings exits with 8" {
  skip_if_sanitized "a library goes before the program"
  run -0 faults one fsck-stopped write 'errno(ENOSPC)' 1
  [[ $output == *"exit 8"*"write: No space left on device"* ]]
}

@test "a consumer does not let go of its leases to look at the file of sessions" {
  skip_if_sanitized "a library goes before the program"
  run -0 faults one take-follow fstatat 'errno(EIO)' 22
  [[ $output == *"exit 74"*"sessions: stat: Input/output error"* ]]
}
