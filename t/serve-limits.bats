#!/usr/bin/env bats
# Promise: a server holds out against clients that are many, slow, greedy or
# deaf, and its memory stays small.

load helper

setup() {
  fresh_spool
  serve
  mq-topic create t
}

# Clients of one kind, which are there when this is done.
crowd() {
  in_background crowd "$helpers/crowd" "${broker#*:}" "$@"
  crowd=$background
  wait_until grep -q ready crowd.out
}

# The server's memory, in KiB.
memory() {
  awk '$1 == "VmRSS:" { print $2 }' "/proc/$server/status"
}

is_memory_below() {
  is_sanitized || [ "$(memory)" -le $(($1 * 1024)) ]
}

# A client that wants nothing special is served.
assert_served() {
  seq 100 | kafka -P -t t
  [ "$(kafka -C -t t -o -100 -e | tail -n 100 | tail -n 1)" = 100 ]
}

@test "an idle server needs 8 MiB at most" {
  is_memory_below 8
}

@test "1,000 connections that have asked for something need 64 MiB at most" {
  crowd 1000 wait t
  is_memory_below 64
}

@test "4,990 connections that are idle or say a byte a second keep nobody from being served" {
  patience=60 crowd 2500 idle
  patience=60 crowd 2490 trickle
  assert_served
  is_memory_below 64
}

@test "whoever says nothing for ten seconds, or half a request, is closed" {
  crowd 20 idle
  patience=40 wait_until grep -q 'no request for 10 s' serve.err
  crowd 20 claim
  wait_until grep -q 'too large' serve.err
}

@test "a claim of 2^31-1 bytes on 1,000 connections costs nothing" {
  before=$(memory)
  crowd 1000 claim
  is_sanitized || [ "$(memory)" -le $((before + 16384)) ]
  assert_served
}

@test "clients that never read what they ask for cost little, and stop nobody" {
  skip_without kcat
  seq 200000 | kafka -P -t t
  crowd 100 deaf t
  # 8 MiB idle, and for each client 64 requests of less than 4 KiB: as many
  # may have come before the topic was open.
  is_memory_below 33
  # Nobody works ahead for them: what the kernel took is all that was answered.
  kill -USR1 "$server"
  wait_until grep -q '100 connections' serve.err
  [ "$(sed -n 's/.*100 connections, \([0-9]*\) .*/\1/p' serve.err)" -lt 2000 ]
  assert_served
}

@test "who asks for 200,000 answers of 5 KiB and reads none costs little, and stops nobody" {
  crowd 1 settings t
  # One such answer has 16 MiB, and is thrown away when it is sent.
  is_memory_below 96
  assert_served
}

@test "a long list that one asks for keeps nobody else waiting" {
  skip_without kcat
  seq 1000 | mq-put --batch 100 t
  crowd 4 times t
  kafka -L -t t >list
  run ! grep -q answered crowd.out
  crash "$crowd"
  crowd 10 names
  kafka -L -t t >list
}

@test "to look for a time in a batch that unpacks to 60 MiB costs little" {
  head -c 60000000 /dev/zero | tr '\0' x | mq-put -z gzip t
  echo x | mq-put t
  run -0 kafka -Q -t t:0:1
  assert_output 't [0] offset 0'
  is_sanitized ||
    [ "$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$server/status")" -le 49152 ]
}

@test "clients make no more than 10,000 topics, and those that are there are served" {
  skip_without kcat
  (
    cd "$MQ_SPOOL/topics"
    seq 9999 | xargs mkdir
    seq -f %.0f/topic.yaml 9999 |
      xargs -n 500 sh -c 'tee "$@" <t/topic.yaml >tee.out' tee
    rm tee.out
  )
  run ! remotely mq-topic create another
  echo x | run ! kafka -P -t one-more -X message.timeout.ms=5000
  [ ! -e "$MQ_SPOOL/topics/another" ]
  [ ! -e "$MQ_SPOOL/topics/one-more" ]
  assert_served
  mq-topic create here
  mq-topic delete --yes 1 here
  remotely mq-topic create another
}

@test "who asks 5,000 times before it reads gets all of the answers" {
  # Answers that are read and answers that are sent from the file.
  seq 1000 | mq-put --batch 100 t
  patience=60 crowd 1 late t
  seq 20000 | mq-put t
  patience=60 crowd 1 late t
  assert_served
}

@test "1,000 clients that wait for messages all get one when it is put" {
  crowd 1000 wait t
  kill -USR1 "$server"
  wait_until grep -q '1000 connections, 0 requests' serve.err
  echo x | mq-put t
  kill -USR1 "$server"
  wait_until eval 'kill -USR1 "$server"; grep -q "1000 connections, 1000 requests" serve.err'
}

@test "who asks for a topic that finds no free descriptor is told to try again" {
  crash "$server"
  # shellcheck disable=SC2016
  in_background serve bash -c 'ulimit -n 64; exec mq-serve --listen 127.0.0.1:0'
  await_server serve
  for i in 1 2 3 4 5 6 7 8 9 10; do
    mq-topic create "t$i"
    remotely mq-put --timeout 1s -m "$i" "t$i" 2>refused || break
  done
  [ "$i" -lt 10 ]
  wait_until grep -q 'of 64 file descriptors none are left' serve.err
  run -75 remotely mq-put --timeout 1s -m x "t$i"
  [ "$(grep -c descriptors serve.err)" -eq 1 ]
  [ "$(remotely mq-topic list | wc -l)" -gt "$i" ]
}

@test "without free descriptors a server neither spins nor loses whom it serves" {
  skip_without kcat
  crash "$server"
  # shellcheck disable=SC2016
  in_background serve bash -c 'ulimit -n 64; exec mq-serve --listen 127.0.0.1:0'
  await_server serve
  in_background follow timeout 60 kcat -b "$broker" -q -u -C -t t -c 2
  wait_until eval 'kill -USR1 "$server"; grep -q "[1-9] connections" serve.err'
  crowd 200 idle
  wait_until grep -q 'cannot accept: too many' serve.err
  before=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
  echo one | mq-put t
  wait_until has_lines follow.out 1
  echo two | mq-put t
  wait_until has_lines follow.out 2
  after=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
  [ $((after - before)) -lt 100 ]
  crash "$crowd"
  assert_served
}

@test "a client that waits for many bytes costs no more with each message that comes" {
  mq-topic create -X segment.bytes=4K -X mq.sync=never many
  head -c 600000 /dev/zero | tr '\0' x | fold -w 3000 | mq-put --batch 1 many
  in_background patient kcat -b "$broker" -q -C -t many -o beginning -c 1 \
    -X fetch.min.bytes=100000000 -X fetch.wait.max.ms=200000 \
    -X fetch.message.max.bytes=100000000 -X fetch.max.bytes=500000000 \
    -X receive.message.max.bytes=600000000 -X socket.timeout.ms=300000
  wait_until is_asleep "$background"
  for _ in {1..100}; do mq-put -m x many; done
  before=$(memory)
  for _ in {1..1500}; do mq-put -m x many; done
  echo "$before KiB, then $(memory) KiB"
  is_sanitized || [ "$(memory)" -le $((before + 300)) ]
}
