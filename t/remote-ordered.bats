#!/usr/bin/env bats
# Promise: members of an ordered group over the network own whole partitions.

load helper

ordered() {
  remotely mq-get --order=partition "$@"
}

# A consumer in the background: ordered_service NAME ARGUMENT...
ordered_service() {
  local name=$1
  shift
  in_background "$name" env -u MQ_SPOOL MQ_BROKERS="$broker" \
    mq-get --order=partition "$@"
}

# FROM TO: these numbers, in every partition.
fill() {
  for partition in 0 1 2 3; do
    seq "$1" "$2" | mq-put -p "$partition" t
  done
}

partitions_in() {
  cut -d' ' -f1 "$1" | sort -u | wc -l
}

# Every partition has 1 to $1 in the files, in order in each; what came again
# does not count.
assert_in_order() {
  local last=$1 partition file
  shift
  for partition in 0 1 2 3; do
    for file in "$@"; do
      sed -n "s/^$partition //p" "$file" | awk '!seen[$0]++' | sort -nc
    done
    cat "$@" | sed -n "s/^$partition //p" | sort -nu | cmp - <(seq "$last")
  done
}

@test "an ordered group goes on where it was, over the network and here" {
  serve
  mq-topic create -p 4 t
  fill 1 100
  ordered -g g -c 150 -f '%p %v\n' t >one
  mq-get -g g --order=partition -c 50 -f '%p %v\n' t >two
  ordered -g g -f '%p %v\n' t >three
  assert_in_order 100 one two three
  [ "$(cat one two three | wc -l)" -eq 400 ]
  run -1 ordered -g g t
  run -1 mq-get -g g --order=partition t
}

# Holds the index until somebody writes to the pipe `release`.
hold_index() {
  mkfifo release
  in_background hold /usr/bin/python3 -c '
import sqlite3
index = sqlite3.connect("spool/index.db", isolation_level=None)
index.execute("BEGIN IMMEDIATE")
print("held", flush=True)
open("release").read()'
  wait_until has_lines hold.out 1
}

@test "a server that has not loaded its groups yet is asked again" {
  echo one | mq-put t
  mq-get -g other t
  hold_index
  serve
  ordered_service one -g g -c 1 t
  wait_until eval 'kill -USR1 "$server"; grep -q "[1-9][0-9] requests" serve.err'
  echo >release
  wait_until has_lines one.out 1
}

@test "whoever ends, by a signal too, has left the group by then" {
  serve
  mq-topic create t
  for signal in TERM HUP TERM HUP; do
    echo "$signal" | mq-put t
    ordered_service one -F -g g t
    wait_until has_lines one.out 1
    kill -"$signal" "$background"
    wait "$background" || true
    run -1 mq-get -g g --order=partition t
    echo | mq-put t
    run -0 ordered -c 1 -g g t
    run -1 mq-get -g g --order=partition t
  done
}

@test "two members share the partitions, and one takes over what the other leaves" {
  serve
  mq-topic create -p 4 t
  ordered_service one -F -g g -f '%p %v\n' t
  first=$background
  fill 1 50
  wait_until has_lines one.out 200
  ordered_service two -F -g g -f '%p %v\n' t
  second=$background
  # Until the group is shared out anew, the first one gets all.
  n=50
  until [ -s two.out ]; do
    n=$((n + 1))
    fill $n $n
    wait_until eval "[ \$(cat one.out two.out | wc -l) -ge $((4 * n)) ]"
  done
  fill $((n + 1)) $((n + 50))
  wait_until eval "[ \$(cat one.out two.out | wc -l) -ge $((4 * (n + 50))) ]"
  [ "$(partitions_in two.out)" -eq 2 ]
  assert_in_order $((n + 50)) one.out two.out
  kill "$second"
  wait "$second" || true
  fill $((n + 51)) $((n + 60))
  wait_until eval "[ \$(cat one.out two.out | wc -l) -ge $((4 * (n + 60))) ]"
  assert_in_order $((n + 60)) one.out two.out
  kill "$first"
}

@test "what a killed member did not commit comes to another one" {
  serve
  mq-topic create -p 4 t
  fill 1 20
  ordered_service dies -F -g g t -- sh -c ': >started; exec sleep 1000'
  wait_until test -e started
  crash "$background"
  # Its session has to end first: ten seconds.
  patience=40 wait_until ordered -g g -w 30s -c 80 -f '%p %v\n' t
  mq-put -p 0 -m 21 t
  [ "$(ordered -g g -w 30s t)" = 21 ]
}

