# Topics are made, shown, changed and deleted; nothing of that surprises.
load helper

yaml_of() {
  echo "$MQ_SPOOL/topics/$1/topic.yaml"
}

@test "create makes the spool and the topic, silently" {
  run --separate-stderr mq-topic create -p 3 jobs
  [ "$status" -eq 0 ]
  [ -z "$output$stderr" ]
  grep -qxE 'id: [0-9a-f]{32}' "$(yaml_of jobs)"
  grep -qx 'partitions: 3' "$(yaml_of jobs)"
  [ -d "$(partition_of jobs 2)" ]
  [ ! -e "$(partition_of jobs 3)" ]
}

@test "a topic that is there is not made again: exit 73, unless --if-not-exists" {
  mq-topic create -p 2 jobs
  before=$(cat "$(yaml_of jobs)")
  run --separate-stderr mq-topic create jobs
  [ "$status" -eq 73 ]
  run --separate-stderr mq-topic create --if-not-exists -p 5 jobs
  [ "$status" -eq 0 ]
  [ "$(cat "$(yaml_of jobs)")" = "$before" ]
}

@test "list prints the names, one a line, sorted; -v and --json count" {
  mq-topic create zebra
  mq-topic create -p 2 apple
  mq-put -m x -p 1 apple
  run --separate-stderr mq-topic list
  assert_output $'apple\nzebra'
  run --separate-stderr mq-topic list -v
  [[ ${lines[1]} =~ ^apple\ +2\ +1\  ]]
  run --separate-stderr mq-topic list --json
  [[ ${lines[0]} == '{"topic":"apple","id":"'*'","partitions":2,"messages":1,'* ]]
  [ "${#lines[@]}" -eq 2 ]
}

@test "an empty spool lists nothing, a missing one is named" {
  run --separate-stderr mq-topic list
  [ "$status" -eq 66 ]
  assert_stderr "$MQ_SPOOL"
  mkdir -m 700 "$MQ_SPOOL"
  run --separate-stderr mq-topic list
  [ "$status" -eq 0 ]
  [ -z "$output$stderr" ]
  [ -z "$(ls -A "$MQ_SPOOL")" ]
}

@test "show prints every key with its value, and the offsets of each partition" {
  mq-topic create -p 2 -X mq.sync=interval:50ms -X segment.bytes=64K jobs
  mq-put -p 1 -m one -m two jobs
  run --separate-stderr mq-topic show jobs
  [ "$status" -eq 0 ]
  for line in 'topic: jobs' 'partitions: 2' 'mq.sync: interval:50ms' \
    'segment.bytes: 64K' 'mq.lease: 30s' 'retention.ms: inf'; do
    [[ $'\n'$output$'\n' == *$'\n'"$line"$'\n'* ]]
  done
  [[ ${lines[-1]} =~ ^\ +1\ +0\ +2\ +2\  ]]
  run --separate-stderr mq-topic show --json jobs
  [[ $output == *'"mq.sync":"interval:50ms"'*'{"partition":1,"start":0,"end":2,'* ]]
}

@test "alter changes keys and adds partitions; who follows the topic sees them" {
  mq-topic create jobs
  in_background follow mq-get -F jobs
  wait_until is_asleep "$background"
  mq-topic alter -p 4 -X mq.lease=2m jobs
  grep -qx 'mq.lease: 2m' "$(yaml_of jobs)"
  mq-put -p 3 -m new jobs
  wait_until grep -qx new follow.out
}

@test "partitions never get fewer: exit 78" {
  mq-topic create -p 3 jobs
  run --separate-stderr mq-topic alter -p 2 jobs
  [ "$status" -eq 78 ]
  grep -qx 'partitions: 3' "$(yaml_of jobs)"
}

@test "a bad key or value is refused with what is allowed: exit 78" {
  for bad in colour=red mq.sync=sometimes partitions=0 segment.bytes=1 \
    compression.type=lzma mq.lease=soon; do
    run --separate-stderr mq-topic create -X "$bad" jobs
    [ "$status" -eq 78 ]
    assert_stderr "${bad%%=*}"
    [ ! -e "$MQ_SPOOL/topics/jobs" ]
  done
  run --separate-stderr mq-topic create -X nothing jobs
  [ "$status" -eq 64 ]
}

