#!/usr/bin/env bats
# Promise: a spool of older tools is read as it is, and written as one of ours.
#
# t/upgrade/spool-1.tar.gz was made by the tools of commit ecac4cf, whose index
# has version 1: topic t with 1 to 10 in partition 0, 11 to 20 in partition 1;
# group a took three, group b four by partition, c one with --ack=manual.
load helper

setup() {
  fresh_spool
  tar -xzf "$repository/t/upgrade/spool-1.tar.gz"
}

version() {
  sqlite3 "$MQ_SPOOL/index.db" 'pragma user_version'
}

lags() {
  mq-group list --json | sed 's/.*"group":"\([^"]*\)".*"lag":\([0-9]*\).*/\1 \2/' | tr '\n' ,
}

@test "who only reads an index of version 1 sees its groups, and leaves it as it is" {
  cp -p "$MQ_SPOOL/index.db" before.db
  [ "$(lags)" = "a 17,b 16,c 20," ]
  run -0 mq-group show -v a
  run -0 mq-group show --json b
  [[ "$output" == *'"order":"partition"'* ]]
  run -0 mq-stat
  cmp before.db "$MQ_SPOOL/index.db"
  [ "$(version)" -eq 1 ]
}

@test "who writes to an index of version 1 makes it one of ours, with all that is in it" {
  mq-get -g a -c 1 t >a.out
  [ "$(version)" -eq 4 ]
  [ "$(lags)" = "a 16,b 16,c 20," ]
  mq-get -g a t >>a.out
  [ "$(wc -l <a.out)" -eq 17 ]
  mq-get -g b --order=partition t | sort -n | cmp - <(seq 5 20)
  run -0 mq-fsck -n
  [ "$(sqlite3 "$MQ_SPOOL/index.db" 'select count(*) from lag')" -eq 6 ]
  [ "$(sqlite3 "$MQ_SPOOL/index.db" 'select count(*) from roster')" -eq 0 ]
  # One of version 2 lacks a table, too.
  sqlite3 "$MQ_SPOOL/index.db" 'drop table group_setting;
    pragma user_version = 2'
  [ "$(lags)" = "a 0,b 0,c 20," ]
  run -0 mq-group show -v c
  mq-get -g c -c 1 t
  [ "$(version)" -eq 4 ]
}

@test "what a group was told by older tools is read, and kept" {
  mq-get -g a -c 1 t
  sqlite3 "$MQ_SPOOL/index.db" 'alter table group_setting drop column attempts;
    alter table group_setting drop column session;
    alter table group_setting drop column beat;
    insert into group_setting values("c", 20000, -1);
    pragma user_version = 3'
  mq-group show -v c | grep 'share.record.lock.duration.ms *20000'
  [ "$(version)" -eq 3 ]
  mq-get -g c -c 1 --ack=manual t
  [ "$(version)" -eq 4 ]
  mq-group show -v c | grep 'share.record.lock.duration.ms *20000'
  mq-stat --leases -j -g c | grep -E '"remaining_ms":1[0-9]{4}'
}

@test "processes that upgrade it at once do not disturb each other" {
  for round in 1 2 3 4 5; do
    rm -r "$MQ_SPOOL"
    tar -xzf "$repository/t/upgrade/spool-1.tar.gz"
    pids=()
    for i in 1 2 3 4 5 6; do
      in_background "get$i" mq-get -g a t
      pids+=("$background")
      in_background "list$i" mq-group list
      pids+=("$background")
    done
    for pid in "${pids[@]}"; do
      wait "$pid" || [ $? -eq 1 ]
    done
    [ -z "$(cat list?.err get?.err)" ]
    [ "$(cat get?.out | sort -n | uniq | wc -l)" -eq 17 ]
    [ "$(cat get?.out | wc -l)" -eq 17 ]
    [ "$(version)" -eq 4 ]
    [ -z "$(ls "$MQ_SPOOL" | grep corrupt)" ]
  done
  run -0 mq-fsck -n
}

@test "clients of a server find the groups of an index of version 1" {
  skip_without kcat
  serve
  kafka -G b -X auto.offset.reset=earliest -e t |
    sort -n | cmp - <(seq 5 20)
  [ "$(version)" -eq 4 ]
}

@test "an index of a newer version is refused by name: exit 78" {
  sqlite3 "$MQ_SPOOL/index.db" 'pragma user_version = 5'
  run -78 --separate-stderr mq-get -g a t
  assert_stderr "made by a newer version (5, we know 4)"
  run -78 mq-group list
  run -0 mq-get t
}
