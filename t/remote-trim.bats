#!/usr/bin/env bats
# Promise: what clients delete with DeleteRecords is gone, and nothing else.

load helper

setup() {
  /usr/bin/python3 -c 'import kafka' 2>/dev/null || skip "no kafka-python here"
  fresh_spool
  serve
}

# trim TOPIC PARTITION OFFSET...: DeleteRecords, one after the other. Says the
# error code and the new start of each as soon as it is there.
trim() {
  timeout 60 /usr/bin/python3 - "$broker" "$@" <<'END'
import sys
from kafka.admin import KafkaAdminClient
from kafka.protocol.api import Request, Response
from kafka.protocol.types import Array, Int16, Int32, Int64, Schema, String

NAME = ("name", String("utf-8"))


class Answer(Response):
    API_KEY, API_VERSION = 21, 0
    SCHEMA = Schema(("throttle", Int32), ("topics", Array(
        NAME, ("partitions", Array(
            ("number", Int32), ("start", Int64), ("code", Int16))))))


class Delete(Request):
    API_KEY, API_VERSION, RESPONSE_TYPE = 21, 0, Answer
    SCHEMA = Schema(("topics", Array(
        NAME, ("partitions", Array(("number", Int32), ("offset", Int64))))),
        ("timeout_ms", Int32))


broker, topic, partition, *offsets = sys.argv[1:]
admin = KafkaAdminClient(bootstrap_servers=broker)
for offset in offsets:
    future = admin._send_request_to_node(
        admin._client.least_loaded_node(),
        Delete([(topic, [(int(partition), int(offset))])], 10000))
    admin._wait_for_futures([future])
    _, start, code = future.value.topics[0][1][0]
    print(code, start, flush=True)
END
}

# The first offset that is there, for tools here and over the network.
first() {
  mq-get -o start -c 1 -f '%o\n' t
  env -u MQ_SPOOL mq-get -b "$broker" -o start -c 1 -f '%o\n' t
}

segments() {
  find "$MQ_SPOOL/topics/t/0" -name '*.log' | wc -l
}

# From an offset on all is there, in order, up to the end that it had.
assert_starts_at() {
  [ "$(first)" = "$1"$'\n'"$1" ]
  mq-get -o start -f '%o %v\n' t | cmp - <(seq "$1" 299 |
    awk '{ print $1, $1 + 1 }')
  mq-fsck -n
}

# 300 messages, in some 10 segments.
fill() {
  mq-topic create -X segment.bytes=4K t
  seq 300 | mq-put -H "pad=$(printf %0500d 0)" --batch 5 t
  [ "$(segments)" -gt 5 ]
}

@test "what is below an offset is gone for all, over kill -9 and a restart, too" {
  fill
  mq-get -g g -c 10 t >/dev/null
  before=$(segments)
  [ "$(trim t 0 150)" = '0 150' ]
  assert_starts_at 150
  [ "$(segments)" -lt "$before" ]
  [[ $(mq-stat -j t) == *'"messages":150,'* ]]
  crash "$server"
  [ "$(mq-get -o start -c 1 -f %o t)" = 150 ]
  serve
  assert_starts_at 150
  [ "$(trim t 0 151)" = '0 151' ]
  kill "$server"
  wait "$server"
  serve
  assert_starts_at 151
  [ "$(mq-get -g g -c 1 t)" = 152 ]
}

@test "an offset that is no place to begin is refused by name, and nothing goes" {
  fill
  run -0 trim t 0 301 -2 9223372036854775807
  [ "$output" = $'1 -1\n1 -1\n1 -1' ]
  [ "$(trim t 1 1)" = '3 -1' ]
  [ "$(trim missing 0 1)" = '3 -1' ]
  assert_starts_at 0
  # What is gone already goes again.
  [ "$(trim t 0 20 10 0)" = $'0 20\n0 20\n0 20' ]
  assert_starts_at 20
}

@test "-1 takes all, and the offsets go on" {
  fill
  [ "$(trim t 0 -1)" = '0 300' ]
  run -1 mq-get -o start t
  run -1 mq-get -b "$broker" -o start t
  crash "$server"
  serve
  mq-put -m next t
  [ "$(first)" = $'300\n300' ]
  mq-fsck -n
}

@test "a server that is killed while it deletes keeps what it has answered" {
  fill
  start=0
  for round in 1 2 3 4 5; do
    # shellcheck disable=SC2046 # words
    in_background trims trim t 0 $(seq $((start + 1)) $((start + 50)))
    wait_until has_lines trims.out $((round * 5))
    crash "$server"
    kill "$background" 2>/dev/null || true
    wait "$background" || true
    [ "$(grep -cv '^0 ' trims.out)" -eq 0 ]
    answered=$(tail -n 1 trims.out | cut -d' ' -f2)
    # One more may have been deleted, and not been answered.
    start=$(mq-get -o start -c 1 -f '%o' t)
    # What is not whole is left over, and nothing else.
    mq-fsck -y || [ $? -eq 1 ]
    [ "$start" -eq "$answered" ] || [ "$start" -eq $((answered + 1)) ]
    serve
    assert_starts_at "$start"
  done
}
