#!/usr/bin/env bats
# Promise: what the tools do with a directory they do with a server.

load helper

@test "a put over the network says nothing and is stored" {
  serve
  run -0 --separate-stderr mq-put -b "$broker" -m hello t
  assert_output ''
  [ -z "$stderr" ]
  [ "$(mq-get t)" = hello ]
}

@test "what the README does over the network works" {
  skip_without kcat
  serve
  sed -n '/^And over the network/,/^## / s/^    //p' \
    "$repository/README.md" >commands
  [ "$(head -n 1 commands | cut -d '&' -f 1)" = 'mq-serve ' ]
  sed -i "1d; s/127.0.0.1/$broker/" commands
  run -0 --separate-stderr remotely bash -e commands
  assert_output hello
}

@test "MQ_BROKERS stands for -b, and both it and MQ_SPOOL are too much" {
  serve
  remotely mq-put -m there t
  [ "$(mq-get t)" = there ]
  MQ_BROKERS=$broker run -64 mq-put -m x t
  MQ_BROKERS=$broker mq-put -C "$MQ_SPOOL" -m local t
  run -64 mq-put -C "$MQ_SPOOL" -b "$broker" -m x t
  [ "$(mq-get t | tail -n 1)" = local ]
}

@test "one message costs one connection and two round trips" {
  skip_without strace
  serve
  mq-put -b "$broker" -m first t
  strace -o calls -e trace=connect,sendto,recvfrom mq-put -b "$broker" -m x t
  [ "$(grep -c '^connect' calls)" -eq 1 ]
  # ApiVersions and Metadata leave before any answer, then Produce.
  [ "$(grep '^[a-z]' calls | grep -v EAGAIN | cut -c 1-4 | uniq | tr '\n' ' ')" = "conn send recv send recv " ]
}

@test "keys, headers, tags, times, codecs and partitions arrive as from a local put" {
  serve
  mq-topic create -p 4 t
  mq-topic create -p 4 u
  for where in "-C $MQ_SPOOL t" "-b $broker u"; do
    for key in a b c d e f; do
      mq-put -k "$key" -t red -H n=v --timestamp @1234567890 -m "$key" ${where% *} "${where##* }"
    done
    mq-put -p 3 -z gzip -m three ${where% *} "${where##* }"
  done
  fields='%p %k %h %d %v\n'
  diff <(mq-get -f "$fields" t | grep -v three | sort) <(mq-get -f "$fields" u | grep -v three | sort)
  [ "$(mq-get -p 3 u | tail -n 1)" = three ]
}

@test "a long stream arrives whole and in order, and -v tells where" {
  serve
  seq 100000 | mq-put -b "$broker" -v t >offsets
  mq-get t | cmp - <(seq 100000)
  cmp offsets <(seq 0 99999 | sed 's/^/t:0:/')
}

@test "kill -9 of the server while messages stream in neither loses nor doubles one" {
  mq-topic create -p 3 t
  serve
  mkfifo gate
  in_background put bash -c '{ seq 50000; cat gate; seq 50001 100000; } | mq-put -b "$1" t' put "$broker"
  put=$background
  wait_until eval '[ "$(count_of t)" -ge 20000 ]'
  crash "$server"
  : >gate
  serve
  wait "$put"
  mq-get t | sort -n | cmp - <(seq 100000)
}

@test "native batches keep keys, headers and times over the network" {
  serve
  for i in 1 2 3; do mq-put -k "k$i" -H "h=$i" --timestamp "@$i" -m "$i" t; done
  mq-get --framing=native t | mq-put --framing=native -b "$broker" u
  diff <(mq-get -f '%k %h %d %v\n' t) <(mq-get -f '%k %h %d %v\n' u)
}

@test "batches that the topic's limit is too small for are made smaller" {
  mq-topic create -X max.message.bytes=4096 t
  serve
  seq 10000 | mq-put -b "$broker" t
  mq-get t | cmp - <(seq 10000)
}

@test "failures have the exit statuses of local ones" {
  serve
  mq-topic create -X max.message.bytes=4096 t
  run -64 mq-put -b "$broker" -m x 'bad/name'
  run -66 mq-put -b "$broker" -p 7 -m x t
  head -c 5000 /dev/zero | tr '\0' x >large
  run -65 mq-put -b "$broker" -1 t large
  crash "$server"
  run -69 --separate-stderr mq-put -b "$broker" -m x t
  assert_stderr "$broker: Connection refused"
}

