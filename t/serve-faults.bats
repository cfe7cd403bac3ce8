#!/usr/bin/env bats
# Promise: whatever befalls a server, what it acknowledged is there, once, and
# what it could not store it does not acknowledge.

load helper

setup() {
  fresh_spool
  skip_without kcat
  find_libfi
  export FI_CLOCK=$PWD/clock FI_COUNT=$PWD/count
}

teardown() {
  stop_background
  umount -l "$BATS_TEST_TMPDIR/disk" 2>/dev/null || true
}

# serve [RULES]: a server that they apply to.
serve() {
  in_background serve env LD_PRELOAD="$fi" FI="${1:-}" \
    mq-serve --listen "${broker:-127.0.0.1:0}"
  await_server serve
}

# How many calls the first rule has met.
calls() {
  od -An -tu8 -N8 count | tr -d ' '
}

@test "a full disk refuses what a client sends, and no reads; the client's retry succeeds when there is room" {
  mkdir disk
  mount -t tmpfs -o size=6m mq-full disk 2>/dev/null || skip "cannot mount a small tmpfs here"
  export MQ_SPOOL=$PWD/disk/spool
  serve
  mq-topic create t
  echo first | kafka -P -t t
  dd if=/dev/zero of=disk/ballast bs=64k 2>/dev/null || true
  dd if=/dev/zero of=disk/ballast2 bs=1k 2>/dev/null || true
  head -c 500000 /dev/zero | tr '\0' x >large
  run -1 kafka -P -t t -X message.timeout.ms=2000 large
  [ "$(kafka -C -t t -e)" = first ]
  in_background retry timeout 60 kcat -b "$broker" -q -P -t t large
  wait_until is_asleep "$background"
  rm disk/ballast*
  wait "$background"
  [ "$(mq-get t | wc -c)" -ge 500000 ]
  mq-fsck -n
}

@test "nothing is acknowledged after an fsync error, and reads go on" {
  mq-topic create t
  echo first | mq-put t
  serve 'fdatasync:path=*.log:do=errno(EIO)+forever'
  run -1 kafka -P -t t -X message.timeout.ms=2000 <<<second
  [ "$(kafka -C -t t -e)" = first ]
  run -74 mq-put -m third t
}

@test "what is settled and cannot be stored ends its consumer, who does not get it again and again" {
  seq 3 | mq-put t
  # Only what is settled has to be synced, once there are tables.
  mq-get -g other t >other
  serve 'fdatasync:path=*index.db-wal:do=errno(EIO)+forever'
  run -74 --separate-stderr remotely mq-get -F -g g t
  assert_output "$(seq 3)"
  [ "$stderr" = 'mq-get: t:0: the broker cannot store what is settled' ]
}

@test "a member of a group is not out because a clock jumps" {
  serve
  mq-topic create t
  in_background member timeout 60 kcat -b "$broker" -u -G g -X session.timeout.ms=6000 \
    -X heartbeat.interval.ms=200 -X auto.offset.reset=earliest t
  wait_until grep -q 'assigned: t \[0\]$' member.err
  "$helpers/clockjump" clock wall 315360000
  mq-put -m one t
  wait_until has_lines member.out 1
  "$helpers/clockjump" clock wall -7200
  mq-put -m two t
  wait_until has_lines member.out 2
  run ! grep -q 'silent' serve.err
}

@test "with mq.sync=interval the server syncs on a timer" {
  mq-topic create -X mq.sync=interval:50ms t
  serve 'fdatasync:path=*.log:do=delay(0)'
  seq 500 | kafka -P -t t -X batch.num.messages=1 -X max.in.flight=1
  wait_until eval '[ "$(calls)" -ge 1 ]'
  [ "$(calls)" -lt 250 ]
  [ "$(count_of t)" -eq 500 ]
}

@test "with mq.sync=interval the server syncs at its end, too" {
  mq-topic create -X mq.sync=interval:1h t
  serve 'fdatasync:path=*.log:do=delay(0)'
  echo one | kafka -P -t t
  before=$(calls)
  kill "$server"
  wait "$server"
  [ "$(calls)" -gt "$before" ]
}

@test "to describe a new topic syncs nothing, however many partitions it has" {
  mq-topic create -p 20 t
  serve '@(fsync|fdatasync|syncfs|sync_file_range):path=*/topics/t*:do=delay(0)'
  kafka -L -t t >list
  grep -q 'topic "t" with 20 partitions' list
  [ "$(calls)" -eq 0 ]
  echo first | kafka -P -t t -p 7
  [ "$(calls)" -ge 1 ]
}

