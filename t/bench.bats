# mq-bench: measures a spool, and counts what is lost, doubled or reordered.
load helper

# A member of the last line, which is JSON.
member() {
  tail -n 1 <<<"$output" | sed -n "s/.*\"$1\":\([-0-9.a-z\"]*\).*/\1/p"
}

assert_verified() {
  [ "$(member lost)" = 0 ]
  [ "$(member duplicated)" = 0 ]
  [ "$(member reordered)" = 0 ]
}

@test "the last line is JSON with rate and times" {
  for what in put get work e2e; do
    run -0 --separate-stderr mq-bench "$what" -c 50
    [[ $(member messages_per_second) =~ ^[0-9]+\.[0-9]$ ]]
    [[ $(member p50_us) =~ ^[0-9]+$ ]]
    [[ $(member p99_us) =~ ^[0-9]+$ ]]
    [ "$(member messages)" = 50 ]
  done
}

@test "--json prints that line only" {
  run -0 --separate-stderr mq-bench put -c 10 --json
  [ "${#lines[@]}" -eq 1 ]
}

@test "several producers lose, double and reorder nothing" {
  run -0 mq-bench put -c 2000 --producers 8 --batch 7 -p 3 --verify
  [ "$(member messages)" = 2000 ]
  assert_verified
}

@test "several consumers of a group settle each message once" {
  run -0 mq-bench work -c 2000 --consumers 8 --batch 5 -p 2 --verify
  [ "$(member messages)" = 2000 ]
  assert_verified
}

@test "each of several readers gets every message" {
  run -0 mq-bench get -c 2000 --consumers 4 --verify
  [ "$(member messages)" = 8000 ]
  assert_verified
}

@test "a blocked reader gets every message" {
  run -0 mq-bench e2e -c 50 --consumers 2 --verify
  [ "$(member messages)" = 100 ]
  assert_verified
}

@test "--duration ends a run, --rate slows it" {
  run -0 mq-bench put --duration 300ms --rate 100
  [ "$(member messages)" -le 40 ]
}

@test "a topic of its own is deleted, a named one stays" {
  run -0 mq-bench put -c 10 mine
  run -0 mq-bench put -c 10
  run mq-topic list
  assert_output mine
  [ "$(count_of mine)" -eq 10 ]
}

@test "a topic with messages is measured as it is, but not verified" {
  seq 100 | mq-put full
  run -0 mq-bench get full
  [ "$(member messages)" = 100 ]
  run -64 mq-bench get --verify full
}

@test "an unknown measurement and impossible sizes are usage errors" {
  run -64 mq-bench nonsense
  run -64 mq-bench
  run -64 mq-bench put --batch 0
  run -64 mq-bench put -c 0
  run -64 mq-bench put --size 10 --verify
}
