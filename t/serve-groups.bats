#!/usr/bin/env bats
# Promise: groups of the network and groups of the directory are the same.

load helper

# A member of a consumer group that stays: $member. NAME.err tells what it has.
member() {
  skip_without kcat
  in_background "$1" kcat -b "$broker" -u -G g -X auto.offset.reset=earliest \
    -X auto.commit.interval.ms=50 "${@:2}"
  member=$background
}

# A member that ends when it has read all.
read_all() {
  skip_without kcat
  timeout 20 kcat -b "$broker" -q -G g -X auto.offset.reset=earliest -e "$@"
}

@test "while a server has members of a group, no process of the directory takes its partitions" {
  serve
  mq-topic create -p 2 t
  member client t
  wait_until grep -q 'assigned: t \[0\], t \[1\]' client.err
  run -75 --separate-stderr mq-get -g g --order=partition t
  assert_stderr "1 living member on the server with process id $server"
  run -75 mq-get -g g t
  mq-put -m a t
  wait_until grep -q a client.out
  crash "$member"
  run -75 mq-get -g g --order=partition t
}

@test "members of a server are gone with it, and theirs is what the directory goes on with" {
  serve
  mq-topic create t
  seq 10 | mq-put t
  read_all t >client.out
  member client t
  wait_until grep -q 'assigned: t' client.err
  crash "$server"
  seq 11 20 | mq-put t
  mq-get -g g --order=partition t | cmp - <(seq 11 20)
  serve
  seq 21 30 | mq-put t
  read_all t | cmp - <(seq 21 30)
}

@test "while processes of the directory have a group, clients wait for it" {
  serve
  mq-topic create t
  seq 5 | mq-put t
  in_background local mq-get -F -g g --order=partition t
  local=$background
  wait_until has_lines local.out 5
  member client t
  wait_until grep -q 'group g: 1 process of the directory uses it' serve.err
  seq 6 10 | mq-put t
  wait_until has_lines local.out 10
  ! grep -q assigned client.err
  crash "$local"
  wait_until grep -q 'assigned: t' client.err
  seq 11 12 | mq-put t
  wait_until grep -q 12 client.out
  sort -n local.out client.out | uniq | cmp - <(seq 12)
}

@test "a server that comes back gives up members of a group that the directory has taken" {
  serve
  mq-topic create t
  member client t
  wait_until grep -q 'assigned: t' client.err
  crash "$server"
  in_background local mq-get -F -g g --order=partition t
  wait_until eval '[ "$(mq-group show -v g --json | grep -c pid)" -eq 1 ]'
  serve
  seq 3 | mq-put t
  wait_until has_lines local.out 3
  [ "$(mq-group show -v g --json | grep -c '"member":null')" -eq 1 ]
  [ "$(mq-group list --json)" = '{"group":"g","order":"partition","members":1,"topics":1,"lag":0,"dead":0}' ]
}

@test "two servers on one spool do not share a group" {
  serve
  mq-topic create t
  member client t
  wait_until grep -q 'assigned: t' client.err
  first=$server
  in_background other mq-serve --listen 127.0.0.1:0
  await_server other
  member second t
  wait_until grep -q "group g: the server with process id $first has it" other.err
  crash "$first"
  wait_until grep -q 'assigned: t' second.err
}

@test "mq-group tells of members on a server, with client and host, and of what they commit" {
  serve
  mq-topic create t
  member client -X client.id=probe t
  wait_until grep -q 'assigned: t' client.err
  run -0 mq-group list --json
  assert_output '{"group":"g","order":"partition","members":1,"topics":0,"lag":0,"dead":0}'
  mq-put -m a t
  wait_until eval 'mq-group list --json | grep -q "\"members\":1,\"topics\":1,\"lag\":0,"'
  run -0 mq-group show -v --json g
  [[ "${lines[0]}" == *'"start":1,'*'"members":1,"metadata":""}' ]]
  [[ "${lines[1]}" == '{"group":"g","member":"probe-'*'","client":"probe","host":"/127.0.0.1","pid":'"$server"'}' ]]
  run -0 mq-group show -v g
  [[ "$output" == *METADATA*"MEMBER "*"probe-"*" probe "*"/127.0.0.1"*"$server"* ]]
  run -0 mq-group show g
  [[ "$output" != *MEMBER* ]]
}

@test "a group with members on a server is neither reset nor deleted: exit 75" {
  serve
  mq-topic create t
  seq 5 | mq-put t
  member client t
  wait_until grep -q 'assigned: t' client.err
  run -75 --separate-stderr mq-group delete --yes g
  assert_stderr "living member on the server"
  run -75 mq-group reset --to-start --yes g
  wait_until eval 'mq-group list --json | grep -q "\"topics\":1,\"lag\":0,"'
  run -75 mq-group reset --to-start --yes g
  kill "$member"
  wait "$member" || true
  wait_until mq-group reset --to-start --yes g
  read_all t | cmp - <(seq 5)
  wait_until mq-group delete --yes g
  [ -z "$(mq-group list --json)" ]
  [ "$(sqlite3 "$MQ_SPOOL/index.db" 'select (select count(*) from roster)
    + (select count(*) from roster_member) + (select count(*) from committed)')" -eq 0 ]
  read_all t | cmp - <(seq 5)
}

@test "mq-fsck finds members and commits that belong to no group, and forgets them" {
  serve
  mq-topic create t
  seq 5 | mq-put t
  read_all t >client.out
  kill "$server"
  wait "$server"
  run -0 mq-fsck -n
  sqlite3 "$MQ_SPOOL/index.db" "insert into committed values(999, 1, 1, '');
    insert into roster values(99, 0, 0, 1, 1, 'consumer', 'range', '');
    insert into roster_member values(98, 0, 1, 1, 'a', '', '', '', '', '')"
  run mq-fsck -n
  [ "$status" -ne 0 ]
  [[ "$output" == *"3 members or committed offsets belong to no group"* ]]
  run mq-fsck -y
  run -0 mq-fsck -n
  [ "$(sqlite3 "$MQ_SPOOL/index.db" 'select count(*) from roster_member')" -eq 0 ]
  seq 6 7 | mq-put t
  serve
  read_all t | cmp - <(seq 6 7)
}
