#!/usr/bin/env bats
# mq-ack: settles by receipts, loudly if they are no longer good.
load helper

# Leases the next message of jobs by hand; prints its receipt.
lease() {
  mq-get -g g --ack=manual -c1 -f '%r' "$@" jobs
}

@test "--accept is the default: the message never comes back" {
  mq-put -m a jobs
  r=$(lease)
  run -0 mq-ack "$r"
  assert_output ''
  run -1 mq-get -g g jobs
}

@test "--release gives a message back after its back-off" {
  mq-put -m a jobs
  r=$(lease --backoff 50ms..50ms)
  mq-ack --release=0 "$r"
  run -0 mq-get -g g --ack=manual -f '%a %v' jobs
  assert_output '2 a'
}

@test "--release=DUR gives it back then, not before" {
  mq-put -m a jobs
  r=$(lease)
  mq-ack --release=1h "$r"
  run -1 mq-get -g g jobs
}

@test "--release beyond the last attempt makes a dead letter" {
  mq-topic create -X mq.max-attempts=2 jobs
  mq-put -m a jobs
  mq-ack --release=0 "$(lease)"
  mq-ack --release=0 "$(lease)"
  run -1 mq-get -g g jobs
  run -0 mq-get jobs.dead
  assert_output a
}

@test "--reject makes a dead letter with its reason" {
  mq-put -m a jobs
  mq-ack --reject='cannot be parsed' "$(lease)"
  run -1 mq-get -g g jobs
  run -0 mq-get -f '%h\n%v\n' jobs.dead
  [[ $output == *'cannot be parsed'* ]]
  [[ $output == *$'\na' ]]
}

@test "--renew holds a message longer" {
  mq-put -m a jobs
  r=$(lease --lease 400ms)
  mq-ack --renew=1h "$r"
  run -1 mq-get -g g -w 700ms jobs
  mq-ack "$r"
}

@test "a late receipt fails loudly and changes nothing" {
  mq-put -m a jobs
  late=$(lease --lease 10ms)
  now=$(lease -w 10s)
  [ "$late" != "$now" ]
  for action in --accept --release --reject --renew; do
    run -1 --separate-stderr mq-ack "$action" "$late"
    assert_stderr 'jobs:0:0: the lease of group g is lost'
  done
  run -0 mq-ack "$now"
}

@test "many receipts are one call; each lost one is named" {
  seq 5 | mq-put jobs
  mq-get -g g --ack=manual -f '%r\n' jobs >receipts
  mq-ack "$(sed -n 2p receipts)"
  run -1 --separate-stderr mq-ack - <receipts
  assert_stderr 'jobs:0:1'
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
  run -1 mq-get -g g jobs
}

@test "receipts of different topics and groups go together" {
  mq-put -m a jobs
  mq-put -m b other
  one=$(lease)
  two=$(mq-get -g h --ack=manual -f '%r' other)
  run -0 mq-ack "$one" "$two"
  run -1 mq-get -g g jobs
  run -1 mq-get -g h other
}

@test "a bad receipt is a usage error, on stdin bad data" {
  mq-put -m a jobs
  for receipt in x jobs jobs:0:0 jobs:0:0:g jobs:0:0:g:zz ../x:0:0:g:1 \
    jobs:-1:0:g:1 jobs:0:5-4:g:1; do
    run -64 --separate-stderr mq-ack "$receipt"
  done
  run -65 --separate-stderr mq-ack - <<<'not a receipt'
  assert_stderr "'not a receipt': expected TOPIC:"
  run -64 --separate-stderr mq-ack
  assert_stderr 'which receipt?'
}

@test "a receipt of a topic or group that is gone is lost or missing" {
  mq-put -m a jobs
  run --separate-stderr mq-ack jobs:0:0:nobody:1
  [ "$status" -eq 1 ] || [ "$status" -eq 66 ]
  run --separate-stderr mq-ack nowhere:0:0:g:1
  [ "$status" -eq 1 ] || [ "$status" -eq 66 ]
}

@test "only one thing can be done to a receipt" {
  mq-put -m a jobs
  run -64 --separate-stderr mq-ack --accept --release "$(lease)"
  assert_stderr 'only one of'
}

@test "an empty list of receipts is no error" {
  mq-put -m a jobs
  run -0 mq-ack - </dev/null
}
