#!/usr/bin/env bats
# mq-get -g: leases to stdout, settled as --ack says.
load helper

put() {
  printf '%s\n' "$@" | mq-put jobs
}

# So many messages of a hundred bytes, in few batches: a server leases only what
# one answer holds, which of many batches is less than is asked for.
put_long() {
  seq -f '%0100.0f' "$1" | mq-put jobs
}

@test "a new group begins at the topic's start and gets each message once" {
  put a b c
  run -0 mq-get -g g jobs
  assert_output $'a\nb\nc'
  run -1 mq-get -g g jobs
  assert_output ''
}

@test "-o of its first member says where a new group begins" {
  put a b c
  run -0 mq-get -g tail -o -1 jobs
  assert_output c
  run -1 mq-get -g end -o end jobs
  put d
  run -0 mq-get -g end -o start jobs
  assert_output d
}

@test "groups do not take messages from each other" {
  put a
  run -0 mq-get -g one jobs
  assert_output a
  run -0 mq-get -g two jobs
  assert_output a
}

@test "-c takes no more than that many" {
  put a b c
  run -0 mq-get -g g -c 2 jobs
  assert_output $'a\nb'
  run -0 mq-get -g g jobs
  assert_output c
}

@test "the recipe for an empty queue works" {
  put a
  run -0 sh -c 'mq-get -c1 -g g jobs >/dev/null || echo empty'
  assert_output ''
  run -0 sh -c 'mq-get -c1 -g g jobs >/dev/null || echo empty'
  assert_output empty
}

@test "a message that does not match is acknowledged unseen" {
  mq-put -k red -m a jobs
  mq-put -k blue -m b jobs
  mq-put -k red -m c jobs
  run -0 mq-get -g g --key red jobs
  assert_output $'a\nc'
  run -1 mq-get -g g jobs
}

@test "several topics are leased together" {
  put a
  echo b | mq-put other
  run -0 sh -c 'mq-get -g g jobs other | sort'
  assert_output $'a\nb'
}

@test "a topic that is named twice is leased once, in every order" {
  seq 5 | mq-put jobs
  seq 6 9 | mq-put other
  for order in none key partition; do
    run -0 mq-get -g "$order" --order="$order" jobs other jobs
    [ "$(sort <<<"$output")" = "$(seq 9)" ]
  done
}

@test "a reader that goes away leaves the rest of its messages to others" {
  seq -f 'message number %.0f' 50000 | mq-put jobs
  mq-get -g g jobs | head -n 1 >first || true
  grep -q '^message number 1$' first
  mq-get -g g jobs >rest
  tail -n 1 rest | grep -q '^message number 50000$'
  # What the pipe took is delivered; nothing is left out behind it.
  head -n 1 rest | grep -q -v '^message number 1$'
  first=$(head -n 1 rest | cut -d' ' -f3)
  [ "$(wc -l <rest)" -eq $((50000 - first + 1)) ]
}

@test "a full output releases what it did not take" {
  [ -e /dev/full ] || skip "no /dev/full here"
  put a b
  run -74 --separate-stderr sh -c 'mq-get -g g jobs >/dev/full'
  assert_stderr 'write output'
  run -0 mq-get -g g -f '%a %v\n' jobs
  assert_output $'1 a\n1 b'
}

@test "a slow reader keeps its lease" {
  put_long 1000
  mkfifo pipe
  mq-get -g g --lease 300ms jobs >pipe 3>&- &
  writer=$!
  exec 5<pipe
  wait_until is_pipe_full 5
  # The pipe is full; for longer than the lease, nobody else gets anything.
  run -1 mq-get -g g -w 1s jobs
  cat <&5 >out
  exec 5<&-
  wait "$writer"
  [ "$(wc -l <out)" -eq 1000 ]
  run -1 mq-get -g g jobs
}

@test "--ack=before settles before it writes" {
  put a b
  run -0 sh -c 'mq-get -g g --ack=before jobs >/dev/full; true'
  run -1 mq-get -g g jobs
}

@test "--ack=manual leaves the settling to mq-ack, and outlives the process" {
  put a
  r=$(mq-get -g g --ack=manual -f '%r' jobs)
  run -1 mq-get -g g jobs
  mq-ack "$r"
  run -1 mq-get -g g jobs
  run -1 --separate-stderr mq-ack "$r"
  assert_stderr 'jobs:0:0'
}

@test "a manual lease that runs out is taken again, and counted" {
  put a
  mq-get -g g --ack=manual --lease 50ms jobs >/dev/null
  run -0 mq-get -g g --ack=manual -w 10s -f '%a %v' jobs
  assert_output '2 a'
}

@test "--save keeps the payload byte for byte" {
  printf 'one\0two\n' | mq-put -1 jobs
  run -0 mq-get -g g --ack=manual -c1 -f '%r' --save msg jobs
  printf 'one\0two\n' | cmp - msg
  mq-ack "$output"
}

