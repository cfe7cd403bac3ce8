#!/usr/bin/env bats
# mq-group: listing groups, moving and deleting them.
load helper

put_five() {
  printf '1\n2\n3\n4\n5\n' | mq-put "${1:-jobs}"
}

# What is left for the group, on one line.
rest() {
  mq-get -g "$1" "${2:-jobs}" | tr '\n' ' '
}

@test "list names every group with its order and how far it lags over all its topics" {
  put_five jobs
  put_five mails
  mq-get -g a -c 2 jobs >/dev/null
  mq-get -g a -c 1 mails >/dev/null
  mq-get -g b --order=key -c 5 jobs >/dev/null
  run -0 --separate-stderr mq-group list --json
  [ "${lines[0]}" = '{"group":"a","order":"none","members":0,"topics":2,"lag":7,"dead":0}' ]
  [ "${lines[1]}" = '{"group":"b","order":"key","members":0,"topics":1,"lag":0,"dead":0}' ]
  [ "${#lines[@]}" -eq 2 ]
  run -0 --separate-stderr mq-group list
  [ "$(echo "${lines[1]}" | tr -s ' ')" = "a none 0 2 7 0" ]
}

@test "show lists where a group stands on each partition" {
  put_five
  mq-get -g a -c 2 jobs >/dev/null
  run -0 --separate-stderr mq-group show --json a
  [[ $output == '{"group":"a","topic":"jobs","partition":0,"order":"none","start":2,"end":5,"ready":3,"leased":0,"delayed":0,"lag":3,'* ]]
  run -0 --separate-stderr mq-group show --json a jobs
  [ "${#lines[@]}" -eq 1 ]
  run -66 mq-group show a mails
}

@test "show, reset and delete of a group that does not exist exit 66" {
  put_five
  run -66 mq-group show nobody
  run -66 mq-group reset --to-start nobody
  run -66 mq-group delete nobody
  mq-get -g a -c 1 jobs >/dev/null
  run -66 mq-group reset --to-start nobody
  run -66 --separate-stderr mq-group reset --to-start a mails
  assert_stderr "group a does not read topic mails"
}

@test "reset is a dry run unless --yes is given" {
  put_five
  mq-get -g a jobs >/dev/null
  run -0 --separate-stderr mq-group reset --json --to-start a
  assert_output '{"group":"a","topic":"jobs","partition":0,"from":5,"to":0}'
  assert_stderr "--yes"
  run -1 mq-get -g a jobs
  run -0 --separate-stderr mq-group reset --json --to-start --yes a
  assert_output '{"group":"a","topic":"jobs","partition":0,"from":5,"to":0}'
  [ "$(rest a)" = "1 2 3 4 5 " ]
}

@test "a group can be moved to the end, an offset, a time, or by a number" {
  mq-put --timestamp 2020-01-01T00:00:00Z -m old jobs
  put_five
  mq-get -g a -c 1 jobs >/dev/null
  mq-group reset --yes --to-end a
  [ -z "$(rest a)" ]
  mq-group reset --yes --to-offset 4 a
  [ "$(rest a)" = "4 5 " ]
  mq-group reset --yes --shift -3 a
  [ "$(rest a)" = "3 4 5 " ]
  mq-group reset --yes --to-time 2020-01-02T00:00:00Z a
  [ "$(rest a)" = "1 2 3 4 5 " ]
  mq-group reset --yes --shift -99 a
  [ "$(rest a)" = "old 1 2 3 4 5 " ]
  mq-group reset --yes --to-offset 99 a
  [ -z "$(rest a)" ]
}

@test "a reset takes leases and settled messages above with it; their receipts are lost" {
  put_five
  mq-get -g a --ack=manual -c 2 -f '%r\n' jobs >receipts
  mq-ack "$(tail -n 1 receipts)"
  mq-group reset --yes --to-start a
  run -1 mq-ack "$(head -n 1 receipts)"
  [ "$(rest a)" = "1 2 3 4 5 " ]
}

@test "one topic of a group can be reset alone" {
  put_five jobs
  put_five mails
  mq-get -g a jobs >/dev/null
  mq-get -g a mails >/dev/null
  mq-group reset --yes --to-start a mails
  [ -z "$(rest a jobs)" ]
  [ "$(rest a mails)" = "1 2 3 4 5 " ]
}

@test "a group with a living member is neither reset nor deleted: exit 75" {
  put_five
  in_background worker mq-get -g a -F jobs
  wait_until has_lines worker.out 5
  run -75 --separate-stderr mq-group reset --yes --to-start a
  assert_stderr "living member"
  run -75 mq-group reset --to-start a
  run -75 mq-group delete --yes a
  crash "$background"
  run -0 mq-group reset --yes --to-start a
  [ "$(rest a)" = "1 2 3 4 5 " ]
}

@test "delete is a dry run unless --yes is given, and forgets the group" {
  put_five
  mq-get -g a -c 2 jobs >/dev/null
  run -0 --separate-stderr mq-group delete --json a
  [[ $output == '{"group":"a","topic":"jobs",'* ]]
  assert_stderr "--yes"
  [ "$(mq-group list --json | wc -l)" -eq 1 ]
  mq-group delete --yes a
  [ -z "$(mq-group list --json)" ]
  [ "$(rest a)" = "1 2 3 4 5 " ]
}

@test "a group deleted on one topic keeps the others" {
  put_five jobs
  put_five mails
  mq-get -g a jobs >/dev/null
  mq-get -g a mails >/dev/null
  mq-group delete --yes a mails
  [ -z "$(rest a jobs)" ]
  [ "$(rest a mails)" = "1 2 3 4 5 " ]
}

@test "a group of a topic that was deleted and made again is gone" {
  put_five
  mq-get -g a jobs >/dev/null
  mq-topic delete --yes jobs
  put_five
  [ -z "$(mq-group list --json)" ]
  [ "$(rest a)" = "1 2 3 4 5 " ]
}

@test "a reset says exactly one place to go to" {
  put_five
  mq-get -g a jobs >/dev/null
  run -64 mq-group reset a
  run -64 mq-group reset --to-start --to-end a
  run -64 mq-group reset --to-offset x a
  run -64 mq-group move a
  run -64 mq-group
  run -64 mq-group show
}
