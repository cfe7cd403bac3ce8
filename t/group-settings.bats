#!/usr/bin/env bats
# Promise: what Kafka's clients set of a share group holds for all its members.

load helper

setup() {
  /usr/bin/python3 -c 'import kafka' 2>/dev/null || skip "no kafka-python here"
  fresh_spool
  serve
}

# alter GROUP KEY=VALUE...: IncrementalAlterConfigs; KEY- deletes. Says the
# error code, and the message.
alter() {
  ask alter "$@"
}

# describe GROUP: KEY VALUE SOURCE of each setting, in order.
describe() {
  ask describe "$@" | sort
}

ask() {
  timeout 30 /usr/bin/python3 - "$broker" "$@" <<'END'
import sys
from kafka.admin import KafkaAdminClient
from kafka.protocol.admin import AlterConfigsRequest_v1
from kafka.protocol.admin import DescribeConfigsRequest_v2
from kafka.protocol.api import Request, Response
from kafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema
from kafka.protocol.types import String

STRING = String("utf-8")


class Answer(Response):
    API_KEY, API_VERSION = 44, 0
    SCHEMA = Schema(("throttle", Int32), ("answers", Array(
        ("code", Int16), ("message", STRING), ("type", Int8),
        ("name", STRING))))


class Alter(Request):
    API_KEY, API_VERSION, RESPONSE_TYPE = 44, 0, Answer
    SCHEMA = Schema(("resources", Array(
        ("type", Int8), ("name", STRING), ("configs", Array(
            ("name", STRING), ("operation", Int8), ("value", STRING))))),
        ("validate_only", Boolean))


def change(text):
    if text.endswith("-"):
        return text[:-1], 1, None
    key, value = text.split("=", 1)
    return key, 0, value


GROUP = 32
broker, command, group, *words = sys.argv[1:]
changes = [change(word) for word in words]
request = {
    "alter": Alter([(GROUP, group, changes)], False),
    "try": Alter([(GROUP, group, changes)], True),
    "replace": AlterConfigsRequest_v1(
        [(GROUP, group, [(key, value) for key, _, value in changes])], False),
    "describe": DescribeConfigsRequest_v2([(GROUP, group, None)], False),
}[command]
admin = KafkaAdminClient(bootstrap_servers=broker)
future = admin._send_request_to_node(
    admin._client.least_loaded_node(), request)
admin._wait_for_futures([future])
answer = future.value
if command == "describe":
    code, message, _, _, configs = answer.resources[0]
    print("error %d %s" % (code, message) if code else "", end="")
    for key, value, _, source, _, _ in configs:
        print(key, value, source)
else:
    code, message = (answer.answers if command != "replace"
                     else answer.resources)[0][:2]
    print(code, message or "")
END
}

defaults='errors.deadletterqueue.copy.record.enable true 5
share.assignment.interval.ms 0 5
share.auto.offset.reset earliest 5
share.delivery.count.limit 5 5
share.heartbeat.interval.ms 5000 5
share.isolation.level read_uncommitted 5
share.record.lock.duration.ms 30000 5
share.renew.acknowledge.enable true 5
share.session.timeout.ms 45000 5'

@test "a group has Kafka's settings before it is there, and keeps them over kill -9" {
  diff <(describe g) <(echo "$defaults")
  [ "$(alter g share.record.lock.duration.ms=20000 \
    share.auto.offset.reset=latest)" = '0 ' ]
  crash "$server"
  serve
  run -0 describe g
  [ "${lines[2]}" = 'share.auto.offset.reset latest 8' ]
  [ "${lines[6]}" = 'share.record.lock.duration.ms 20000 8' ]
  [ "$(describe other)" = "$defaults" ]
  run -0 mq-group show -v g
  [[ $output == *'share.record.lock.duration.ms'*20000* ]]
  MQ_SPOOL='' MQ_BROKERS=$broker run -0 mq-group show -v g
  [[ $output == *'share.record.lock.duration.ms'*20000* ]]
  run -0 mq-group show -v -j g
  [ "${lines[0]}" = \
    '{"group":"g","setting":"share.auto.offset.reset","value":"latest"}' ]
  [ "$(alter g share.record.lock.duration.ms- share.auto.offset.reset-)" = \
    '0 ' ]
  diff <(describe g) <(echo "$defaults")
  run -66 mq-group show -v g
  run -0 mq-fsck -n
}

