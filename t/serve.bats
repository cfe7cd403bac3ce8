#!/usr/bin/env bats
# Promise: clients of Kafka, not written by us, work with a spool.

load helper

# How often the threads of process $1 have gone to sleep.
switches_of() {
  cat /proc/"$1"/task/*/status | awk '/^voluntary_ctxt/ { n += $2 } END { print n }'
}

@test "what kcat produces, compressed or not, mq-get reads, and the other way round" {
  serve
  mq-topic create -p 3 t
  seq 1000 | kafka -P -t t
  for codec in gzip snappy lz4 zstd; do
    seq 100 | kafka -P -t t -z "$codec"
  done
  seq 5000 5099 | mq-put t
  mq-get t | sort -n >local.out
  kafka -C -t t -e | sort -n >remote.out
  [ "$(wc -l <local.out)" -eq 1500 ]
  cmp local.out remote.out
}

@test "keys, headers and timestamps arrive as they were sent" {
  serve
  mq-topic create t
  echo "k:v" | kafka -P -t t -K : -H a=b -H c=d
  run mq-get --json t
  [[ "$output" == *'"key":"k"'* ]]
  [[ "$output" == *'"value":"v"'* ]]
  [[ "$output" == *'"a"'*'"b"'*'"c"'*'"d"'* ]]
  mq-put -k k2 -H x=y -m w t
  run kafka -C -t t -e -o 1 -f '%k %s %h %T\n'
  [[ "$output" == "k2 w x=y "[0-9]* ]]
}

@test "a consumer that waits gets a message that a local put stores" {
  serve
  mq-topic create t
  in_background follow timeout 20 kcat -b "$broker" -q -u -C -t t -o beginning -c 1
  echo hello | mq-put t
  wait "$background"
  [ "$(cat follow.out)" = hello ]
}

@test "a consumer group goes on where it was, also after kill -9 of the server" {
  serve
  mq-topic create -p 4 t
  seq 100 | mq-put t
  kafka -G g -X auto.offset.reset=earliest -e t >first.out
  [ "$(wc -l <first.out)" -eq 100 ]
  crash "$server"
  serve
  seq 101 150 | mq-put t
  kafka -G g -X auto.offset.reset=earliest -e t >second.out
  sort -n second.out | cmp - <(seq 101 150)
  run mq-group list
  [[ "$output" == *"g "*partition* ]]
}

@test "two members of a group share the partitions" {
  serve
  mq-topic create -p 2 t
  for i in 1 2; do
    in_background "member$i" timeout 30 kcat -b "$broker" -u -G g -X auto.offset.reset=earliest t
  done
  for i in 1 2; do
    wait_until grep -q 'assigned: t \[[01]\]$' "member$i.err"
  done
  for p in 0 1; do mq-put -p "$p" -m "to $p" t; done
  wait_until grep -q to member1.out
  wait_until grep -q to member2.out
  [ "$(cat member1.out member2.out | sort | tr '\n' ,)" = "to 0,to 1," ]
}

@test "nothing that was acknowledged is lost by kill -9 of the server under load" {
  serve
  mq-topic create t
  command -v kcat >/dev/null || skip "kcat is not installed"
  in_background load bash -c 'seq 200000 | kcat -b "$1" -q -P -t t -X acks=all' load "$broker"
  wait_until test -s "$(partition_of t)/00000000000000000000.log"
  wait_until eval '[ "$(mq-get t | head -n 1000 | wc -l)" -eq 1000 ]'
  before=$(count_of t)
  crash "$server"
  run mq-fsck -n
  [ "$status" -eq 0 ]
  [ "$(count_of t)" -ge "$before" ]
  mq-get t | cmp - <(seq "$(count_of t)")
}

@test "TERM ends the server at once with 0, also while consumers wait" {
  serve
  mq-topic create t
  in_background follow timeout 20 kcat -b "$broker" -q -C -t t -o end
  wait_until is_asleep "$background"
  kill "$server"
  status=0
  wait "$server" || status=$?
  [ "$status" -eq 0 ]
}

@test "noise ends the connection, not the server" {
  serve
  for bytes in '\x7f\xff\xff\xff' '\x15\x03\x01\x00\x02\x02\x16' '\x00\x00\x00\x00' \
    '\xff\xff\xff\xff' '\x00\x00\x00\x08\x00\x03\x00\x09\x00\x00\x00\x00'; do
    exec 9<>"/dev/tcp/${broker%:*}/${broker#*:}"
    printf "$bytes" >&9
    timeout 5 cat <&9 >answer.out
    exec 9>&-
    [ ! -s answer.out ]
  done
  mq-topic create t
  echo x | kafka -P -t t
  [ "$(mq-get t)" = x ]
}

@test "a client that takes a large answer slowly gets all of it on one connection" {
  serve
  mq-topic create t
  head -c 20000000 /dev/zero | tr '\0' x | fold -w 100000 | mq-put t
  kafka -C -t t -e -o beginning -X socket.receive.buffer.bytes=300000 \
    -X debug=broker -X fetch.message.max.bytes=30000000 \
    -X receive.message.max.bytes=100000000 >slow.out 2>slow.err
  [ "$(wc -c <slow.out)" -ge 20000000 ]
  run -1 grep -m 1 'closed by peer' slow.err
}

@test "a server whose spool is removed ends, with 66, and says so" {
  serve
  remotely mq-put -m x t
  rm -r "$MQ_SPOOL"
  ended=0
  wait "$server" || ended=$?
  [ "$ended" -eq 66 ]
  [ "$(tail -n 1 serve.err)" = "mq-serve: spool $MQ_SPOOL: was removed" ]
}

@test "other than loopback addresses need --insecure" {
  run -77 mq-serve --listen 0.0.0.0:0
  [[ "$output" == *"--insecure"* ]]
  in_background serve mq-serve --insecure --listen 0.0.0.0:0
  wait_until grep -q 'listening on 0.0.0.0:' serve.err
}

@test "a bad address is refused by name" {
  run -64 mq-serve --listen nonsense
  [[ "$output" == *"nonsense"* ]]
}

@test "one connection is served on stdin and stdout, then it ends" {
  # ApiVersions, version 0, correlation 7, no client id.
  printf '\0\0\0\012\0\022\0\0\0\0\0\7\377\377' |
    mq-serve --stdio -q >answer.out
  [ "$(od -An -tx1 -j4 -N6 answer.out | tr -d ' ')" = 000000070000 ]
}

@test "who asks in a version of tomorrow is told those of today" {
  # ApiVersions, version 5, as franz-go sends it; the answer: 35, 18 from 0 to 4.
  printf '\0\0\0\032\0\022\0\5\0\0\0\7\0\3kgo\0\4kgo\3v1\377\377\377\377\0' |
    mq-serve --stdio -q >answer.out
  [ "$(od -An -tx1 answer.out | tr -d ' \n')" = \
    0000001000000007002300000001001200000004 ]
}

@test "a unix socket is for its owner" {
  in_background serve mq-serve --listen unix:"$PWD/socket"
  wait_until test -S socket
  [ "$(stat -c %a socket)" = 600 ]
  kill "$background"
  wait "$background"
  [ ! -e socket ]
}

@test "an idempotent producer stores each message once, also over a restart" {
  serve
  mq-topic create t
  seq 1000 | kafka -P -t t -X enable.idempotence=true
  [ "$(count_of t)" -eq 1000 ]
  [ "$(mq-get t | sort -n | uniq | wc -l)" -eq 1000 ]
}

@test "what a client puts reaches at once who waits at the server, and who waits in the directory" {
  mq-topic create -X mq.sync=never t
  serve
  in_background local mq-get -F t
  in_background remote mq-get -F -b "$broker" t
  for i in $(seq 20); do
    mq-put -b "$broker" -m "$i" t
    wait_until has_lines local.out "$i"
    wait_until has_lines remote.out "$i"
  done
}

@test "a consumer that waits lets the server sleep" {
  mq-topic create -X mq.sync=never t
  serve
  in_background remote mq-get -F -b "$broker" t
  mq-put -b "$broker" -m first t
  wait_until has_lines remote.out 1
  before=$(switches_of "$server")
  for i in $(seq 2 21); do
    mq-put -b "$broker" -m "$i" t
    wait_until has_lines remote.out "$i"
  done
  # A connection, its requests, a message, and the doorbell's thread.
  [ $(($(switches_of "$server") - before)) -lt $((20 * 15)) ]
}

@test "the units of the service manager are sound, and start the server by its socket" {
  skip_without systemd-analyze
  skip_without systemd-socket-activate
  mkdir units
  sed "s,/usr/local/bin,$build/bin,; s/^User=.*/User=root/" \
    "$repository/share/systemd/mq-serve.service" >units/mq-serve.service
  cp "$repository/share/systemd/mq-serve.socket" units
  run -0 env SYSTEMD_UNIT_PATH="$PWD/units:" systemd-analyze verify --man=no --recursive-errors=no units/*
  [[ "$output" != *mq-serve.s* ]]
  start=$(sed -n "s,^ExecStart=\(.*\) -C .*,\1,p" units/mq-serve.service)
  in_background activate systemd-socket-activate -l "$PWD/socket" -E PATH \
    $start -C "$MQ_SPOOL"
  wait_until test -S socket
  mq-put -b "unix:$PWD/socket" -m hello t
  [ "$(mq-get t)" = hello ]
  grep -qx "mq-serve: listening on unix:$PWD/socket" activate.err
}

@test "a consumer that waits hears of a doorbell that was made anew" {
  mq-topic create -X mq.sync=never t
  serve
  in_background remote mq-get -F -b "$broker" t
  mq-put -m 1 t
  wait_until has_lines remote.out 1
  rm "$MQ_SPOOL/topics/t/doorbell"
  for i in $(seq 2 9); do
    mq-put -m "$i" t
    wait_until has_lines remote.out "$i"
  done
}

@test "who produces goes on where a topic is deleted and made again, or half deleted" {
  serve
  for sync in never always; do
    for message in first second third; do
      mq-topic create -X "mq.sync=$sync" t
      echo "$message" | kafka -P -t t
      [ "$(mq-get t)" = "$message" ]
      if [ "$message" = first ]; then
        mq-topic delete --yes t
      else # as a deletion leaves it that is killed
        mv "$MQ_SPOOL/topics/t" "$MQ_SPOOL/topics/.deleted+$sync$message"
      fi
    done
  done
}

@test "a consumer that waits for many partitions gets all, in the order of each" {
  mq-topic create -p 8 -X mq.sync=never t
  serve
  in_background remote mq-get -F -b "$broker" -f '%p %v\n' t
  for producer in 1 2 3; do
    for partition in 0 3 7; do
      seq -f "$producer:%g" 100 |
        mq-put -b "$broker" --batch 1 -p "$partition" t &
    done
  done
  wait_until has_lines remote.out 900
  for partition in 0 3 7; do
    for producer in 1 2 3; do
      sed -n "s/^$partition $producer://p" remote.out | cmp - <(seq 100)
    done
  done
}