@test "a topic's dead letters cannot be its own messages: exit 78" {
  run -78 --separate-stderr mq-topic create -X mq.dlq=t t
  assert_stderr "topic t: mq.dlq names the topic itself"
  mq-topic create t
  run -78 --separate-stderr mq-topic alter -X mq.dlq=t t
  assert_stderr "topic t: mq.dlq names the topic itself"
  mq-topic alter -X mq.dlq=other t
}

@test "a topic with a bad topic.yaml is named, the others are listed: exit 78" {
  for topic in a b c; do mq-put -m 1 $topic; done
  echo 'partitions: many' >"$MQ_SPOOL/topics/b/topic.yaml"
  run -78 --separate-stderr mq-topic list -v
  assert_stderr "topics/b/topic.yaml"
  [[ ${lines[1]} == a\ * && ${lines[2]} == c\ * && ${#lines[@]} -eq 3 ]]
  run -78 --separate-stderr mq-topic list --json
  [ "${#lines[@]}" -eq 2 ]
  run -78 --separate-stderr mq-stat
  assert_stderr "topics/b/topic.yaml"
  [[ ${lines[1]} == a\ * && ${lines[2]} == c\ * && ${#lines[@]} -eq 3 ]]
  run -78 --separate-stderr mq-stat b
}

@test "names that are no names are refused: exit 64" {
  long=$(printf '%300s' | tr ' ' x)
  for name in a/b .. . '' "$long" 'a b' $'a\nb' ä; do
    run --separate-stderr mq-topic create -- "$name"
    [ "$status" -eq 64 ]
    run --separate-stderr mq-topic show -- "$name"
    [ "$status" -ne 0 ]
  done
  mq-topic create "${long:0:249}"
  mq-put -m x "${long:0:249}"
  [ "$(mq-get "${long:0:249}")" = x ]
}

@test "delete without --yes says what would go, and nothing goes" {
  mq-topic create -p 2 jobs
  mq-put -m one jobs
  run --separate-stderr mq-topic delete jobs
  [ "$status" -eq 0 ]
  [[ $output == 'would delete jobs: partitions 2, messages 1, bytes '* ]]
  [ "$(mq-get jobs)" = one ]
  run --separate-stderr mq-topic delete -n --yes jobs
  [ "$(mq-get jobs)" = one ]
}

@test "delete --yes removes the topic and all its files" {
  mq-topic create jobs
  mq-put -m one jobs
  run --separate-stderr mq-topic delete --yes jobs
  [ "$status" -eq 0 ]
  [ -z "$output$stderr" ]
  [ -z "$(ls -A "$MQ_SPOOL/topics")" ]
  run --separate-stderr mq-topic delete --yes jobs
  [ "$status" -eq 66 ]
  run --separate-stderr mq-get jobs
  [ "$status" -eq 66 ]
}

@test "dry runs of create and alter say what they would write, and write nothing" {
  mq-topic create jobs
  before=$(cat "$(yaml_of jobs)")
  run --separate-stderr mq-topic alter -n -p 2 -X mq.lease=1m jobs
  assert_output 'would alter jobs: partitions=2 mq.lease=1m'
  [ "$(cat "$(yaml_of jobs)")" = "$before" ]
  run --separate-stderr mq-topic create -n -X mq.sync=never other
  assert_output 'would create other: mq.sync=never partitions=1'
  [ ! -e "$MQ_SPOOL/topics/other" ]
}

@test "several topics are made, shown and deleted by one call" {
  mq-topic create a b c
  mq-topic delete --yes a b
  run mq-topic list
  assert_output c
}

@test "a subcommand that is none, or a missing operand: exit 64" {
  for arguments in '' bogus create show 'list x'; do
    run --separate-stderr mq-topic $arguments
    [ "$status" -eq 64 ]
    [ -z "$output" ]
  done
}

@test "a damaged topic.yaml is refused with file and line: exit 78" {
  mq-topic create jobs
  echo 'colour: red' >>"$(yaml_of jobs)"
  run --separate-stderr mq-topic show jobs
  [ "$status" -eq 78 ]
  assert_stderr "$(yaml_of jobs):4: "
  run --separate-stderr mq-put -m x jobs
  [ "$status" -eq 78 ]
  assert_stderr "$(yaml_of jobs):4: "
  head -c 50 /dev/urandom >"$(yaml_of jobs)"
  run --separate-stderr mq-get jobs
  [ "$status" -eq 78 ]
  assert_stderr "$(yaml_of jobs):"
}

@test "who follows a topic that is deleted ends, and says so" {
  echo first | mq-put jobs
  in_background follow mq-get -F jobs
  wait_until has_lines follow.out 1
  wait_until is_asleep "$background"
  mq-topic delete --yes jobs
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 66 ]
  grep -q 'deleted' follow.err
}

test_has_first() {
  [ "$(mq-get jobs)" = first ]
}

@test "a producer that holds a deleted topic claims nothing stored" {
  mq-topic create jobs
  mkfifo pipe
  exec 5<>pipe
  in_background put sh -c 'exec mq-put --batch 1 jobs <pipe 5>&-'
  echo first >&5
  wait_until test_has_first
  mq-topic delete --yes jobs
  mq-topic create jobs
  echo second >&5
  exec 5>&-
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 66 ]
  [ -z "$(mq-get jobs)" ]
}

@test "a reader that holds a deleted topic never shows the new one's messages" {
  mq-topic create jobs
  mq-put -m old jobs
  in_background follow mq-get -F jobs
  wait_until grep -qx old follow.out
  kill -STOP "$background"
  mq-topic delete --yes jobs
  mq-topic create jobs
  mq-put -m new jobs
  kill -CONT "$background"
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 66 ]
  [ "$(cat follow.out)" = old ]
}

@test "topics are listed without being opened, a thousand of them" {
  mq-topic create t{1..1000}
  run mq-topic list
  [ "${#lines[@]}" -eq 1000 ]
  skip_without strace
  strace -f -e trace=open,openat,openat2 -o trace mq-topic list >/dev/null
  ! grep -q topic.yaml trace
}

@test "leases and positions of a deleted topic do not reach the one made after it" {
  mq-put -m old -m older jobs
  receipt=$(mq-get -g g --ack=manual -c1 -f '%r\n' jobs)
  in_background consume mq-get -g g -F jobs
  wait_until grep -qx older consume.out
  mq-topic delete --yes jobs
  mq-put -m new jobs
  status=0
  wait "$background" || status=$?
  [ "$status" -eq 66 ]
  run --separate-stderr mq-ack "$receipt"
  [ "$status" -eq 1 ]
  run --separate-stderr mq-get -g g jobs
  assert_output new
}

@test "a doorbell cut, filled with garbage or deleted delays who waits, no more" {
  mq-put -m 1 jobs
  in_background follow mq-get -F jobs
  follower=$background
  in_background consume mq-get -g g -F jobs
  wait_until grep -qx 1 follow.out
  wait_until grep -qx 1 consume.out
  doorbell=$MQ_SPOOL/topics/jobs/doorbell
  truncate -s 0 "$doorbell"
  mq-put -m 2 jobs
  wait_until grep -qx 2 follow.out
  wait_until grep -qx 2 consume.out
  head -c 4096 /dev/urandom >"$doorbell"
  mq-put -m 3 jobs
  wait_until grep -qx 3 follow.out
  wait_until grep -qx 3 consume.out
  rm "$doorbell"
  mq-put -m 4 jobs
  wait_until grep -qx 4 follow.out
  wait_until grep -qx 4 consume.out
  rm "$doorbell"
  kill -0 "$follower" "$background"
}

@test "what must sync waits for a lock, also where the control page is gone" {
  mq-topic create -X mq.sync=never t
  mq-put -m a t
  rm "$(partition_of t)/control"
  mkfifo held
  flock "$(partition_of t)" sh -c 'echo >held; exec sleep 0.6' 3>&- &
  read -r <held
  run -0 mq-topic alter -X mq.sync=always t
  wait
}