@test "an ordered group over the network outlives kill -9 of the server" {
  serve
  mq-topic create -p 4 t
  fill 1 100
  ordered_service one -F -g g -f '%p %v\n' t
  wait_until has_lines one.out 400
  crash "$server"
  serve
  fill 101 200
  wait_until eval '[ "$(sort -u one.out | wc -l)" -eq 800 ]'
  assert_in_order 200 one.out
}

@test "workers over the network have the messages of a partition one after the other" {
  serve
  mq-topic create -p 4 t
  fill 1 25
  ordered -g g -P 4 t -- sh -c 'read v
    mkdir "p$MQ_PARTITION" || exit 255
    echo "$MQ_PARTITION $v" >>"out.$MQ_PARTITION"
    rmdir "p$MQ_PARTITION"'
  assert_in_order 25 out.*
  run -1 ordered -g g t
}

@test "a message that fails is tried again before those behind it" {
  serve
  seq 3 | mq-put t
  ordered_service work -F -g g --backoff 10ms..10ms t -- sh -c 'read v
    echo "$v $MQ_ATTEMPT" >>tried
    [ "$v" != 2 ] || [ "$MQ_ATTEMPT" -ge 3 ]'
  wait_until grep -qx '3 1' tried
  [ "$(tr '\n' , <tried)" = '1 1,2 1,2 2,2 3,3 1,' ]
}

@test "a message that fails for good is a dead letter, and the next one comes" {
  serve
  seq 3 | mq-put t
  ordered_service work -F -g g --backoff 0s..0s --max-attempts 2 t -- \
    sh -c 'read v; echo "$v $MQ_ATTEMPT" >>tried; [ "$v" != 2 ]'
  wait_until grep -qx '3 1' tried
  kill "$background"
  wait "$background" || true
  grep -q 't:0:1: attempt 2: worker exited with 1' work.err
  [ "$(tr '\n' , <tried)" = '1 1,2 1,2 2,3 1,' ]
  run -0 mq-get -j t.dead
  [[ $output == *'"__dlq.errors.topic","t"'* ]]
  [[ $output == *'"__dlq.errors.offset","1"'* ]]
  [[ $output == *'"__dlq.errors.group","g"'* ]]
  [[ $output == *'"__dlq.errors.delivery.count","2"'* ]]
  [[ $output == *'"mq.dead.exit-status","1"'* ]]
  run -1 ordered -g g t
  run -1 mq-get -g g --order=partition t
}

@test "exit 65 and 100 make a dead letter at once, with the end of stderr" {
  serve
  for code in 65 100; do
    mq-put -H 'a=b' -k "key $code" -m "message $code" t
    run -1 --separate-stderr ordered -g g t -- \
      sh -c "echo bad >&2; exit $code"
    run -1 ordered -g g t
  done
  [ "$(mq-get t.dead)" = $'message 65\nmessage 100' ]
  run -0 mq-get -j t.dead
  [[ ${lines[0]} == *'"key":"key 65"'*'["a","b"]'* ]]
  [[ ${lines[1]} == *'"mq.dead.exit-status","100"'* ]]
  [[ ${lines[1]} == *'"mq.dead.stderr","bad'* ]]
  [ "$(mq-dead list --json t | wc -l)" -eq 2 ]
  mq-dead redrive --all t
  [ "$(ordered -g g -f '%k %v\n' t)" = \
    $'key 65 message 65\nkey 100 message 100' ]
}

@test "a topic's settings say when a message is dead, and where it goes" {
  serve
  mq-topic create -X mq.max-attempts=2 -X mq.backoff=1ms..1ms \
    -X mq.dlq=lost t
  seq 3 | mq-put t
  ordered_service work -F -g g t -- false
  wait_until eval '[ "$(mq-get lost | wc -l)" -eq 3 ]'
  [ "$(grep -c 'attempt 2' work.err)" -eq 3 ]
  ! grep -q 'attempt 3' work.err
  # One that is altered is followed.
  mq-topic alter --yes -X mq.max-attempts=1 -X mq.dlq= t
  wait_until eval 'mq-put -m late t; mq-get t.dead'
  [ "$(mq-get lost | head -n 3 | tr '\n' ' ')" = '1 2 3 ' ]
  [ "$(mq-get t.dead | head -n 1)" = late ]
}

