#!/usr/bin/env bats
# mq-get -F and -w: sleeping on the doorbell, and what wakes it.
load helper

# The exit status of the last background process.
ended_with() {
  local status=0
  wait "$background" || status=$?
  [ "$status" -eq "$1" ]
}

@test "a follower wakes for every message, whatever was written before" {
  mq-topic create t
  in_background follower mq-get -F t
  wait_until is_asleep "$background"
  mq-put -m first t
  wait_until grep -qx first follower.out
  wait_until is_asleep "$background"
  seq 1000 | mq-put t
  wait_until grep -qx 1000 follower.out
  [ "$(wc -l <follower.out)" -eq 1001 ]
}

# Its look at the topic, once a second, would find a message as well.
@test "a follower is woken by the ring of a put, and not by the end of its sleep" {
  skip_without strace
  mq-topic create t
  in_background follower strace -f -o trace -e trace=futex_waitv,futex \
    mq-get -F t
  for n in $(seq 8); do
    wait_until grep -q 'futex' trace
    mq-put -m "$n" t
    wait_until grep -qx "$n" follower.out
  done
  # What it slept on had rung: the wait ends so, or does not begin.
  rung=$(grep -cE 'futex.*(= [0-9]+$|EAGAIN)' trace)
  echo "$rung rings"
  [ "$rung" -ge 4 ]
}

@test "a follower of the end sees only what comes" {
  seq 5 | mq-put t
  in_background follower mq-get -F -o end t
  wait_until is_asleep "$background"
  mq-put -m new t
  wait_until grep -qx new follower.out
  [ "$(cat follower.out)" = new ]
}

@test "a follower writes what it has before it sleeps" {
  seq 3 | mq-put t
  in_background follower mq-get -F t
  wait_until has_lines follower.out 3
}

@test "a follower sleeps: no wake in a second without news but its look at the topic" {
  mq-put -m x t
  in_background follower mq-get -F t
  wait_until has_lines follower.out 1
  wait_until is_asleep "$background"
  switches() { awk '/^voluntary/ { print $2 }' "/proc/$background/status"; }
  before=$(switches)
  sleep 1
  [ $(($(switches) - before)) -le 3 ]
}

@test "a follower takes up a partition that is added later, from its start" {
  mq-topic create -p 1 t
  in_background follower mq-get -F -o end t
  wait_until is_asleep "$background"
  mq-topic alter -p 3 t
  mq-put -p 2 -m in-two t
  wait_until grep -qx in-two follower.out
  mq-put -p 0 -m in-zero t
  wait_until grep -qx in-zero follower.out
}

@test "a follower goes on in the next segment" {
  mq-topic create -X segment.bytes=64K t
  in_background follower mq-get -F t
  wait_until is_asleep "$background"
  for i in 1 2 3 4; do
    seq -f "$i-%g-$(printf '%0100d' 0)" 400 | mq-put t
  done
  [ "$(segments_of t | wc -l)" -gt 2 ]
  wait_until has_lines follower.out 1600
  [ "$(sort -u follower.out | wc -l)" -eq 1600 ]
}

@test "a follower of several topics wakes for each" {
  mq-topic create a
  mq-topic create b
  in_background follower mq-get -F a b
  wait_until is_asleep "$background"
  mq-put -m from-b b
  wait_until grep -qx from-b follower.out
  mq-put -m from-a a
  wait_until grep -qx from-a follower.out
}

@test "a follower of several topics wakes for each where the kernel cannot wait for several" {
  find_libfi
  mq-topic create a
  mq-topic create b
  in_background follower env LD_PRELOAD="$fi" \
    FI='futex_waitv:do=errno(ENOSYS)' "$build/t/crash/bin/mq-get" -F a b
  wait_until is_asleep "$background"
  mq-put -m from-b b
  wait_until grep -qx from-b follower.out
  mq-put -m from-a a
  wait_until grep -qx from-a follower.out
}

@test "a follower with -c or with an end in the range ends there" {
  mq-topic create t
  in_background counted mq-get -F -c 3 t
  counted=$background
  in_background ranged mq-get -F -o 1:3 t
  ranged=$background
  seq 5 | mq-put t
  wait "$counted"
  wait "$ranged"
  [ "$(tr '\n' ' ' <counted.out)" = '1 2 3 ' ]
  [ "$(tr '\n' ' ' <ranged.out)" = '2 3 ' ]
}

@test "a follower says so when its topic is deleted" {
  mq-put -m x t
  in_background follower mq-get -F t
  wait_until has_lines follower.out 1
  mq-topic delete --yes t
  ended_with 66
  grep -q t follower.err
}

@test "-w waits for the first message, and no longer than it says" {
  mq-topic create t
  run -1 mq-get -w 50ms t
  in_background waiting mq-get -w 60s t
  wait_until is_asleep "$background"
  mq-put -m here t
  wait "$background"
  [ "$(cat waiting.out)" = here ]
  run -0 mq-get -w 60s t
  assert_output here
}

@test "TERM ends a follower by that signal, with everything written" {
  seq 3 | mq-put t
  in_background follower mq-get -F t
  wait_until has_lines follower.out 3
  kill -TERM "$background"
  ended_with 143
}

@test "TERM ends a reader whose output nobody takes" {
  seq 100000 | mq-put t
  for option in --quiet --follow --framing=native; do
    rm -f reader.out
    mkfifo reader.out
    exec 9<>reader.out
    in_background reader mq-get "$option" t
    head -c 1 <&9 >byte
    wait_until is_asleep "$background"
    kill -TERM "$background"
    ended_with 143
    exec 9>&-
  done
}

@test "new messages do not keep a plain read from ending" {
  seq 1000 | mq-put t
  in_background writer bash -c 'while :; do seq 100 | mq-put t; done'
  timeout 20 mq-get t >out
  [ "$(head -n 1000 out)" = "$(seq 1000)" ]
}

@test "a topic of more partitions than a process may have files by default is read and followed" {
  mq-topic create -p 400 wide
  ulimit -Sn 256
  seq 2000 | sed 's/.*/&:&/' | mq-put -K : wide
  [ "$(mq-get wide | sort -n)" = "$(seq 2000)" ]
  in_background follower mq-get -F wide
  wait_until has_lines follower.out 2000
}
