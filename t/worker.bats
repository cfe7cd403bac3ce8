#!/usr/bin/env bats
# mq-get -g GROUP TOPIC -- CMD: what workers get, and what their exit does.
load helper

put() {
  printf '%s\n' "$@" | mq-put jobs
}

# Works off jobs as group g; "$@" are options, then --, then the worker.
work() {
  local options=()
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  mq-get -g g "${options[@]}" jobs "$@"
}

@test "a worker has the payload on its stdin, byte for byte" {
  printf 'a\0b\nc' | mq-put -1 jobs
  work -- sh -c 'cat >got'
  printf 'a\0b\nc' | cmp - got
}

@test "a worker knows its message by its environment" {
  mq-put -k 'a key' -t red --timestamp @1000 -m x jobs
  run -0 work -- sh -c 'echo "$MQ_TOPIC|$MQ_PARTITION|$MQ_OFFSET|$MQ_KEY|\
$MQ_TIMESTAMP|$MQ_ATTEMPT|$MQ_TAG|${MQ_COUNT-none}"; echo "$MQ_RECEIPT"'
  [ "${lines[0]}" = 'jobs|0|0|a key|1000000|1|red|none' ]
  [[ ${lines[1]} =~ ^jobs:0:0:g:[0-9a-f]+$ ]]
}

@test "a message without key or tag leaves no variable behind" {
  put x
  MQ_KEY=ours MQ_TAG=ours run -0 work -- sh -c 'echo "${MQ_KEY-none} \
${MQ_TAG-none}"'
  [[ $output =~ ^none\ +none$ ]]
}

@test "a worker's own tools find the same spool" {
  put x
  unset MQ_SPOOL
  run -0 mq-get -C spool -g g jobs -- sh -c 'cd / && mq-put -m y answers'
  run -0 mq-get -C spool answers
  assert_output y
}

@test "exit 0 acknowledges" {
  put a
  run -0 work -- true
  run -1 mq-get -g g jobs
}

@test "exit 99 acknowledges and stops with 0" {
  put a b
  run -0 work -- sh -c 'cat; exit 99'
  assert_output a
  run -0 mq-get -g g jobs
  assert_output b
}

@test "exit 65 and 100 make a dead letter at once" {
  for code in 65 100; do
    put "message $code"
    run -1 --separate-stderr work -- sh -c "echo bad >&2; exit $code"
    run -1 mq-get -g g jobs
  done
  run -0 mq-get jobs.dead
  assert_output $'message 65\nmessage 100'
}

@test "any other exit is tried again after a back-off, and counted" {
  put a
  run -1 --separate-stderr work -- sh -c 'exit 7'
  assert_stderr 'jobs:0:0: attempt 1: worker exited with 7'
  run -1 work -- true
  run -0 work -w 10s -- sh -c 'echo $MQ_ATTEMPT'
  assert_output 2
}

@test "the back-off is the one asked for" {
  put a
  run -1 --separate-stderr work -c 1 --backoff 10ms..10ms -- false
  run -0 work -w 10s -- sh -c 'echo $MQ_ATTEMPT'
  assert_output 2
}

@test "a message becomes a dead letter after its last attempt" {
  put a
  run -1 --separate-stderr work --backoff 1ms..1ms --max-attempts 3 -w 10s \
    -- sh -c 'echo run >>runs; exit 1'
  for i in 2 3; do
    work --backoff 1ms..1ms --max-attempts 3 -w 10s \
      -- sh -c 'echo run >>runs; exit 1' 2>/dev/null || true
  done
  [ "$(wc -l <runs)" -eq 3 ]
  run -0 mq-get jobs.dead
  assert_output a
}

@test "a worker that kills itself has failed" {
  put a
  run -1 --separate-stderr work -c 1 --backoff 1ms..1ms -- \
    sh -c 'kill -9 $$'
  assert_stderr 'died of signal 9'
  run -0 work -w 10s -- cat
  assert_output a
}

@test "N+1 messages that fail do not wedge a consumer" {
  mq-topic create -X mq.max-attempts=2 -X mq.backoff=1ms..1ms jobs
  put 1 2 3 4 5 6 good
  in_background pool mq-get -F -g g -P 2 jobs -- \
    sh -c 'read m; [ "$m" = good ] && echo done; [ "$m" = good ]'
  wait_until grep -q done pool.out
  wait_until sh -c '[ "$(mq-get jobs.dead | wc -l)" -eq 6 ]'
  kill -TERM "$background"
  wait "$background" || true
}

@test "exit 126, 127 and 255 stop with that code and count nothing" {
  put a b
  for code in 126 127 255; do
    run "-$code" --separate-stderr work -- sh -c "echo run >>runs; exit $code"
  done
  [ "$(wc -l <runs)" -eq 3 ]
  run -0 work -- sh -c 'echo $MQ_ATTEMPT'
  assert_output $'1\n1'
}