@test "attempts go on with the next member, and a message rests by its topic" {
  serve
  mq-topic create -X mq.max-attempts=3 -X mq.backoff=1h..2h t
  seq 2 | mq-put t
  for attempt in 1 2; do
    run -1 --separate-stderr ordered -g g t -- false
    assert_stderr "t:0:0: attempt $attempt: worker exited with 1"
    run -66 mq-get t.dead
  done
  # It rests, and so does what is behind it.
  run -1 --separate-stderr ordered -g h t -- sh -c 'echo $MQ_OFFSET; exit 1'
  [ "$output" = 0 ]
  run -0 --separate-stderr ordered -g g t -- \
    sh -c 'read v; echo $v; [ "$v" != 1 ]'
  assert_stderr 't:0:0: attempt 3: worker exited with 1'
  [ "$output" = $'1\n2' ]
  [ "$(mq-get t.dead)" = 1 ]
}

@test "a batch that fails is settled as one, and dies one by one" {
  serve
  seq 4 | mq-put t
  ordered_service work -F -g g --batch 3 --max-attempts 2 \
    --backoff 1ms..1ms t -- sh -c 'echo "${MQ_COUNT-1} $MQ_ATTEMPT" >>tried
      exit 1'
  wait_until eval '[ "$(mq-get t.dead | wc -l)" -eq 4 ]'
  [ "$(head -n 4 tried | tr '\n' ,)" = '3 1,1 2,1 2,1 2,' ]
  [ "$(mq-get t.dead | tr '\n' ' ')" = '1 2 3 4 ' ]
}

@test "a message whose dead letter cannot be stored waits for it" {
  serve
  mq-topic create -X mq.dlq=small t
  mq-topic create -X max.message.bytes=1K small
  seq 2 | mq-put t
  ordered_service work -F -g g --max-attempts 1 --backoff 1ms..1s t -- \
    sh -c 'read v; [ "$v" != 1 ] || { head -c 4000 /dev/zero | tr "\0" x >&2
      exit 1; }'
  wait_until grep -q 'no dead letter yet: ' work.err
  run -1 mq-get small
  [ "$(mq-group show -j g | grep -c '"lag":2')" -eq 1 ]
  mq-topic alter --yes -X max.message.bytes=1M small
  wait_until eval '[ "$(mq-get small)" = 1 ]'
  wait_until eval 'mq-group show -j g | grep -q "\"lag\":0"'
}

@test "--on-dead runs with the message once it is a dead letter" {
  serve
  seq 2 | mq-put t
  run -1 --separate-stderr ordered -g g --max-attempts 1 \
    --on-dead 'echo "$MQ_OFFSET $(cat)" >>buried; mq-get t.dead >>buried' \
    t -- false
  [ "$(head -n 2 buried | tr '\n' ,)" = '0 1,1,' ]
}

@test "dead letters that fail are tried again, and make no others" {
  serve
  mq-put -m x t.dead
  ordered_service work -F -g g --max-attempts 1 --backoff 1ms..1ms t.dead \
    -- false
  wait_until grep -q 'attempt 3' work.err
  run -66 mq-get t.dead.dead
}

@test "--ack=before, filters and -o are those of a directory" {
  serve
  seq 10 | mq-put -k a t
  mq-put -k b -m eleven t
  [ "$(ordered -g one -o 9 t | tr '\n' ' ')" = '10 eleven ' ]
  [ "$(ordered -g one -o 0 t | wc -l)" -eq 0 ]
  [ "$(ordered -g two --key b t)" = eleven ]
  [ "$(ordered -g three --ack=before -c 4 t | wc -l)" -eq 4 ]
  [ "$(ordered -g three t | head -n 1)" = 5 ]
  run -1 ordered -g two t
}

@test "what Kafka's consumer groups have no words for is refused by name" {
  serve
  mq-put -m x t
  run -64 --separate-stderr ordered -g g --ack=manual t
  assert_stderr '--ack=manual'
  run -64 --separate-stderr ordered -g g --lease 1h t
  assert_stderr '--lease'
  run -66 ordered -g g missing
  crash "$server"
  run -69 ordered -g g t
}
