#!/usr/bin/env bats
# Promise: kafka-python, another client not written by us, works with a spool.

load helper

setup() {
  /usr/bin/python3 -c 'import kafka' 2>/dev/null || skip "no kafka-python here"
  fresh_spool
  serve
}

client() {
  timeout 30 "$repository/t/conformance/kafka-python/client" - "$broker" "$@"
}

# Runs Python with `admin`, a connected admin client.
ask() {
  timeout 30 /usr/bin/python3 -c "
import sys
from kafka import admin as kafka_admin
admin = kafka_admin.KafkaAdminClient(bootstrap_servers=sys.argv[1])
$(cat)" "$broker"
}

@test "what it produces has keys and headers, and it consumes what mq-put stores" {
  mq-topic create t
  client produce t gzip 2
  mq-put -k k3 -H n=3 -m v3 t
  run mq-get --json -c 1 t
  [[ "$output" == *'"key":"k1"'*'"n"'*'"1"'*'"value":"v1"'* ]]
  client consume t 3 | sort | diff - <(printf 'k%d v%d %d\n' 1 1 1 2 2 2 3 3 3)
}

@test "topics are made, grown, altered, described in plain numbers, and deleted" {
  client admin t >out
  diff out - <<'END'
created
partitions 2
retention.ms 3600000
partitions 4
retention.ms 7200000
segment.bytes 1073741824
deleted
END
}

@test "no limit is -1, as Kafka says it" {
  mq-topic create t
  run -0 ask <<'END'
t = kafka_admin.ConfigResource(kafka_admin.ConfigResourceType.TOPIC, "t")
found = {entry[0]: entry[1]
         for entry in admin.describe_configs([t])[0].resources[0][4]}
print(found["retention.ms"], found["retention.bytes"])
END
  assert_output "-1 -1"
}

@test "settings that only Kafka has are taken if they change nothing, else refused" {
  run -0 ask <<'END'
def create(name, **configs):
    configs = {key.replace("_", "."): value for key, value in configs.items()}
    try:
        admin.create_topics([kafka_admin.NewTopic(name, 1, 1,
                                                  topic_configs=configs)])
        print("taken")
    except Exception as error:
        print(type(error).__name__)
create("a", delete_retention_ms="900", compression_type="producer")
create("b", cleanup_policy="compact")
create("c", no_such_key="1")
END
  assert_output $'taken\nInvalidConfigurationError\nInvalidConfigurationError'
}

@test "asking for a topic makes it, unless the spool does not allow" {
  client produce made none 1
  [ "$(count_of made)" -eq 1 ]
  echo 'auto.create.topics: false' >"$MQ_SPOOL/mq.yaml"
  crash "$server"
  serve
  run client produce missing none 1
  [ "$status" -ne 0 ]
  [ "$(mq-topic list)" = made ]
}

@test "a spool keeps its cluster id, and another one has another" {
  id_of() { ask <<<'print(admin.describe_cluster()["cluster_id"])'; }
  first=$(id_of)
  crash "$server"
  serve
  [ "$(id_of)" = "$first" ]
  crash "$server"
  MQ_SPOOL=$PWD/other serve
  [ "$(id_of)" != "$first" ]
}

@test "a group goes on where it was, and tells who is in it and from where" {
  mq-topic create -p 2 t
  seq 10 | sed 's/^/v/' | mq-put t
  in_background first "$repository/t/conformance/kafka-python/client" - "$broker" group t g
  wait_until has_lines first.out 11
  run -0 ask <<'END'
group = admin.describe_consumer_groups(["g"])[0]
print(group.state, len(group.members), group.members[0].client_host)
END
  assert_output "Stable 1 /127.0.0.1"
  kill "$background"
  wait "$background" || true
  seq 11 20 | sed 's/^/v/' | mq-put t
  in_background second "$repository/t/conformance/kafka-python/client" - "$broker" group t g
  wait_until has_lines second.out 11
  diff <(grep ^v second.out | sort) <(seq 11 20 | sed 's/^/v/' | sort)
}

@test "a time finds the first message at or after it" {
  mq-topic create t
  printf '%s\n' a b | mq-put t
  [ "$(client since t 1000)" -eq 0 ]
  [ "$(client since t 99999999999999)" -eq -1 ]
}