@test "settings that a group cannot have are refused by name, and change nothing" {
  for bad in share.session.timeout.ms=999 share.isolation.level=read_committed \
    share.heartbeat.interval.ms=1 consumer.session.timeout.ms=45000 \
    share.heartbeat.interval.ms=45000 share.delivery.count.limit=0 \
    consumer.heartbeat.interval.ms=5000 share.partition.max.record.locks=9 \
    share.renew.acknowledge.enable=false errors.deadletterqueue.topic.name=x \
    streams.num.standby.replicas=1 share.assignment.interval.ms=1000 \
    share.record.lock.duration.ms=0 share.record.lock.duration.ms=x \
    share.record.lock.duration.ms=99999999999 share.auto.offset.reset=none \
    share.auto.offset.reset=by_duration:1h \
    share.auto.offset.reset=by_duration:P \
    share.auto.offset.reset=by_duration:PT1D; do
    run -0 alter g share.auto.offset.reset=latest "$bad"
    [[ $output == "40 "*"${bad%%=*}"* ]]
  done
  run -0 alter g share.session.timeout.ms=5000
  [[ $output == "40 share.heartbeat.interval.ms: 5000 is not less than "* ]]
  diff <(describe g) <(echo "$defaults")
  [ "$(alter g share.isolation.level=read_uncommitted)" = '0 ' ]
  run -0 alter 'no/group' share.auto.offset.reset=latest
  [[ $output == '42 '* ]]
  [ "$(ask try g share.auto.offset.reset=latest)" = '0 ' ]
  diff <(describe g) <(echo "$defaults")
}

@test "AlterConfigs takes back what it does not name" {
  alter g share.record.lock.duration.ms=20000
  [ "$(ask replace g share.auto.offset.reset=by_duration:P1DT1H0.5S)" = '0 ' ]
  run -0 describe g
  [ "${lines[2]}" = 'share.auto.offset.reset by_duration:PT90000.500S 8' ]
  [ "${lines[6]}" = 'share.record.lock.duration.ms 30000 5' ]
}

@test "a lease lasts as its group has it, here and over the network" {
  mq-put -m x t
  [ "$(mq-get -g g -c 1 --ack=manual --lease 1ms --max-attempts 99 t)" = x ]
  alter g share.record.lock.duration.ms=200
  # Half a minute, as the topic has it, would be too long for the next.
  for where in '' "-b $broker" '' "-b $broker"; do
    patience=10 wait_until mq-get $where -g g -c 1 --ack=manual \
      --max-attempts 99 t
  done
  receipt=$(mq-get -g g -c 1 --ack=manual -f '%r' -w 10s --max-attempts 99 t)
  # A renewal without a time is as long, too.
  mq-ack --renew "$receipt"
  patience=10 wait_until mq-get -g g -c 1 --ack=manual --max-attempts 99 t
  # What a member says itself goes first.
  mq-put -m y u
  [ "$(mq-get -g g --ack=manual --lease 1h u)" = y ]
  alter g share.record.lock.duration.ms=1
  run -1 mq-get -g g -w 300ms --lease 1h u
}

@test "living members follow a lease that is changed" {
  mq-topic create -X mq.lease=1h t
  mq-put -m x t
  in_background member mq-get -F -g g --ack=manual -f '%v\n' \
    --max-attempts 99 t
  wait_until has_lines member.out 1
  alter g share.record.lock.duration.ms=100
  # What comes more often than it was put had a short lease.
  wait_until eval 'mq-put -m y t
    [ "$(grep -c y member.out)" -gt "$(mq-get t | grep -c y)" ]'
  kill "$background"
}

@test "a group begins where its setting says, here and over the network" {
  for group in here there; do
    mq-put --timestamp -2h -m old "$group"
    mq-put --timestamp -1m -m new "$group"
    alter "latest-$group" share.auto.offset.reset=latest
    alter "hour-$group" share.auto.offset.reset=by_duration:PT1H
  done
  run -1 mq-get -g latest-here here
  run -1 mq-get -b "$broker" -g latest-there there
  [ "$(mq-get -g hour-here here)" = new ]
  [ "$(mq-get -b "$broker" -g hour-there there)" = new ]
  mq-put -m next here
  [ "$(mq-get -g latest-here here)" = next ]
  # Whoever says it goes first.
  alter end share.auto.offset.reset=latest
  [ "$(mq-get -g end -o 0 here | head -n 1)" = old ]
  # Deleting the group is the end of its settings.
  mq-group delete --yes end
  [ "$(describe end)" = "$defaults" ]
}