# Numbers, one by one, until one is refused; those that were stored.
put_numbers() {
  for i in $(seq 1 100000); do
    mq-put -m "local $i" t 2>/dev/null && echo "local $i"
  done
}

@test "kill -9 under load: nothing of idempotent producers is lost or doubled, nor of local tools beside it" {
  serve
  mq-topic create t
  in_background local put_numbers
  locals=$background
  in_background first bash -c 'seq 1 4000 | kcat -E -b "$1" -q -P -t t \
    -X enable.idempotence=true -X batch.num.messages=1 -X reconnect.backoff.max.ms=200' first "$broker"
  first=$background
  in_background second bash -c 'seq 4001 8000 | kcat -E -b "$1" -q -P -t t -z gzip \
    -X enable.idempotence=true -X batch.num.messages=1 -X reconnect.backoff.max.ms=200' second "$broker"
  second=$background
  for _ in 1 2 3 4 5; do
    before=$(count_of t)
    wait_until eval '[ "$(count_of t)" -gt $((before + 400)) ] || ! kill -0 "$first"'
    crash "$server"
    serve
  done
  wait "$first" "$second"
  crash "$locals"
  mq-get t >all.out
  grep -v local all.out | sort -n | cmp - <(seq 8000)
  [ "$(grep local all.out | sort | uniq -d | wc -l)" -eq 0 ]
  comm -13 <(grep local all.out | sort) <(sort local.out) >lost
  [ ! -s lost ]
  mq-fsck -n
}

# ask BYTES...: sends them, and has the length of the answer within $1 seconds.
ask() {
  local seconds=$1 bytes answer
  shift
  bytes=$(printf '%s' "$@")
  exec 8<>"/dev/tcp/127.0.0.1/${broker#*:}"
  printf "$bytes" >&8
  answer=$(timeout "$seconds" head -c 4 <&8 | od -An -tx1)
  exec 8>&-
  [ -n "$answer" ]
}

# The last two bytes of the answer to bytes of a request: the error code of its
# last partition.
last_code() {
  local bytes size
  bytes=$(printf '%s' "$@")
  exec 8<>"/dev/tcp/127.0.0.1/${broker#*:}"
  printf "$bytes" >&8
  size=$(timeout 20 head -c 4 <&8 | od -An -tx1 | tr -d ' ')
  timeout 20 head -c $((16#$size)) <&8 | tail -c 2 | od -An -tx1 | tr -d ' '
  exec 8>&-
}

# OffsetCommit 2 of t:0 by group g, which has no members: offset 1.
commit_one() {
  last_code '\x00\x00\x00\x34\x00\x08\x00\x02\x00\x00\x00\x01\xff\xff' \
    '\x00\x01g' '\xff\xff\xff\xff' '\x00\x00' \
    '\xff\xff\xff\xff\xff\xff\xff\xff' '\x00\x00\x00\x01' '\x00\x01t' \
    '\x00\x00\x00\x01' '\x00\x00\x00\x00' \
    '\x00\x00\x00\x00\x00\x00\x00\x01' '\x00\x00'
}

# What it has of groups is loaded first.
is_committed() {
  [ "$(commit_one)" = "$1" ]
}

@test "a commit that cannot be stored is one to try again, and reads go on" {
  seq 3 | mq-put t
  serve
  wait_until is_committed 0000
  crash "$server"
  # In the sync of it, and before.
  for call in fdatasync pwrite; do
    serve "$call:path=*index.db-wal:do=errno(EIO)+forever"
    wait_until is_committed 000f
    kafka -C -t t -e >out
    cmp out <(seq 3)
    crash "$server"
  done
  mq-fsck -y
  serve
  wait_until is_committed 0000
}

@test "a partition that has to be recovered first keeps nobody else waiting" {
  seq 3 | mq-put t
  rm "$(partition_of t)/control"
  serve 'fdatasync:path=*/control:nth=1:do=delay(6000000)'
  # Fetch 4 of t:0 from offset 0 on.
  ask 60 '\x00\x00\x00\x36\x00\x01\x00\x04\x00\x00\x00\x01\xff\xff' \
    '\xff\xff\xff\xff' '\x00\x00\x00\x00' '\x00\x00\x00\x00' \
    '\x00\x10\x00\x00' '\x00' '\x00\x00\x00\x01' '\x00\x01t' \
    '\x00\x00\x00\x01' '\x00\x00\x00\x00' \
    '\x00\x00\x00\x00\x00\x00\x00\x00' '\x00\x10\x00\x00' 3>&- &
  fetch=$!
  wait_until eval '[ "$(calls)" -ge 1 ]'
  # ApiVersions 0, which the loop itself answers.
  ask 4 '\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff'
  wait "$fetch"
}
