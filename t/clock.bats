#!/usr/bin/env bats
# Promise: no clock that jumps changes what is delivered, when, or in which
# order; the wall clock only labels messages.
load helper

setup() {
  fresh_spool
  find_libfi
  export FI_CLOCK=$PWD/clock
  PATH=$build/t/crash/bin:$PATH
}

# A tool by the clock of the test.
timed() {
  env LD_PRELOAD="$fi" "$@"
}

jump() { # wall|boot|monotonic SECONDS
  "$helpers/clockjump" clock "$1" "$2"
}

lease() { # one message of t for a minute: $receipt
  receipt=$(timed mq-get -g g --ack=manual --lease 60s -c 1 -f '%r' t)
}

hour=3600
ten_years=$((10 * 366 * 24 * 3600))

@test "a lease does not end because the wall clock jumps forward" {
  timed mq-put -m a t
  lease
  jump wall $ten_years
  run -1 timed mq-get -g g t
  run -0 timed mq-ack "$receipt"
}

@test "a lease does not last because the wall clock jumps back" {
  timed mq-put -m a t
  lease
  jump wall -$hour
  jump boot 61
  jump monotonic 61
  run -0 timed mq-get -g g -f '%v %a' t
  assert_output 'a 2'
  run -1 timed mq-ack "$receipt"
}

@test "a lease counts the time that the machine sleeps" {
  timed mq-put -m a t
  lease
  jump boot 50
  run -1 timed mq-get -g g t
  jump boot 10 # the monotonic clock stands still
  run -0 timed mq-get -g g -f '%v %a' t
  assert_output 'a 2'
}

@test "a lease that is renewed is renewed from now on by the boot clock" {
  timed mq-put -m a t
  lease
  jump wall -$hour
  jump boot 50
  timed mq-ack --renew=60s "$receipt"
  jump wall $ten_years
  jump boot 50
  run -1 timed mq-get -g g t
  jump boot 11
  run -0 timed mq-get -g g t
}

@test "a back-off ends by the boot clock" {
  timed mq-put -m a t
  lease
  timed mq-ack --release=100s "$receipt"
  jump wall $ten_years
  run -1 timed mq-get -g g t
  jump boot 99
  run -1 timed mq-get -g g t
  jump boot 2
  run -0 timed mq-get -g g t
}

@test "offsets and order follow the puts, whatever the wall clock says" {
  timed mq-put -m first t
  jump wall -$hour
  timed mq-put -m second t
  jump wall $ten_years
  timed mq-put -m third t
  jump wall -$ten_years
  printf '%s\n' fourth fifth | timed mq-put t
  run -0 timed mq-get -f '%o %v\n' t
  assert_output $'0 first\n1 second\n2 third\n3 fourth\n4 fifth'
  run -0 timed mq-get -g g -f '%o ' t
  assert_output '0 1 2 3 4 '
  run -0 mq-fsck -n
}

@test "messages of one put stay together while the clock is jumping" {
  (for ((i = 0; i < 40; i++)); do
    jump wall $((i % 2 ? 1 : -1))
    jump boot 1
  done) &
  seq 2000 | timed mq-put --batch=10 t
  wait
  run -0 diff <(seq 2000) <(timed mq-get t)
  run -0 mq-fsck -n
}

@test "a roll, a recovery and an index made anew do not mind a clock that went back" {
  timed mq-topic create t -X segment.bytes=4K
  jump wall $ten_years
  seq 400 | timed mq-put --batch=20 t
  run -0 timed mq-get -g g -c 100 -f '%v\n' t
  jump wall -$((ten_years + hour))
  rm "$(partition_of t)/control"
  seq 401 600 | timed mq-put --batch=20 t
  run -0 diff <(seq 600) <(timed mq-get t)
  run -0 diff <(seq 101 600) <(timed mq-get -g g t)
  run -0 mq-fsck -n
}

@test "a topic in the making is not swept away because the wall clock jumps" {
  timed mq-put -m a t
  in_background making env LD_PRELOAD="$fi" FI='renameat2:do=stop' \
    "$build/bin/mq-topic" create u
  wait_until grep -q 'State:.T' "/proc/$background/status"
  jump wall $ten_years
  timed mq-topic create v
  kill -CONT "$background"
  wait "$background"
  run -0 timed mq-topic list
  assert_output $'t\nu\nv'
}
