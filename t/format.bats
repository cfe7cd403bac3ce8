#!/usr/bin/env bats
# The log's bytes are Kafka's: what we write, kafka-python (which we did not
# write) decodes, and what it encodes, we read.
load helper

foreign=$BATS_TEST_DIRNAME/foreign

setup() {
  fresh_spool
  /usr/bin/python3 -c 'import kafka' 2>/dev/null || skip "no python3-kafka here"
}

# A module of a codec that the foreign decoder needs.
needs_module() {
  /usr/bin/python3 -c "import $1" 2>/dev/null || skip "no python module $1 here"
}

# The fields that both sides know, in one order and spelling.
normal() {
  /usr/bin/python3 -c '
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    print(json.dumps([m.get("offset"), m["timestamp"], m["key"], m["headers"],
                      m["value"]]))'
}

# Keys, null keys and values, headers, odd bytes, times that go back.
messages() {
  /usr/bin/python3 -c '
import base64, json
for i in range(500):
    odd = {"b64": base64.b64encode(bytes([255, 0, i % 256])).decode()}
    print(json.dumps({
        "timestamp": 1700000000000 + i * 10 - (i % 7) * 25,
        "key": [None, "key-%d" % i, "", odd][i % 4],
        "headers": [["h", "v%d" % i], ["h", ""], ["n", None]][:i % 4],
        "value": [odd, "text %d \u00fc" % i, "", None][i % 5 % 4]}))'
}

check_decoded() {
  messages >in.jsonl
  split -l 100 in.jsonl part.
  for part in part.*; do mq-put --json -z "$1" t <"$part"; done
  # shellcheck disable=SC2046
  "$foreign/decode.py" $(segments_of t) | normal >foreign.txt
  mq-get --json t | normal >ours.txt
  diff ours.txt foreign.txt
  [ "$(wc -l <foreign.txt)" -eq 500 ]
  [ "$(cut -d, -f2- ours.txt)" = "$(normal <in.jsonl | cut -d, -f2-)" ]
}

check_encoded() {
  messages >in.jsonl
  "$foreign/encode.py" "$1" 5 <in.jsonl >batches
  mq-put --framing=native t <batches
  mq-get --json t | normal | cut -d, -f2- >ours.txt
  diff ours.txt <(normal <in.jsonl | cut -d, -f2-)
  mq-get --framing=native t | cmp -s - batches ||
    [ "$(mq-get --framing=native t | wc -c)" -eq "$(wc -c <batches)" ]
}

@test "kafka-python decodes our segments: no compression" {
  check_decoded none
}

@test "kafka-python decodes our segments: gzip" {
  check_decoded gzip
}

@test "kafka-python decodes our segments: snappy" {
  needs_module snappy
  check_decoded snappy
}

@test "kafka-python decodes our segments: lz4" {
  needs_module lz4.frame
  check_decoded lz4
}

@test "kafka-python decodes our segments: zstd" {
  needs_module zstandard
  check_decoded zstd
}

@test "kafka-python decodes a log of many segments" {
  mq-topic create -X segment.bytes=64K t
  for i in 1 2 3 4 5; do
    seq -f "$i %g $(printf '%0200d' 0)" 300 | mq-put t
  done
  # shellcheck disable=SC2046
  "$foreign/decode.py" $(segments_of t) | normal >foreign.txt
  mq-get --json t | normal | diff - foreign.txt
  [ "$(segments_of t | wc -l)" -gt 2 ]
}

@test "we read what kafka-python encodes: no compression" {
  check_encoded 0
}

@test "we read what kafka-python encodes: gzip" {
  check_encoded 1
}

@test "we read what kafka-python encodes: snappy" {
  needs_module snappy
  check_encoded 2
}

@test "we read what kafka-python encodes: lz4" {
  needs_module lz4.frame
  check_encoded 3
}

@test "we read what kafka-python encodes: zstd" {
  needs_module zstandard
  check_encoded 4
}