@test "--save writes no file when there is no message" {
  mq-put -m a jobs
  mq-get -g g jobs >/dev/null
  run -1 mq-get -g g --save msg jobs
  [ ! -e msg ]
}

@test "the recipe with receipts works every message off" {
  put a fail c
  cat >work <<'END'
#!/bin/sh
read m
echo "$m" >>worked
[ "$m" != fail ] || [ "$(grep -c fail worked)" -gt 1 ]
END
  chmod +x work
  while r=$(mq-get -g g --ack=manual -c1 -w 3s --backoff 50ms..50ms \
      -f '%r' --save msg jobs); do
    ./work <msg && mq-ack "$r" || mq-ack --release=50ms "$r"
  done
  [ "$(sort worked | tr '\n' ' ')" = 'a c fail fail ' ]
}

@test "-w waits for the first message, and no longer than it says" {
  mq-topic create jobs
  in_background waiter mq-get -g g -w 20s jobs
  wait_until is_asleep "$background"
  put a
  wait "$background"
  [ "$(cat waiter.out)" = a ]
  run -1 mq-get -g g -w 50ms jobs
}

@test "-F goes on until it is told to stop, and dies of that signal" {
  put a
  in_background follower mq-get -F -g g jobs
  wait_until grep -q a follower.out
  put b
  wait_until grep -q b follower.out
  kill -TERM "$background"
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 143 ]
  run -1 mq-get -g g jobs
}

@test "what a killed consumer held is free at once" {
  put_long 20000
  mkfifo pipe
  mq-get -g g --lease 1h jobs >pipe &
  writer=$!
  exec 5<pipe
  read -r -u 5 line
  [ "$line" = "$(printf '%0100d' 1)" ]
  crash "$writer"
  run -0 mq-get -g g -w 5s -c 1 -f '%a' jobs
  assert_output 2
  exec 5<&-
}

@test "a waiting consumer takes over when another one is killed" {
  put a
  put_long 999
  mkfifo pipe
  sleep 100 <pipe >/dev/null 3>&- &
  backgrounds+=("$!")
  mq-get -g g --lease 1h jobs >pipe 3>&- &
  holder=$!
  # The pipe takes less than its lease holds.
  exec 8<>pipe
  wait_until is_pipe_full 8
  exec 8>&-
  run -1 mq-get -g g jobs
  in_background next mq-get -F -g g jobs
  wait_until is_asleep "$background"
  [ ! -s next.out ]
  crash "$holder"
  # What the pipe took may be settled by now, but not what is behind it.
  wait_until grep -qx '0*999' next.out
}

@test "attempts and receipts are in the format" {
  put a
  run -0 mq-get -g g --ack=manual -f '%a %r\n' jobs
  [[ $output =~ ^1\ jobs:0:0:g:[0-9a-f]+$ ]]
}

@test "native framing carries leased messages" {
  mq-put -k key -H n=v -m a jobs
  mq-put -k key -m b jobs
  mq-get -g g --framing=native jobs | mq-put --framing=native copy
  run -0 mq-get -f '%k %v\n' copy
  assert_output $'key a\nkey b'
  run -1 mq-get -g g jobs
}

@test "--order=key gives a key to one consumer at a time, in order" {
  for i in 1 2; do
    mq-put -k x -m "x$i" jobs
    mq-put -k y -m "y$i" jobs
  done
  r=$(mq-get -g g --order=key --ack=manual -c1 -f '%r' --save first jobs)
  [ "$(cat first)" = x1 ]
  run -0 mq-get -g g --order=key --ack=manual -c1 jobs
  assert_output y1
  run -1 mq-get -g g --order=key jobs
  mq-ack "$r"
  run -0 mq-get -g g --order=key --ack=manual -c1 jobs
  assert_output x2
}

@test "--order=partition gives each member whole partitions, in order" {
  mq-topic create -p 2 jobs
  for i in $(seq 100); do echo "$i"; done | mq-put -p 0 jobs
  for i in $(seq 100); do echo "$i"; done | mq-put -p 1 jobs
  mq-get -g g --order=partition -f '%p %v\n' jobs >out
  [ "$(wc -l <out)" -eq 200 ]
  sed -n 's/^0 //p' out | sort -nc
  sed -n 's/^1 //p' out | sort -nc
}

@test "a living group keeps its order" {
  mq-topic create jobs
  in_background member mq-get -F -g g jobs
  wait_until mq-group show g
  run -64 --separate-stderr mq-get -g g --order=partition jobs
}

@test "messages that were begun with in one order are not taken in another" {
  seq 5 | mq-put jobs
  mq-get -g g --order=key -c1 jobs
  run -64 --separate-stderr mq-get -g g jobs
  assert_stderr '--order=key'
  run -0 mq-get -g g --order=key jobs
  assert_output $'2\n3\n4\n5'
  run -1 mq-get -g g jobs
}

