#!/usr/bin/env bats
# Caches that are deleted, overwritten or put back while tools are at work.
load helper

damage() {
  head -c "$2" /dev/urandom | dd of="$1" bs=1 conv=notrunc status=none
}

# Runs a follower and a producer, does something to a file again and again
# meanwhile, and expects every message once, in order.
while_at_work() {
  mq-put -m 0 jobs
  in_background follower mq-get -F jobs
  in_background producer sh -c 'for i in $(seq 300); do mq-put -m $i jobs || exit; done'
  local producer=$background
  while kill -0 "$producer" 2>/dev/null; do "$@"; done
  wait "$producer"
  wait_until has_lines follower.out 301
  seq 0 300 | cmp - follower.out
  [ "$(mq-get jobs)" = "$(seq 0 300)" ]
}

delete_control() {
  rm -f "$(partition_of jobs)/control"
}

damage_control() {
  [ ! -e "$(partition_of jobs)/control" ] || damage "$(partition_of jobs)/control" 4096
}

restore_control() {
  local control
  control=$(partition_of jobs)/control
  if [ -e older ]; then cp older "$control"; else cp "$control" older; fi
}

@test "a control page deleted again and again while a follower and producers run loses nothing" {
  while_at_work delete_control
}

@test "a control page overwritten again and again while a follower and producers run loses nothing" {
  while_at_work damage_control
}

@test "a control page put back from a copy again and again while a follower and producers run loses nothing" {
  while_at_work restore_control
}

# The same with a consumer of a group.
while_consuming() {
  mq-put -m 0 jobs
  in_background follower mq-get -g g -F jobs
  in_background producer sh -c 'for i in $(seq 300); do mq-put -m $i jobs || exit; done'
  local producer=$background
  while kill -0 "$producer" 2>/dev/null; do "$@"; done
  wait "$producer"
  wait_until has_lines follower.out 301
  seq 0 300 | cmp - follower.out
}

@test "a control page deleted again and again while a consumer runs loses nothing" {
  while_consuming delete_control
}

@test "a control page overwritten again and again while a consumer runs loses nothing" {
  while_consuming damage_control
}

@test "a control page put back from a copy again and again while a consumer runs loses nothing" {
  while_consuming restore_control
}

# Consumers run; the index is taken away behind every tenth message.
index_suffers() {
  mq-put -m 0 jobs
  in_background worker mq-get -g g -F jobs
  wait_until all_delivered 1
  for i in $(seq 100); do
    mq-put -m "$i" jobs
    [ $((i % 10)) -ne 0 ] || "$@"
  done
  wait_until all_delivered 101
  kill -0 "$background"
}

delete_index() {
  rm -f "$MQ_SPOOL/index.db" "$MQ_SPOOL/index.db-wal" "$MQ_SPOOL/index.db-shm"
}

damage_index() {
  damage "$MQ_SPOOL/index.db" 8192
}

replace_index() {
  delete_index
  damage "$MQ_SPOOL/index.db" 8192
}

restore_index() {
  if [ -e older.db ]; then
    cp older.db "$MQ_SPOOL/index.db"
  else
    cp "$MQ_SPOOL/index.db" older.db
  fi
}

@test "an index deleted again and again while a consumer runs loses nothing" {
  index_suffers delete_index
}

@test "an index overwritten with garbage again and again while a consumer runs loses nothing" {
  index_suffers damage_index
}

@test "an index replaced by garbage again and again while a consumer runs loses nothing" {
  index_suffers replace_index
}

@test "an index put back from a copy again and again while a consumer runs loses nothing" {
  index_suffers restore_index
}

all_delivered() {
  [ "$(sort -nu worker.out | wc -l)" -eq "$1" ]
}