@test "members are to be heard of as often as their group has it, and are out when they are not" {
  mq-topic create t
  [ "$(alter g share.session.timeout.ms=1500 share.heartbeat.interval.ms=200)" = '0 ' ]
  in_background living mq-get -b "$broker" -F -g g t
  in_background mute mq-get -b "$broker" -F -g g t
  wait_until eval '[ "$(remotely mq-group show -v -j g | grep -c \"member\")" -eq 2 ]'
  crash "$background"
  patience=10 wait_until grep -q 'is silent, and out' serve.err
  # As long again: nobody else.
  : >serve.err
  mq-put -m x t
  wait_until has_lines living.out 1
  mq-get -F -g other -c 1 t >/dev/null
  run -0 remotely mq-group show -v -j g
  echo "$output"; cat serve.err living.err
  [ "$(grep -c '"member"' <<<"$output")" -eq 1 ]
  run -1 grep 'is silent' serve.err
}

# attempt FILE OPTION...: a worker that fails, as often as it can: the attempts.
attempt() {
  for _ in 1 2 3 4 5 6 7; do
    mq-get "${@:2}" -w 100ms --backoff 1ms..1ms t -- \
      sh -c 'echo "$MQ_ATTEMPT" >>"$0"; exit 1' "$1" || true
  done
}

@test "a message is delivered as often as its group has it, here and over the network" {
  mq-put -m x t
  alter here share.delivery.count.limit=2
  alter there share.delivery.count.limit=2
  attempt here -g here
  attempt there -g there -b "$broker"
  attempt other -g other
  [ "$(tr '\n' ' ' <here)" = '1 2 ' ]
  [ "$(tr '\n' ' ' <there)" = '1 2 ' ]
  [ "$(tr '\n' ' ' <other)" = '1 2 3 4 5 ' ]
  # What a member says itself goes first.
  mq-put -m y t
  attempt more -g there -b "$broker" --max-attempts 3
  [ "$(tr '\n' ' ' <more)" = '1 2 3 ' ]
}

@test "mq-group alters what admin clients see, here and over the network" {
  for where in '' "-b $broker"; do
    # shellcheck disable=SC2086
    mq-group alter $where -X share.auto.offset.reset=latest \
      -X share.delivery.count.limit=3 g
    run -0 describe g
    [ "${lines[2]}" = 'share.auto.offset.reset latest 8' ]
    [ "${lines[3]}" = 'share.delivery.count.limit 3 8' ]
    diff <(mq-group show -v -j g) <(remotely mq-group show -v -j g)
    # What cannot be changes nothing, nor does a dry run.
    for bad in share.delivery.count.limit=0 consumer.session.timeout.ms=1 \
      share.session.timeout.ms=2000 mq.sync=never; do
      # shellcheck disable=SC2086
      run -78 --separate-stderr mq-group alter $where \
        -X share.auto.offset.reset=earliest -X "$bad" g
      assert_stderr "${bad%=*}"
    done
    # shellcheck disable=SC2086
    mq-group alter $where -n -X share.auto.offset.reset=earliest g
    # shellcheck disable=SC2086
    run -78 mq-group alter $where -n -X share.delivery.count.limit=0 g
    # shellcheck disable=SC2086
    run -64 mq-group alter $where g
    # shellcheck disable=SC2086
    run -64 mq-group alter $where -X share.auto.offset.reset=latest 'no/group'
    mq-group show -v g | grep 'share.auto.offset.reset *latest'
    # shellcheck disable=SC2086
    mq-group alter $where -X share.auto.offset.reset= g
    run -1 grep reset <(mq-group show -v g)
    # shellcheck disable=SC2086
    mq-group alter $where -X share.delivery.count.limit= g
    [ "$(describe g)" = "$defaults" ]
  done
}