@test "TERM ends a consumer whose output is full, and frees what is in hand" {
  put_long 1000
  mkfifo pipe
  mq-get -g g --lease 1h jobs >pipe 3>&- &
  writer=$!
  exec 5<pipe
  wait_until is_pipe_full 5
  kill -TERM "$writer"
  status=0
  wait "$writer" || status=$?
  [ "$status" -eq 143 ]
  cat <&5 >out
  exec 5<&-
  mq-get -g g jobs >rest
  # The last of the first reader may be half a message: it comes again.
  { grep -x '[0-9]\{100\}' out || true; cat rest; } | sort -u >all
  [ "$(wc -l <all)" -eq 1000 ]
  [ "$(head -n 1 rest | sed 's/^0*//')" -gt 1 ]
}

@test "a closed output delivers nothing" {
  put a
  run -74 --separate-stderr sh -c 'mq-get -g g jobs >&-'
  run -0 mq-get -g g -f '%a%v' jobs
  assert_output 1a
}

@test "a damaged message is named, settled as gone, and the rest is served" {
  for i in 1 2 3; do mq-put -m "message $i" jobs; done
  segment=$(segments_of jobs)
  at=$(grep -abo 'message 2' "$segment" | cut -d: -f1)
  printf X | dd of="$segment" bs=1 seek="$at" conv=notrunc 2>dd
  run -0 --separate-stderr mq-get -q -g g jobs
  assert_output $'message 1\nmessage 3'
  assert_stderr 'offsets 1 to 1'
  run -1 mq-get -g g jobs
  run -0 --separate-stderr mq-get -q -g w jobs -- sh -c 'cat; echo'
  assert_output $'message 1\nmessage 3'
  run -1 mq-get -g w jobs
}

@test "--order=key passes over a damaged message, and keeps its key in order" {
  for i in 1 2 3; do mq-put -k same -m "message $i" jobs; done
  segment=$(segments_of jobs)
  at=$(grep -abo 'message 2' "$segment" | cut -d: -f1)
  printf X | dd of="$segment" bs=1 seek="$at" conv=notrunc 2>dd
  run -0 --separate-stderr mq-get -q -g g --order=key jobs
  assert_output $'message 1\nmessage 3'
  run -1 mq-get -g g --order=key jobs
}

@test "a topic that is deleted ends its consumers with 66" {
  put a
  in_background follower mq-get -F -g g jobs
  wait_until grep -q a follower.out
  mq-topic delete --yes jobs
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 66 ]
}

@test "group options without a group are refused" {
  put a
  for option in --ack=before --lease=1s --order=key --save=x --batch=2 \
    --max-attempts=2 --backoff=1s..2s --kill-after=1s --on-exit=3=drop; do
    run -64 --separate-stderr mq-get "$option" jobs
    assert_stderr 'needs a group'
  done
}

@test "worker options without a worker are refused" {
  put a
  for option in -P2 --kill-after=1s --on-exit=3=drop --on-dead=x; do
    run -64 --separate-stderr mq-get -g g "$option" jobs
    assert_stderr 'needs a worker'
  done
}

@test "bad groups and values are usage errors" {
  put a
  for arguments in '-g a/b' '-g ..' '-g g --lease 0' '-g g --batch 0' \
    '-g g -o 1:2' '-g g --max-attempts 0' '-g g --ack=never'; do
    run -64 --separate-stderr mq-get $arguments jobs
  done
}

@test "a topic that is not there is 66" {
  put a
  run -66 --separate-stderr mq-get -g g nowhere
}

@test "USR1 prints a line of progress" {
  put a
  in_background follower mq-get -F -g g jobs
  wait_until grep -q a follower.out
  wait_until is_asleep "$background"
  kill -USR1 "$background"
  wait_until grep -q '1 delivered' follower.err
}

@test "twenty consumers at once share out all messages, each once" {
  seq 20000 | mq-put jobs
  for i in $(seq 20); do
    mq-get -g g --batch 50 jobs >"out.$i" 2>"err.$i" 3>&- &
    backgrounds+=("$!")
  done
  wait "${backgrounds[@]}"
  cat out.* | sort -n | cmp - <(seq 20000)
  ! grep -i locked err.*
}

@test "messages whose codec is not installed here are given back, not settled" {
  seq 100 | mq-put -z zstd jobs
  mkdir none
  : >none/libzstd.so.1
  for order in none key partition; do
    LD_LIBRARY_PATH=$PWD/none run -71 --separate-stderr \
      mq-get -g "$order" --order=$order jobs
    assert_output ''
    assert_stderr libzstd
    run -0 mq-get -g "$order" --order=$order jobs
    assert_output "$(seq 100)"
  done
}

@test "workers do not settle messages whose codec is not installed here" {
  seq 100 | mq-put -z zstd jobs
  mkdir none
  : >none/libzstd.so.1
  LD_LIBRARY_PATH=$PWD/none run -71 --separate-stderr \
    mq-get -g g -P 2 jobs -- cat
  assert_stderr libzstd
  run -0 mq-get -g g jobs
  assert_output "$(seq 100)"
}
