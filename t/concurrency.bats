#!/usr/bin/env bats
# Promise: any number of tools at once share a topic safely and fairly.

load helper

@test "50 processes of mixed tools at once lose and double nothing and never see a locked database" {
  mq-topic create t -p 3
  out="$BATS_TEST_TMPDIR/out"
  mkdir "$out"
  for n in $(seq 20); do
    seq -f "p$n.%g" 500 | mq-put t 2>>"$out/err" 3>&- &
    pids+=("$!")
  done
  for n in $(seq 20); do
    mq-get -g g -w 5s -c 400 t >"$out/get.$n" 2>>"$out/err" 3>&- &
    pids+=("$!")
  done
  for n in $(seq 4); do
    (for _ in $(seq 10); do mq-stat --json t || echo "mq-stat failed: $?" >&2; done) >/dev/null 2>>"$out/err" 3>&- &
    pids+=("$!")
    (for _ in $(seq 10); do mq-topic show t || echo "mq-topic failed: $?" >&2; done) >/dev/null 2>>"$out/err" 3>&- &
    pids+=("$!")
  done
  (for n in $(seq 5); do mq-topic create "other$n"; mq-put -m x "other$n"; done) 2>>"$out/err" 3>&- &
  pids+=("$!")
  (for n in $(seq 5); do mq-group list; done) >/dev/null 2>>"$out/err" 3>&- &
  pids+=("$!")
  wait "${pids[@]}"
  mq-get -g g t >"$out/get.rest" 2>>"$out/err" || [ $? -eq 1 ]
  cat "$out/err"
  [ ! -s "$out/err" ]
  for n in $(seq 20); do seq -f "p$n.%g" 500; done | sort >"$out/want"
  cat "$out"/get.* | sort >"$out/have"
  cmp "$out/want" "$out/have"
  mq-fsck -n
}

@test "no consumer of a shared group starves beside nine others" {
  seq 3000 | mq-put t
  for n in $(seq 10); do
    in_background "worker$n" mq-get -F -g g t -- sh -c 'cat >/dev/null; echo x'
  done
  patience=100 wait_until mq-stat --check 'lag=0' -g g t
  [ "$(cat worker*.out | wc -l)" -eq 3000 ]
  for n in $(seq 10); do
    has_lines "worker$n.out" 100
  done
}

@test "order within a partition holds for each producer under 8 concurrent producers" {
  for n in $(seq 8); do
    seq -f "$n %g" 2000 | mq-put -K ' ' t 3>&- &
    pids+=("$!")
  done
  wait "${pids[@]}"
  mq-get -f '%k %v\n' t | awk '{ if ($2 <= last[$1]) { print "disorder:", $0; exit 1 } last[$1] = $2; n++ } END { exit n != 16000 }'
}

@test "who looks while the index is being made sees no groups, and no error" {
  for i in $(seq 20); do
    export MQ_SPOOL=$BATS_TEST_TMPDIR/spool-$i
    mq-put -m x jobs
    mq-get -g g jobs >/dev/null 3>&- &
    pids=($!)
    for tool in mq-stat 'mq-group list' mq-stat 'mq-group list'; do
      $tool >/dev/null 3>&- &
      pids+=($!)
    done
    for pid in "${pids[@]}"; do
      wait "$pid"
    done
  done
}

@test "a check finds nothing wrong with topics that are made and deleted meanwhile" {
  mq-topic create t
  in_background churn bash -c \
    'while :; do mq-topic delete --yes t; mq-topic create -p 3 t; done'
  for _ in $(seq 20); do
    run -0 mq-fsck -n
    run -0 mq-fsck -y
  done
}