@test "-X gives settings to a topic that a put over the network makes" {
  serve
  mq-put -b "$broker" -X mq.sync=never -m one t
  mq-put -b "$broker" -X mq.sync=always -m two t
  mq-topic show t | grep -x 'mq.sync: never'
  [ "$(count_of t)" -eq 2 ]
  run -78 mq-put -b "$broker" -X no.such.key=1 -m x u
}

@test "a topic that is deleted under a put ends it with 66" {
  serve
  mkfifo lines
  in_background put bash -c 'mq-put -b "$1" t <lines' put "$broker"
  exec 9>lines
  echo one >&9
  wait_until eval '[ "$(count_of t)" -eq 1 ]'
  echo 'auto.create.topics: false' >"$MQ_SPOOL/mq.yaml"
  mq-topic delete --yes t
  echo two >&9
  exec 9>&-
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 66 ]
}

@test "--timeout ends a put that nobody answers, with 75" {
  serve
  mq-put -b "$broker" -m x t
  kill -STOP "$server"
  run -75 --separate-stderr mq-put -b "$broker" --timeout 200ms -m y t
  kill -CONT "$server"
  assert_stderr 'timed out (0 messages stored)'
}

@test "--acks 0, 1 and all store what they are given" {
  serve
  for acks in 0 1 all; do
    seq 1000 | mq-put -b "$broker" --acks "$acks" "acks$acks"
    wait_until eval '[ "$(count_of "acks$acks")" -eq 1000 ]'
    mq-get "acks$acks" | cmp - <(seq 1000)
  done
  run -64 mq-put -b "$broker" --acks 2 -m x t
}

@test "a read over the network is what a local one is, from and to anywhere" {
  mq-topic create -p 3 t
  mq-topic create u
  seq 20000 | mq-put t
  seq 1000 | mq-put u
  serve
  diff <(mq-get t | sort) <(mq-get -b "$broker" t | sort)
  for range in start end 5 -5 990:995 -10:-5 @0 @99999999999 2000; do
    diff <(mq-get -o "$range" u; echo $?) <(mq-get -b "$broker" -o "$range" u; echo $?)
  done
  diff <(mq-get t u | sort) <(mq-get -b "$broker" t u | sort)
  mq-get -p 1 t | cmp - <(mq-get -b "$broker" -p 1 t)
}

@test "filters, formats and framings are the same over the network" {
  for i in 1 2 3; do mq-put -k "k$i" -t "t$i" -H "h=$i" --timestamp "@$i" -m "$i" t; done
  mq-put -z gzip -m packed t
  serve
  for options in --json -0 --framing=netstring --framing=native '-f%p:%o:%d:%k:%h:%v\n' \
    --key=k2 --tag=t1 --header=h=3 --since=@2 -c2 -v; do
    mq-get "$options" t >local 2>&1
    mq-get -b "$broker" "$options" t >remote 2>&1
    cmp local remote
    [ -s remote ]
  done
}

@test "a follower over the network goes on where it was after kill -9 of the server" {
  mq-put -m one t
  serve
  in_background follow mq-get -b "$broker" -F t
  follow=$background
  wait_until has_lines follow.out 1
  mq-put -m two t
  wait_until has_lines follow.out 2
  crash "$server"
  mq-put -m three t
  serve
  wait_until has_lines follow.out 3
  kill "$follow"
  status=0
  wait "$follow" || status=$?
  [ "$status" -eq 143 ]
  diff follow.out <(printf 'one\ntwo\nthree\n')
}

@test "-w waits for a first message over the network, and ends without one" {
  mq-put -m one t
  serve
  run -1 mq-get -b "$broker" -o end -w 100ms t
  in_background waiter mq-get -b "$broker" -o end -w 20s t
  waiter=$background
  wait_until is_asleep "$waiter"
  wait_until eval 'mq-put -m more t; [ -s waiter.out ]'
  wait "$waiter"
}

@test "a damaged batch is named and passed over, over the network as here" {
  mq-put -m one t
  mq-put -m two t
  mq-put -m three t
  printf X | dd of="$(segments_of t)" bs=1 seek=135 conv=notrunc status=none
  serve
  run -74 --separate-stderr mq-get -b "$broker" t
  assert_output $'one\nthree'
  [ -n "$stderr" ]
}

@test "a read of what is not there has the exit status of a local one" {
  mq-put -m one t
  serve
  run -66 mq-get -b "$broker" nosuch
  run -66 mq-get -b "$broker" -p 9 t
  for name in bad/name '' .; do
    run -64 mq-get "$name"
    expected=$output
    run -64 remotely mq-get "$name"
    assert_output "$expected"
  done
  crash "$server"
  run -69 mq-get -b "$broker" t
}

