#!/usr/bin/env bats
# mq-put in a stream: when it stores, how it is stopped, what it needs.
load helper

# A FIFO that this shell holds open for writing as descriptor 9.
open_fifo() {
  mkfifo pipe
  exec 9<>pipe
}

has_messages() {
  [ "$(count_of "$1")" -ge "$2" ]
}

@test "what was read is stored before waiting for more" {
  open_fifo
  in_background put bash -c 'exec mq-put t <pipe 9>&-'
  echo first >&9
  wait_until mq-get t
  [ "$(mq-get t)" = first ]
  printf 'half' >&9
  echo ' and half' >&9
  wait_until has_messages t 2
  exec 9>&-
  wait "$background"
}

@test "input that never pauses is stored once a second" {
  in_background put bash -c 'exec mq-put t < <(while :; do echo line; done)'
  wait_until mq-get t
}

# The put in the background tells on USR1 how much it has read.
has_read() {
  kill -USR1 "$background"
  grep -q "^mq-put: $1 messages read" put.err
}

@test "--linger waits for more before it stores" {
  open_fifo
  in_background put bash -c 'exec mq-put --linger 1h t <pipe 9>&-'
  echo one >&9
  wait_until [ -d "$(partition_of t)" ]
  wait_until has_read 1
  run -1 mq-get t
  exec 9>&-
  kill "$background" || : # or it has ended with its input
  wait "$background" || [ $? -eq 143 ]
  run -0 mq-get t
  assert_output one
}

@test "SIGTERM and SIGINT store what was read, say how much, and end the process" {
  open_fifo
  for signal in TERM INT; do
    # a shell's background jobs ignore INT: ask for it again
    in_background put env --default-signal=INT \
      bash -c "exec mq-put --linger 1h t$signal <pipe 9>&-"
    printf 'a\nb\n' >&9
    wait_until [ -d "$(partition_of "t$signal")" ]
    wait_until has_read 2
    kill -s "$signal" "$background"
    status=0
    wait "$background" || status=$?
    [ "$status" -eq $((128 + $(kill -l "$signal"))) ]
    grep -q '2 messages stored' put.err
    run -0 mq-get "t$signal"
    assert_output $'a\nb'
  done
}

@test "SIGTERM ends a put whose output nobody takes; what was read is stored" {
  seq 100000 >many
  for option in -T -v; do
    rm -f pipe
    open_fifo
    in_background put bash -c "exec mq-put $option t <many >pipe 9>&-"
    wait_until is_pipe_full 9
    kill "$background"
    status=0
    wait "$background" || status=$?
    [ "$status" -eq 143 ]
    [ "$(count_of t)" -gt 0 ]
    grep -q "$(count_of t) messages stored" put.err
    mq-topic delete --yes t
  done
}

@test "USR1 prints one line about what was read and stored" {
  open_fifo
  in_background put bash -c 'exec mq-put t <pipe 9>&-'
  printf 'a\nb\n' >&9
  wait_until has_messages t 2
  kill -USR1 "$background"
  wait_until grep -q '2 messages read, 2 stored' put.err
}

@test "a put does not load SQLite, and stays small" {
  ! grep -q sqlite3_ "$(command -v mq-put)"
  skip_if_sanitized "memory is not our own"
  open_fifo
  in_background put bash -c 'exec mq-put t <pipe 9>&-'
  echo one >&9
  wait_until has_messages t 1
  [ "$(peak_kib "$background")" -le 4096 ]
  seq 2000000 >&9
  wait_until has_messages t 2000001
  [ "$(peak_kib "$background")" -le 16384 ]
}

# The most memory a process ever had.
peak_kib() {
  awk '/^VmHWM:/ { print $2 }' "/proc/$1/status"
}
