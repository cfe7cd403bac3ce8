#!/usr/bin/env bats
# Promise: what a client of Kafka does works, and the tools see the same.
#
# CLIENT is its directory, CLIENT_DIR what its setup made. `client DIR BROKER
# VERB ARGUMENT...` knows these verbs, or says what the client has not, and exits
# 77:
#   codecs                      prints the codecs that it can produce with
#   produce TOPIC CODEC COUNT   message I: key kI, value vI, header n=I
#   once TOPIC COUNT            the same, idempotent
#   consume TOPIC COUNT         prints "KEY VALUE N" from the beginning
#   since TOPIC MS              prints the offset of partition 0 at a time
#   group TOPIC GROUP           prints "assigned COUNT" and values; commits;
#                               TERM ends it
#   admin TOPIC                 creates, grows, alters and deletes: see below
#   share TOPIC GROUP COUNT     prints "VALUE ATTEMPT"; releases v3 once,
#                               rejects v2, accepts the rest

load ../helper

setup() {
  fresh_spool
  serve
}

client() {
  timeout "${seconds:-60}" "$BATS_TEST_DIRNAME/$CLIENT/client" "$CLIENT_DIR" "$broker" "$@"
}

# Skips what a client does not have.
can() {
  local status=0
  client "$@" >can.out 2>can.err || status=$?
  [ "$status" -ne 77 ] || skip "$(tail -n 1 can.out)"
  [ "$status" -eq 0 ] || cat can.err
  [ "$status" -eq 0 ]
}

expected() {
  seq "$1" | sed 's/.*/k& v& &/' | sort
}

member() {
  in_background "$1" "$BATS_TEST_DIRNAME/$CLIENT/client" "$CLIENT_DIR" "$broker" group t g
}

holds() {
  [ "$(grep '^assigned' "$1.out" | tail -n 1)" = "assigned $2" ]
}

@test "produces with every codec, keys and headers, and mq-get has them" {
  for codec in $(client codecs); do
    mq-topic create -p 2 "$codec"
    client produce "$codec" "$codec" 50
    mq-get --format '%k %v %h\n' "$codec" | sed 's/n=//' | sort >got
    diff got <(expected 50)
  done
}

@test "consumes what mq-put stores, with keys and headers" {
  mq-topic create -p 2 t
  for i in $(seq 20); do mq-put -k "k$i" -H "n=$i" -m "v$i" t; done
  client consume t 20 | sort | diff - <(expected 20)
}

@test "consumes what it has produced, compressed too" {
  mq-topic create -p 3 t
  for codec in $(client codecs); do client produce t "$codec" 30; done
  count=$(client codecs | wc -w)
  client consume t $((30 * count)) | sort -u | diff - <(expected 30)
}

@test "an idempotent producer stores each message once" {
  mq-topic create -p 2 t
  can once t 200
  [ "$(count_of t)" -eq 200 ]
  [ "$(mq-get t | sort -u | wc -l)" -eq 200 ]
}

@test "finds the first message at a time, or none" {
  mq-topic create t
  for i in 1 2 3; do mq-put -m "v$i" t; done
  mq-get -f '%d\n' t >times
  time=$(tail -n 1 times)
  [ "$(client since t "$time")" -eq "$(awk -v t="$time" '$1 < t' times | wc -l)" ]
  [ "$(client since t 1000)" -eq 0 ]
}

@test "a group is shared, and goes on after one member is killed" {
  mq-topic create -p 4 t
  seq 100 | sed 's/^/v/' | mq-put t
  member first
  first=$background
  patience=40 wait_until holds first 4
  member second
  patience=40 wait_until holds first 2
  patience=40 wait_until holds second 2
  crash "$first"
  seq 101 200 | sed 's/^/v/' | mq-put t
  patience=60 wait_until holds second 4
  all() { [ "$(grep -h '^v' first.out second.out | sort -u | wc -l)" -eq 200 ]; }
  patience=40 wait_until all
  kill "$background"
  wait "$background" || true
  run mq-group list
  [[ "$output" == *"g "*partition* ]]
}

@test "a group goes on where it was after kill -9 of the server" {
  mq-topic create -p 2 t
  seq 10 | sed 's/^/v/' | mq-put t
  member first
  patience=40 wait_until has_lines first.out 11
  kill "$background"
  wait "$background" || true
  crash "$server"
  serve
  seq 11 20 | sed 's/^/v/' | mq-put t
  member second
  patience=40 wait_until has_lines second.out 11
  diff <(grep ^v second.out | sort) <(seq 11 20 | sed 's/^/v/' | sort)
}

@test "creates, grows, alters and deletes topics" {
  mq-topic create -p 3 other
  can admin t
  diff can.out - <<'END'
created
partitions 2
retention.ms 3600000
partitions 4
retention.ms 7200000
segment.bytes 1073741824
deleted
END
  [ "$(mq-topic list)" = other ]
}

@test "a share group hands messages out, again if released, with their attempt" {
  mq-topic create t
  seq 5 | sed 's/^/v/' | mq-put t
  can share t g 6
  diff <(sort can.out) - <<'END'
v1 1
v2 1
v3 1
v3 2
v4 1
v5 1
END
  [ "$(mq-get t.dead)" = v2 ]
}