@test "topics are made, altered, listed and deleted over the network as here" {
  serve
  mq-topic create -b "$broker" -p 3 -X retention.ms=60000 -X mq.sync=never t
  [ "$(mq-topic show t | grep -cE '^(partitions: 3|retention.ms: .*|mq.sync: never)$')" -eq 3 ]
  run -73 mq-topic create -b "$broker" t
  mq-topic create -b "$broker" --if-not-exists t
  mq-topic create -b "$broker" -n u
  mq-topic create b a
  diff <(mq-topic list) <(mq-topic list -b "$broker")
  mq-topic alter -b "$broker" -p 5 -X max.message.bytes=5000 t
  mq-put -m one t
  diff <(mq-topic show t | grep : | sort) <(mq-topic show -b "$broker" t | grep : | sort)
  run mq-topic show -b "$broker" --json t
  [[ $output == *'"messages":1'*'"partition":4'* ]]
  run -0 mq-topic delete -b "$broker" t
  assert_output 'would delete t: partitions 5, messages 1'
  mq-topic delete -b "$broker" --yes t
  diff <(mq-topic list) <(printf 'a\nb\n')
  run -66 mq-topic delete -b "$broker" --yes t
  run -66 mq-topic show -b "$broker" t
  run -78 mq-topic create -b "$broker" -X no.such.key=1 u
  run -78 mq-topic alter -b "$broker" -p 0 a
}

@test "a dry run over the network says what one here says, and does nothing" {
  mq-topic create t
  serve -C "$PWD/served"
  remotely mq-topic create t
  for words in 'create u' 'create -p 3 -X retention.ms=3600000 u' \
    'alter -p 5 -X mq.lease=60s -X segment.bytes=4194304 t' 'alter t' \
    'alter -p 1 t' 'alter -p 5000 t' 'create -p 5000 u' 'create -p 0 u'; do
    run mq-topic -n $words
    expected=$status:$output
    run remotely mq-topic -n $words
    [ "$status:${output/#mq-topic: [tu]: /mq-topic: }" = "$expected" ]
  done
  [ "$(remotely mq-topic list)" = t ]
  remotely mq-topic show t | grep -x 'partitions: 1'
}

@test "a topic is altered over the network wholly or not at all" {
  serve
  mq-topic create -p 3 t
  remotely mq-topic alter -p 3 -X mq.lease=1m t
  run -78 remotely mq-topic alter -p 2 -X mq.lease=2m t
  assert_output 'mq-topic: topic t: has 3 partitions, and they may only grow'
  run -78 remotely mq-topic alter -p 5000 -X mq.lease=2m t
  run -78 remotely mq-topic alter -p 4 -X mq.lease=x t
  mq-topic show t | grep -x 'mq.lease: 1m'
  mq-topic show t | grep -x 'partitions: 3'
  run -66 remotely mq-topic alter -p 5 nobody
  assert_output 'mq-topic: topic nobody: there is none'
}

@test "no client makes more partitions than topic.yaml may say" {
  serve
  run -78 remotely mq-topic create -p 4097 t
  [[ "$output" == *"partitions '4097': expected a whole number from 1 to 4096"* ]]
  [ -z "$(mq-topic list)" ]
  mq-topic create -p 3 t
  run -78 remotely mq-topic alter -p 4097 t
  mq-topic show t | grep -x 'partitions: 3'
}

# A broker that answers ApiVersions and the Metadata behind it, each with an
# error of the topic or of itself.
false_broker() {
  # shellcheck disable=SC2016
  printf '%s\n' '#!/bin/sh' "printf '$1'" 'exec cat >/dev/null' >broker.sh
  chmod +x broker.sh
  in_background broker systemd-socket-activate --inetd -a -l "$PWD/broker" \
    "$PWD/broker.sh"
  wait_until test -S broker
}

@test "a broker that knows no better than an unknown error is an I/O error" {
  skip_without systemd-socket-activate
  # Correlation 1: Metadata 0 to 7; 2: a broker a:1, and topic t with -1.
  false_broker '\0\0\0\020\0\0\0\1\0\0\0\0\0\1\0\3\0\0\0\7\0\0\0\055\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\1\0\1a\0\0\0\1\377\377\377\377\0\0\0\1\0\0\0\1\377\377\0\1t\0\0\0\0\0'
  run -74 timeout 30 mq-get -b "unix:$PWD/broker" t
  assert_output 'mq-get: t: the broker says UNKNOWN_SERVER_ERROR'
}