@test "a missing worker is 127, does not spin and counts nothing" {
  put a b c
  run -127 --separate-stderr work -F -- /nowhere/worker
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
  assert_stderr 'not found'
  run -0 work -- sh -c 'echo $MQ_ATTEMPT'
  assert_output $'1\n1\n1'
}

@test "a worker that cannot be executed is 126" {
  put a
  echo text >file
  run -126 --separate-stderr work -- ./file
  run -0 mq-get -g g -f '%a' jobs
  assert_output 1
}

@test "--kill-after ends a worker, its children too: 124" {
  put a
  run -124 --separate-stderr work -c 1 --kill-after 100ms \
    --backoff 1ms..1ms -- \
    sh -c 'sleep 60 & echo $! >child; wait'
  assert_stderr 'was killed at its time limit'
  ! kill -0 "$(cat child)" 2>/dev/null
  run -0 work -w 10s -- sh -c 'echo $MQ_ATTEMPT'
  assert_output 2
}

@test "a worker that ignores TERM is killed" {
  put a
  run -124 --separate-stderr work --kill-after 50ms -- \
    sh -c 'trap "" TERM; while :; do sleep 1; done'
}

@test "--on-exit lays the user's table over ours" {
  put 3 4 5 6 0
  run -0 --separate-stderr work --on-exit 3=drop,4=dead \
    --on-exit 5=retry,6=ack,0=dead --backoff 1h..1h -- \
    sh -c 'read code; exit $code'
  run -0 mq-get jobs.dead
  assert_output $'4\n0'
  run -1 mq-get -g g jobs
}

@test "a bad --on-exit is a usage error" {
  put a
  for table in 3 3=x x=drop 256=drop ''; do
    run -64 --separate-stderr mq-get -g g --on-exit="$table" jobs -- true
  done
}

@test "--batch gives a worker several messages, framed as asked" {
  put a b c d e
  run -0 work --batch 2 -- sh -c 'echo $MQ_COUNT: $(cat)'
  assert_output $'2: a b\n2: c d\n1: e'
  put x y
  run -0 work --batch 2 -0 -- sh -c 'tr "\0" ,; echo'
  assert_output 'x,y,'
}

@test "a batch is settled as one" {
  put a b c
  run -1 --separate-stderr work -c 3 --batch 3 --backoff 1ms..1ms -- false
  run -0 work --batch 3 -w 10s -- sh -c 'echo $MQ_ATTEMPT $(cat)'
  assert_output '2 a b c'
}

@test "what does not match is acknowledged, also between a failing batch" {
  for k in x y x y; do mq-put -k $k -m "$k" jobs; done
  # Taken again meanwhile it would fail again, and often it dies.
  run -1 --separate-stderr work --key x --batch 4 --backoff 1s..1s -- false
  run -0 mq-get -g g -w 10s -f '%o ' jobs
  assert_output '0 2 '
}

@test "a worker that reads nothing is fed nothing, and its exit decides" {
  head -c 1000000 /dev/zero | mq-put -1 jobs
  run -0 work -- true
  run -1 mq-get -g g jobs
}

@test "a message of 8 MiB arrives whole" {
  head -c 8388608 /dev/urandom >big
  mq-put -1 jobs <big
  work -- sh -c 'cat >copy'
  cmp big copy
}

@test "an empty message has an empty stdin" {
  printf '\n' | mq-put jobs
  run -0 work -- sh -c 'wc -c'
  [ "$((output))" -eq 0 ]
}

@test "-P runs that many at once" {
  put 1 2 3 4
  run -0 work -P 4 -- sh -c '
    : >"here.$MQ_OFFSET"
    until [ -e here.0 ] && [ -e here.1 ] && [ -e here.2 ] && [ -e here.3 ]
    do sleep 0.01; done'
}

@test "-c counts what workers got" {
  put a b c
  run -0 work -c 2 -P 4 -- cat
  [ "${#output}" -eq 2 ]
  run -0 mq-get -g g jobs
  assert_output c
}

@test "the lease is renewed while a worker lives" {
  put a
  mkfifo go
  in_background one mq-get -g g --lease 200ms jobs -- \
    sh -c ': >started; read x <go'
  wait_until test -e started
  run -1 mq-get -g g -w 700ms jobs
  echo x >go
  wait "$background"
}

@test "TERM lets running workers finish and gives back the rest" {
  put a b c
  mkfifo go
  in_background pool mq-get -F -g g jobs -- sh -c 'echo "$$" >pid; read x <go'
  wait_until test -s pid
  kill -TERM "$background"
  wait_until is_asleep "$background"
  kill -0 "$(cat pid)"
  echo x >go
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 143 ]
  run -0 mq-get -g g -f '%a%v\n' jobs
  assert_output $'1b\n1c'
}

is_after() {
  [ "${EPOCHREALTIME/./}" -gt "$1" ]
}

