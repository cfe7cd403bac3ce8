#!/usr/bin/env bats
# mq-stat: counts, lag, leases; conditions.
load helper

fields() {
  tr -s ' ' | sed 's/ $//'
}

@test "a topic without groups has one row, without counts of groups" {
  printf '1\n2\n3\n' | mq-put jobs
  run -0 --separate-stderr mq-stat jobs
  [ "$(echo "${lines[0]}" | fields)" = "TOPIC GROUP MESSAGES READY LEASED DELAYED DEAD LAG OLDEST BYTES" ]
  [[ "$(echo "${lines[1]}" | fields)" == "jobs - 3 - - - - - - "* ]]
  [ "${#lines[@]}" -eq 2 ]
}

@test "each group of a topic has a row with what is ready and how far it lags" {
  printf '1\n2\n3\n4\n5\n' | mq-put jobs
  mq-get -g a -c 2 jobs >/dev/null
  mq-get -g b jobs >/dev/null
  run -0 --separate-stderr mq-stat jobs
  [[ "$(echo "${lines[1]}" | fields)" == "jobs a 5 3 0 0 0 3 "* ]]
  [[ "$(echo "${lines[2]}" | fields)" == "jobs b 5 0 0 0 0 0 - "* ]]
  run -0 --separate-stderr mq-stat -g b jobs
  [ "${#lines[@]}" -eq 2 ]
}

@test "leased, delayed and dead messages are counted apart" {
  printf '1\n2\n3\n4\n' | mq-put jobs
  mq-get -g g --ack=manual -c 1 -f '%r\n' jobs >leased
  mq-get -g g --ack=manual -c 1 -f '%r\n' jobs >delayed
  mq-get -g g --ack=manual -c 1 -f '%r\n' jobs >dead
  mq-ack --release=1h "$(cat delayed)"
  mq-ack --reject "$(cat dead)"
  run -0 --separate-stderr mq-stat --json jobs
  [[ $output == '{"topic":"jobs","group":"g","messages":4,"ready":1,"leased":1,"delayed":1,"dead":1,"lag":3,'* ]]
}

@test "--leases lists who holds what and what waits for its time" {
  printf '1\n2\n3\n' | mq-put jobs
  mq-get -g g --ack=manual -c 1 -f '%r\n' jobs >/dev/null
  mq-get -g g --ack=manual -c 1 -f '%r\n' jobs >delayed
  mq-ack --release=1h "$(cat delayed)"
  run -0 --separate-stderr mq-stat --leases --json
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[0]} == '{"topic":"jobs","group":"g","state":"leased","partition":0,"first":0,"last":0,"attempt":1,'* ]]
  [[ ${lines[1]} == '{"topic":"jobs","group":"g","state":"delayed","partition":0,"first":1,"last":1,"attempt":1,'* ]]
}

@test "a lease of a living worker names its process; when that is killed, the message is ready" {
  mq-put -m 1 jobs
  in_background worker mq-get -g g jobs -- sleep 1000
  wait_until has_lease
  run -0 --separate-stderr mq-stat --leases --json
  [[ $output == *"\"pid\":$background}"* ]]
  run -0 --separate-stderr mq-stat --json
  [[ $output == *'"ready":0,"leased":1,'*'"members":1,'* ]]
  crash "$background"
  run -0 --separate-stderr mq-stat --json
  [[ $output == *'"ready":1,"leased":0,'*'"members":0,'* ]]
}

has_lease() {
  mq-stat --leases --json | grep -q leased
}

@test "a true condition exits 0, a false one 1 and says which row; neither prints a table" {
  printf '1\n2\n3\n' | mq-put jobs
  mq-get -g g -c 1 jobs >/dev/null
  run -0 --separate-stderr mq-stat --check 'lag<3' jobs
  [ -z "$output$stderr" ]
  run -1 --separate-stderr mq-stat --check 'lag<2' --check 'messages=3' jobs
  [ -z "$output" ]
  assert_stderr "jobs g: lag is 2, not <2"
  run -1 mq-stat --check 'bytes<1K' jobs
  run -0 mq-stat --check 'ready>=2' --check 'ready<=2' --check 'dead!=1' jobs
  run -0 mq-stat --check ' lag < 3 ' --check 'lag =2' jobs
  run -1 --separate-stderr mq-stat --check 'lag > 3' jobs
  assert_stderr "jobs g: lag is 2, not > 3"
}

@test "a condition on the age compares how long the oldest message has waited" {
  mq-put --timestamp -1h -m old jobs
  mq-get -g g --ack=manual -c 1 jobs >/dev/null
  run -1 --separate-stderr mq-stat --check 'oldest<10m' jobs
  assert_stderr "oldest is "
  run -0 mq-stat --check 'oldest<2h' jobs
}

@test "a condition that is no condition is a usage error" {
  mq-put -m 1 jobs
  run -64 mq-stat --check 'lags<3' jobs
  run -64 mq-stat --check 'lag~3' jobs
  run -64 mq-stat --check 'lag<x' jobs
  run -64 mq-stat --check 'lag' jobs
}

@test "a condition on a group that does not exist is not true: exit 66" {
  mq-put -m 1 jobs
  run -66 --separate-stderr mq-stat -g nobody --check 'lag<3' jobs
  assert_stderr "no group nobody"
}

@test "a topic that does not exist exits 66, so does a spool" {
  run -66 mq-stat
  mq-put -m 1 jobs
  run -66 mq-stat nope
}

@test "--segments lists every partition with its offsets" {
  mq-topic create -p 2 jobs
  mq-put -p 1 -m 1 jobs
  run -0 --separate-stderr mq-stat --segments --json jobs
  [[ ${lines[0]} == '{"topic":"jobs","partition":0,"log_start":0,"log_end":0,'* ]]
  [[ ${lines[1]} == '{"topic":"jobs","partition":1,"log_start":0,"log_end":1,'*'"stopped":false,"segments":1,'* ]]
}

@test "--dead counts the letters that wait, by group" {
  printf '1\n2\n3\n' | mq-put jobs
  mq-get -g a --ack=manual -c 1 -f '%r\n' jobs | mq-ack --reject=bad -
  mq-get -g b --ack=manual -c 1 -f '%r\n' jobs | mq-ack --reject=worse -
  run -0 --separate-stderr mq-stat --dead --json jobs
  [[ ${lines[0]} == '{"topic":"jobs","group":"a","letters":1,'*'"reason":"bad"}' ]]
  [[ ${lines[1]} == '{"topic":"jobs","group":"b","letters":1,'*'"reason":"worse"}' ]]
}

@test "counts, leases and checks can be had from a spool that may not be written" {
  skip_unless_root "to read as somebody who may not write"
  printf '1\n2\n3\n' | mq-put jobs
  mq-get -g g -c 1 jobs >/dev/null
  mq-get -g g --ack=manual -c 1 jobs >/dev/null
  mq-stat --json | sed 's/"lag_ms":[0-9]*,//' >before
  chown -R 65534:65534 "$MQ_SPOOL"
  chmod -R a-w "$MQ_SPOOL"
  for above in . .. ../..; do chmod a+x "$BATS_TEST_TMPDIR/$above"; done
  as_nobody test -r "$MQ_SPOOL/topics" || skip "the way there is not open to others"
  [ "$(as_nobody mq-stat --json | sed 's/"lag_ms":[0-9]*,//')" = "$(cat before)" ]
  [ "$(as_nobody mq-stat --leases --json | wc -l)" -eq 1 ]
  [ "$(as_nobody mq-group list --json | wc -l)" -eq 1 ]
  run -0 as_nobody mq-fsck -n
}
