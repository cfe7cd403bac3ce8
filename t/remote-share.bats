#!/usr/bin/env bats
# Promise: members of a group over the network and of the directory share it.
#
# That single consumers do over the network what they do with a directory, is
# tried by t/remote-{get-group,worker,ack}.bats: the same files by other names.

load helper

# Runs a remote consumer in the background: remote_service NAME ARGUMENT...
remote_service() {
  local name=$1
  shift
  in_background "$name" env -u MQ_SPOOL MQ_BROKERS="$broker" mq-get "$@"
}

receipts() {
  remotely mq-get -g g --ack=manual -f '%r\n' "$@"
}

@test "members here and there take each message once" {
  seq 3000 | mq-put t
  serve
  remotely mq-get -g g -c 500 t >one
  mq-get -g g -c 500 t >two
  remote_service three -g g t
  remote_service four -g g t
  mq-get -g g t >five || true
  wait "${backgrounds[@]:1}" || true
  cat one two three.out four.out five | sort -n | cmp - <(seq 3000)
  run -1 remotely mq-get -g g t
  run -1 mq-get -g g t
}

@test "what one holds over the network, others here see leased" {
  seq 4 | mq-put t
  serve
  receipts -c 3 t >held
  [ "$(mq-get -g g t)" = 4 ]
  mq-stat --leases | grep -q 't *g *0 *0 *2 *leased'
}

@test "a receipt from the network is good here, and one from here there" {
  seq 4 | mq-put t
  serve
  receipts -c 2 t >there
  mq-get -g g --ack=manual -f '%r\n' t >here
  mq-ack "$(sed -n 1p there)"
  remotely mq-ack "$(sed -n 1p here)"
  mq-ack --release=0 "$(sed -n 2p there)"
  remotely mq-ack --release=0 "$(sed -n 2p here)"
  [ "$(mq-get -g g -f '%v %a ' t)" = '2 2 4 2 ' ]
  run -1 remotely mq-ack "$(sed -n 1p there)"
}

@test "receipts survive kill -9 of the server" {
  seq 2 | mq-put t
  serve
  receipts t >held
  crash "$server"
  serve
  run -1 remotely mq-get -g g t
  remotely mq-ack - <held
  run -1 remotely mq-ack "$(head -n 1 held)"
}

@test "many receipts of several groups, topics and partitions are settled, each lost one named" {
  mq-topic create -p 3 many
  seq 6000 | mq-put many
  seq 3 | mq-put few
  serve
  receipts many >many
  remotely mq-get -g other --ack=manual -f '%r\n' few many -c 2000 >more
  remotely mq-ack "$(sed -n 3p many)"
  run -1 --separate-stderr remotely mq-ack - < <(cat many more)
  [ "$(grep -c 'is lost' <<<"$stderr")" -eq 1 ]
  [ "$(mq-get -g other few many | wc -l)" -eq 4003 ]
  run -1 mq-get -g g many
}

@test "kill -9 of a member over the network frees what it held at once" {
  seq 5 | mq-put t
  serve
  remote_service dies -g g --batch 5 t -- sh -c ': >started; exec sleep 1000'
  wait_until test -e started
  run -1 remotely mq-get -g g t
  crash "$background"
  wait_until eval 'remotely mq-get -g g t >rest'
  seq 5 | cmp - rest
}

@test "workers over the network outlive kill -9 of the server" {
  seq 300 | mq-put t
  serve
  remote_service work -F -g g -P 2 t -- sh -c 'read v; echo "$v"'
  worker=$background
  wait_until has_lines work.out 50
  crash "$server"
  serve
  wait_until eval '[ "$(sort -nu work.out | wc -l)" -eq 300 ]'
  seq 301 302 | mq-put t
  wait_until grep -qx 302 work.out
  kill "$worker"
  wait "$worker" || true
  sort -nu work.out | cmp - <(seq 302)
}

@test "TERM of a member that waits leaves nothing held" {
  serve
  mq-put -m 1 t
  remote_service waits -F -g g t
  wait_until grep -qx 1 waits.out
  kill "$background"
  wait "$background" || status=$?
  [ "$status" -eq 143 ]
  mq-put -m 2 t
  [ "$(mq-get -g g -f '%v %a' t)" = '2 1' ]
}

@test "a waiting member has messages as they come, and those of a new partition" {
  serve
  mq-topic create t
  remote_service waits -F -g g -f '%p %v\n' t
  mq-put -m first t
  wait_until grep -qx '0 first' waits.out
  mq-topic alter -p 2 t
  mq-put -p 1 -m second t
  wait_until grep -qx '1 second' waits.out
}

@test "-o says where a group begins over the network, if it is new" {
  seq 10 | mq-put t
  serve
  [ "$(remotely mq-get -g a -o 8 t | tr '\n' ' ')" = '9 10 ' ]
  [ "$(remotely mq-get -g b -o -1 t)" = 10 ]
  run -1 remotely mq-get -g b -o start t
}

@test "terms are each member's own" {
  serve
  mq-topic create -p 2 t
  for partition in 0 1; do mq-put -p $partition -m x t; done
  # The first one lives on while the second one takes.
  remote_service first -F -g g -p 0 --lease 1h --ack=manual t
  wait_until grep -qx x first.out
  remotely mq-get -g g -p 1 --lease 5h --ack=manual t
  mq-stat --leases | grep -Eq ' (59m|1h)'
  mq-stat --leases | grep -Eq ' (4h59m|5h)'
}

@test "failures of groups over the network have the exit statuses of local ones" {
  serve
  mq-put -m x t
  run -66 --separate-stderr remotely mq-get -g g missing
  assert_stderr 'topic missing: there is none'
  run -64 remotely mq-get -g no/name t
  run -64 mq-get -C "$MQ_SPOOL" -b "$broker" -g g t
  run -64 mq-ack -C "$MQ_SPOOL" -b "$broker" t:0:0:g:1
  run -1 remotely mq-ack missing:0:0:g:1
  run -1 remotely mq-ack t:9:0:g:1
  run -1 remotely mq-ack t:0:0:g:1
  remote_service lives -F -g living --order key t
  wait_until grep -qx x lives.out
  run -64 --separate-stderr remotely mq-get -g living t
  assert_stderr 'use another --order'
  crash "$server"
  run -69 remotely mq-get -g g t
  run -69 remotely mq-ack t:0:0:g:1
}

@test "workers are told of the brokers that -b names, and of no spool" {
  serve
  mq-put -m x t
  run -0 mq-get -b "$broker" -g g t -- sh -c 'echo "$MQ_BROKERS ${MQ_SPOOL-none}"'
  assert_output "$broker none"
}