@test "TERM twice at once, as timeout(1) sends it, is one TERM" {
  put a
  in_background pool mq-get -F -g g jobs -- \
    sh -c 'echo $$ >pid; until [ -e go ]; do sleep 0.01; done'
  wait_until test -s pid
  kill -STOP "$background"
  kill -TERM "$background"
  kill -CONT "$background"
  kill -TERM "$background"
  wait_until is_after $((${EPOCHREALTIME/./} + 100000))
  touch go
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 143 ]
  run -1 mq-get -g g jobs
  grep -q '1 delivered, 0 released' pool.err
}

@test "a second TERM ends the workers, which counts nothing" {
  put a
  in_background pool mq-get -F -g g jobs -- sh -c 'echo $$ >pid; exec sleep 60'
  wait_until test -s pid
  kill -TERM "$background"
  wait_until is_after $((${EPOCHREALTIME/./} + 20000))
  kill -TERM "$background"
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 143 ]
  run -0 mq-get -g g -f '%a' jobs
  assert_output 1
}

@test "a service takes messages as they come, also beside a slow worker" {
  mq-topic create jobs
  mkfifo go
  in_background pool mq-get -F -g g -P 2 jobs -- \
    sh -c 'read m; [ "$m" != slow ] || read x <go; echo "$m"'
  wait_until is_asleep "$background"
  put slow
  wait_until grep -q slow <(mq-get jobs)
  put fast
  wait_until grep -q fast pool.out
  ! grep -q slow pool.out
  echo x >go
  wait_until grep -q slow pool.out
  kill -TERM "$background"
  wait "$background" || true
}

@test "a slow worker does not keep messages from other consumers" {
  put 1 2 3 4 5 6 7 8
  mkfifo go
  in_background slow mq-get -g g jobs -- \
    sh -c '[ "$MQ_OFFSET" -lt 4 ] || { : >stuck; read x <go; }'
  wait_until test -e stuck
  wait_until sh -c 'mq-get -g g jobs >>others; [ $(wc -l <others) -eq 3 ]'
  echo x >go
  wait "$background"
}

@test "what a killed mq-get's worker held is free at once" {
  put a
  in_background pool mq-get -g g --lease 1h jobs -- \
    sh -c 'echo $$ >pid; exec sleep 60'
  wait_until test -s pid
  crash "$background"
  run -0 mq-get -g g -w 5s -f '%a' jobs
  assert_output 2
  kill -9 "$(cat pid)"
}

@test "the stderr of a worker is ours, and its end is in the dead letter" {
  put a
  run -1 --separate-stderr work -- \
    sh -c 'yes noise | head -c 20000 >&2; echo "last words" >&2; exit 65'
  assert_stderr 'last words'
  run -0 mq-get -j jobs.dead
  [[ $output == *'last words'* ]]
  [[ $output == *'"mq.dead.exit-status","65"'* ]]
  [ "${#output}" -lt 6000 ]
}

@test "a signal is in the dead letter" {
  put a
  run -1 --separate-stderr work --max-attempts 1 -- sh -c 'kill -SEGV $$'
  run -0 mq-get -j jobs.dead
  [[ $output == *'"mq.dead.signal","11"'* ]]
}

@test "--on-dead runs with the message once it is a dead letter" {
  put good bad
  run -0 --separate-stderr work \
    --on-dead 'echo "$MQ_OFFSET $(cat)" >>buried; mq-get jobs.dead >>buried' \
    -- sh -c 'read m; [ "$m" = good ] || exit 100'
  [ "$(cat buried)" = $'1 bad\nbad' ]
}

@test "--order=key never runs two messages of a key at once, and in order" {
  for i in $(seq 30); do echo "k$((i % 3)):$i"; done | mq-put -K : jobs
  run -0 work --order=key -P 6 -- sh -c '
    mkdir "lock.$MQ_KEY" || exit 255
    cat >>"log.$MQ_KEY"; echo >>"log.$MQ_KEY"
    rmdir "lock.$MQ_KEY"'
  for k in k0 k1 k2; do
    [ "$(wc -l <"log.$k")" -eq 10 ]
    sort -nc "log.$k"
  done
}

@test "a worker service is one line" {
  printf 'To: a\n\nhello' | mq-put -1 mailq
  cat >sendmail <<'END'
#!/bin/sh
[ "$1" = -t ] && cat >>sent
END
  chmod +x sendmail
  in_background mail env PATH="$PWD:$PATH" mq-get -F -g mail -P 4 mailq \
    -- sendmail -t
  wait_until grep -q hello sent
  kill -TERM "$background"
  wait "$background" || true
}

@test "workers do not inherit our descriptors" {
  put a
  : >seen
  list='ls /proc/self/fd | tr "\n" " "'
  run -0 work -- sh -c "$list"
  [ "$output" = "$(sh -c "$list" <seen)" ]
}

@test "a worker is started with a closed stdin and stderr of ours, too" {
  put a
  run -0 sh -c 'mq-get -g g jobs -- cat <&- 2>&-'
  assert_output a
}
